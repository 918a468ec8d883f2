"""Error codes are unique and stay: scripts and exit codes depend on them."""

from __future__ import annotations

import inspect

import pytest

from e2ee import errors
from e2ee.errors import Fault, KeysError, LinkError, MalformedError, SottovoceError

CODES = {
    "SottovoceError": "internal",
    "KeysError": "e2ee.refused",
    "MalformedError": "e2ee.malformed",
    "AuthenticationError": "e2ee.unauthentic",
    "ReplayError": "e2ee.replay",
    "UnknownKeyError": "e2ee.unknown_key",
    "InvalidError": "e2ee.invalid",
    "LinkError": "link.malformed",
}


def defined() -> dict[str, type[SottovoceError]]:
    """Every error class of the module."""
    classes = inspect.getmembers(errors, inspect.isclass)
    return {name: kind for name, kind in classes if issubclass(kind, SottovoceError)}


def test_codes_stay() -> None:
    codes = {name: kind.code for name, kind in defined().items()}
    assert CODES.items() <= codes.items()  # more may come, none may change or go


def test_codes_are_unique() -> None:
    codes = [kind.code for kind in defined().values()]
    assert len(set(codes)) == len(codes)


def test_refusals_of_hostile_input_are_all_the_peers_fault() -> None:
    keys = {kind for kind in defined().values() if issubclass(kind, KeysError)}
    assert keys == set(defined().values()) - {SottovoceError, LinkError}
    assert {kind.fault for kind in keys} == {Fault.PEER}
    assert not issubclass(LinkError, KeysError)
    assert LinkError.fault is Fault.PERSON


def test_an_error_carries_one_line_and_a_hint() -> None:
    error = MalformedError("a frame is too short", hint="ask again")
    assert (str(error), error.message, error.hint) == (
        "a frame is too short",
        "a frame is too short",
        "ask again",
    )
    assert MalformedError("x").hint == ""


def test_one_handler_catches_what_we_expect_and_nothing_else() -> None:
    with pytest.raises(SottovoceError):
        raise MalformedError("x")
    assert not issubclass(SottovoceError, (ValueError, OSError))


def test_words_about_a_path_that_is_no_text_are_text() -> None:
    error = SottovoceError("/music/\udcff cannot be written")
    assert error.message == str(error) == "/music/? cannot be written"
