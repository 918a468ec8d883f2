from __future__ import annotations

import pytest

from rooms import events
from rooms.ending import last_events
from rooms.errors import (
    RefusedError,
    RemovedError,
    RoomFullError,
    RoomLockedError,
    RoomMissingError,
    RoomsError,
    UnansweredError,
)


def test_whoever_leaves_by_themselves_is_told_so_and_no_code() -> None:
    left, ended = last_events(None)
    assert isinstance(left, events.Left)
    assert isinstance(ended, events.Ended)
    assert ended.code == ""


@pytest.mark.parametrize("kind", [RefusedError, RoomLockedError, RoomFullError, UnansweredError])
def test_whoever_is_not_let_in_is_told_why_before_the_end(kind: type[RoomsError]) -> None:
    error, refused, ended = last_events(kind("no", hint="ask"))
    assert isinstance(error, events.ErrorEvent)
    assert error.hint == "ask"
    assert isinstance(refused, events.Refused)
    assert isinstance(ended, events.Ended)
    assert {(e.reason, e.code) for e in (refused, ended)} == {("no", kind.code)}


@pytest.mark.parametrize("kind", [RemovedError, RoomMissingError])
def test_no_other_end_is_a_refusal(kind: type[RoomsError]) -> None:
    assert [type(event) for event in last_events(kind("no"))] == [events.ErrorEvent, events.Ended]
