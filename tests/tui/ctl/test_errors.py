from __future__ import annotations

import pytest

from tui.cli.exits import Exit, exit_for
from tui.ctl import errors


def test_what_a_call_says_becomes_an_error_with_the_same_exit_code() -> None:
    told = {"code": "action.not_in_room", "message": "not there yet", "hint": "wait"}
    error = errors.error_of(told)
    assert (error.code, error.message, error.hint) == tuple(told.values())
    assert exit_for(error.code) == Exit.ROOM
    assert errors.ControlError.code == "control"


@pytest.mark.parametrize(
    "told", [None, [], "x", {}, {"code": [], "message": "\x1b[2J", "hint": {}}, {"code": "\n"}]
)
def test_whatever_else_it_says_is_an_error_without_escape_sequences(told: object) -> None:
    error = errors.error_of(told)
    assert (error.code, error.message) == ("control", "the call could not do it")


def test_a_script_learns_from_the_exit_code_what_is_missing() -> None:
    codes = {
        errors.NoCallError: Exit.ROOM,
        errors.RequestError: Exit.USAGE,
        errors.WhichCallError: Exit.USAGE,
        errors.SilentCallError: Exit.TIMEOUT,
        errors.CodeChangedError: Exit.PERSON,
        errors.NoSocketError: Exit.PERSON,
    }
    assert {kind: exit_for(kind.code) for kind in codes} == codes
