"""Passcodes: made, shown, typed and stretched."""

from __future__ import annotations

import pytest

from e2ee.passcode import (
    Passcode,
    PasscodeError,
    completions,
    new_passcode,
    new_room_name,
    parse_passcode,
)
from e2ee.spake2 import ORDER
from e2ee.spoken_words import SPOKEN_WORDS

FOUR = ("banana", "acorn", "bicycle", "august")
CODE = Passcode(FOUR[0], FOUR[1:])


def test_a_new_passcode_reads_back() -> None:
    code = new_passcode(new_room_name())
    assert parse_passcode(code.to_text()) == code
    assert {code.room, *code.words} <= set(SPOKEN_WORDS)
    assert len({new_passcode("banana").words for _ in range(5)}) == 5


@pytest.mark.parametrize(
    "typed",
    [
        "banana-acorn-bicycle-august",
        "  Banana ACORN bicycle, august.\n",
        "banana--acorn_bicycle - august",
        "banan acor bicy augu",
    ],
)
def test_how_a_passcode_may_be_typed(typed: str) -> None:
    assert parse_passcode(typed) == parse_passcode(typed, "banana") == CODE


def test_the_room_need_not_be_typed_twice() -> None:
    assert parse_passcode("acorn bicycle august", "banana") == CODE


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "acorn",
        "a-b-c-d",
        "acorn bicycle august",
        "banana acorn bicycle augustus",
        "banana acorn bicycle august agree",
        "banana acorn bicycle \x1b[2J",
        "x" * 10_000,
    ],
)
def test_what_is_no_passcode_is_refused_without_being_repeated(typed: str) -> None:
    with pytest.raises(PasscodeError) as caught:
        parse_passcode(typed)
    said = caught.value.message + caught.value.hint
    assert not any(word in said for word in ("acorn", "bicycle", "august", "\x1b"))


def test_a_passcode_of_another_room_is_refused() -> None:
    with pytest.raises(PasscodeError):
        parse_passcode(CODE.to_text(), "acorn")


def test_completion() -> None:
    assert completions("banan") == ("banana",)
    assert completions("BA") == tuple(word for word in SPOKEN_WORDS if word.startswith("ba"))
    assert completions("zzz") == ()
    # Four letters are always enough: no two words share them.
    assert all(completions(word[:4]) == (word,) for word in SPOKEN_WORDS if len(word) >= 4)


def test_stretching_depends_on_every_word_and_fits_the_curve() -> None:
    codes = [CODE, Passcode("acorn", FOUR[1:]), Passcode("banana", FOUR[:3])]
    numbers = {code.stretch() for code in codes}
    assert len(numbers) == 3
    assert all(0 < number < ORDER for number in numbers)
    assert CODE.stretch() in numbers


def test_nothing_secret_is_shown() -> None:
    assert repr(CODE) == "Passcode(room='banana')"
