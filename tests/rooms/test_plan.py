"""What the next Commit is to do: edits of the room's state, one after the other."""

from __future__ import annotations

from msgspec.structs import replace

from rooms.errors import PolicyError
from rooms.plan import edited
from rooms.policy import MAX_STATE, Appointment, RoomState

STATE = RoomState(hosts=(b"host",))


def lock(state: RoomState) -> RoomState:
    return replace(state, locked=True)


def impossible(state: RoomState) -> RoomState:
    raise PolicyError("no")


def too_large(state: RoomState) -> RoomState:
    large = Appointment(bytes(1024), bytes(1024))
    return replace(state, cohosts=(large,) * (MAX_STATE // 2048 + 1))


def test_edits_are_made_one_after_the_other_and_those_that_cannot_be_left_out() -> None:
    state, made, failed = edited(STATE, [impossible, lock, too_large])
    assert state == lock(STATE)
    assert made == [lock]
    assert len(failed) == 2


def test_nothing_to_edit_changes_nothing() -> None:
    assert edited(STATE, []) == (STATE, [], [])
