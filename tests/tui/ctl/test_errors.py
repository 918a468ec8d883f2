from __future__ import annotations

import pytest

from tui.cli.exits import Exit, exit_for
from tui.ctl import errors


def test_what_a_call_says_becomes_the_same_error_again() -> None:
    told = {"code": "control.not_in_room", "message": "not there yet", "hint": "wait"}
    error = errors.error_of(told)
    assert isinstance(error, errors.NotInRoomError)
    assert (error.message, error.hint) == ("not there yet", "wait")


@pytest.mark.parametrize(
    "told", [None, [], "x", {}, {"code": [], "message": "\x1b[2J", "hint": {}}, {"code": "new"}]
)
def test_whatever_else_it_says_is_an_error_without_escape_sequences(told: object) -> None:
    error = errors.error_of(told)
    assert type(error) is errors.ControlError
    assert error.message == "the call could not do it"


def test_a_script_learns_from_the_exit_code_what_is_missing() -> None:
    codes = {
        errors.NoCallError: Exit.ROOM,
        errors.NotInRoomError: Exit.ROOM,
        errors.WhichCallError: Exit.USAGE,
        errors.SilentCallError: Exit.TIMEOUT,
        errors.CodeChangedError: Exit.PERSON,
        errors.NoSocketError: Exit.PERSON,
    }
    assert {kind: exit_for(kind.code) for kind in codes} == codes
