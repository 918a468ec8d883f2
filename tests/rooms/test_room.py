"""A room's books, and whom a Commit may name."""

from __future__ import annotations

import pytest

from rooms.limits import Allowance, Limits
from rooms.room import Connection, Room, may_commit, may_name
from rooms.states import State
from rooms.wire import CommitRejected, Joiner, OpenRoom, RoomOpened, SubmitCommit, WelcomeFor


def connection(number: int, state: State) -> Connection:
    return Connection(number, Allowance(Limits()), state)


@pytest.fixture
def room() -> Room:
    """A host (1), a member (2) and a knocker (3)."""
    made = Room(b"r" * 16)
    for number, state in enumerate((State.MEMBER, State.MEMBER, State.KNOCKING), start=1):
        someone = connection(10 * number, state)
        assert made.number(someone) == number
        (made.waiting if state is State.KNOCKING else made.members)[number] = someone
    return made


def test_numbers_are_given_once_and_known_to_the_connection(room) -> None:
    del room.waiting[3]
    late = connection(40, State.KNOCKING)
    assert room.number(late) == 4
    assert (late.room, late.participant) == (room, 4)


def test_doorkeepers_and_others(room) -> None:
    host, member = room.members.values()
    assert room.doorkeepers == [host]
    assert room.others(host) == [member]
    assert room.others(room.waiting[3]) == [host, member]


def test_doorkeepers_are_named_the_opener_always_among_them(room) -> None:
    host, member = room.members.values()
    assert room.name_doorkeepers(host, [2, 3, 77]) == [member]
    assert room.named == {1, 2, 3}  # 3 still knocks, and keeps the door from its Welcome on
    assert room.name_doorkeepers(member, [], [1, 2, 3]) == []
    assert room.named == {1, 2}  # nobody dismisses itself, or the opener
    room.name_doorkeepers(host, [], [2])
    assert room.doorkeepers == [host]


def test_doorkeepers_are_named_by_difference(room) -> None:
    host, _ = room.members.values()
    room.name_doorkeepers(host, [2])
    assert room.name_doorkeepers(host, [3]) == []
    assert room.named == {1, 2, 3}  # whoever names 3 may not know that 2 is one
    del room.waiting[3]
    room.name_doorkeepers(host, [])
    assert room.named == {1, 2}


def test_the_engine_knows_the_room_by_the_same_name_always(room) -> None:
    assert room.name == "72" * 16


WELCOME = WelcomeFor(b"w", [Joiner(3, 3)])


@pytest.mark.parametrize(
    ("commit", "allowed"),
    [
        (SubmitCommit(0, b"update"), True),
        (SubmitCommit(0, b"admit", WELCOME), True),
        (SubmitCommit(0, b"one who has left", WelcomeFor(b"w", [Joiner(9, 9)])), True),
        (SubmitCommit(0, b"remove", None, [2]), True),
        (SubmitCommit(0, b"hearsay", WELCOME, [1, 2, 2, 3, 9]), True),
        (SubmitCommit(0, b"twice", WelcomeFor(b"w", [Joiner(3, 3), Joiner(3, 4)])), False),
        (SubmitCommit(0, b"a member", WelcomeFor(b"w", [Joiner(2, 2)])), False),
        (SubmitCommit(0, b"itself", WelcomeFor(b"w", [Joiner(1, 1)])), False),
    ],
    ids=lambda value: value.commit.decode() if isinstance(value, SubmitCommit) else str(value),
)
def test_whom_a_host_may_name(room, commit, allowed) -> None:
    assert may_name(room, commit) is allowed


@pytest.mark.parametrize(
    ("commit", "kept", "alone"),
    [
        (SubmitCommit(0, b"update"), True, True),
        (SubmitCommit(0, b"admit", WELCOME), False, True),
        (SubmitCommit(0, b"as the member itself", WelcomeFor(b"w", [Joiner(3, 7)])), False, False),
        (SubmitCommit(0, b"remove", None, [1]), False, False),
    ],
    ids=lambda value: value.commit.decode() if isinstance(value, SubmitCommit) else str(value),
)
def test_what_a_member_may_commit(room, commit, kept, alone) -> None:
    host, member = room.members.values()
    member.leaf = 7
    assert may_commit(room, host, commit, 0.0)
    assert may_commit(room, member, commit, 0.0) is kept
    del room.members[1]
    assert room.listeners == [member]
    assert may_commit(room, member, commit, 0.0) is alone


def test_attack_a_host_admits_a_member_again(talk) -> None:
    talk.play(
        (">>", "host", OpenRoom(b"r" * 16)),
        ("<<", "host", RoomOpened(1)),
        (">>", "host", SubmitCommit(0, b"itself", WelcomeFor(b"w", [Joiner(1, 1)]))),
        ("<<", "host", CommitRejected(0)),
    )
