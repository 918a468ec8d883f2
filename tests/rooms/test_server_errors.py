"""A server's errors in our words: known codes keep their kind, nothing of it is taken on trust."""

from __future__ import annotations

import pytest

from rooms import wire
from rooms.errors import (
    RoomFullError,
    RoomMissingError,
    RoomsError,
    UnansweredError,
    WireError,
)
from rooms.server_errors import error_of, expect


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("room.missing", RoomMissingError),
        ("room.full", RoomFullError),
        ("room.unanswered", UnansweredError),
        ("wire.state", WireError),
        ("wire", WireError),
        ("media.engine", RoomsError),
        ("", RoomsError),
    ],
)
def test_a_code_says_the_kind(code: str, kind: type[RoomsError]) -> None:
    error = error_of(wire.ServerError(code, "no"))
    assert type(error) is kind
    assert error.message == "no"


def test_what_a_person_can_do_is_hinted_at() -> None:
    assert "new link" in error_of(wire.ServerError("room.missing", "gone")).hint
    assert error_of(wire.ServerError("room.full", "full")).hint
    assert "version" in error_of(wire.ServerError("wire.malformed", "what?")).hint


def test_a_server_cannot_write_to_the_terminal() -> None:
    error = error_of(wire.ServerError("room.full", "\x1b[31mred"))
    assert "\x1b" not in error.message
    assert error_of(wire.ServerError("room.full", "\x1b")).message


def test_an_answer_of_the_kind_that_belongs_here_is_given_back() -> None:
    assert expect(wire.RoomCount, wire.RoomCount(3)).members == 3


def test_attack_an_answer_of_another_kind() -> None:
    with pytest.raises(WireError, match="does not belong here"):
        expect(wire.RoomCount, wire.RoomOpened(3))


def test_an_error_in_the_place_of_an_answer_keeps_its_kind() -> None:
    with pytest.raises(RoomFullError, match="no place"):
        expect(wire.RoomCount, wire.ServerError("room.full", "no place"))
