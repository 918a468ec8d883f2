from __future__ import annotations

import os

import pytest
from textual.renderables.digits import DIGITS3X3

from tui.ctl import spelling
from tui.ctl.spelling import code_in_words, comparison_in_words, standing

CODE = {
    "epoch": 4,
    "digits": ["01234", "56789", "11111", "22222", "33333", "44444"],
    "words": ["amber", "badge", "cabin", "dainty", "eager", "fabric", "gadget", "hammer", "ice"],
    "verified": 3,
    "since": 2,
}


def test_a_code_is_said_with_digits_words_and_what_is_verified() -> None:
    lines = code_in_words(CODE, large=False).splitlines()
    assert lines[0] == "verification code of epoch 4"
    assert lines[2:4] == ["  01234 56789 11111", "  22222 33333 44444"]
    assert lines[5] == "  amber  badge  cabin"
    assert "verified at epoch 3, 2 people since." in lines
    assert max(map(len, lines)) <= 90


@pytest.mark.parametrize(("columns", "rows"), [(60, 3), (59, 1)])
def test_a_terminal_that_is_wide_enough_gets_large_digits(
    columns: int, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.fileno", lambda: 1, raising=False)
    monkeypatch.setattr(os, "get_terminal_size", lambda fd: os.terminal_size((columns, 24)))
    text = code_in_words(CODE, large=True)
    assert ("╭─╮╶╮ ╶─╮╶─╮╷ ╷" in text) == (rows == 3)
    assert ("01234" in text) == (rows == 1)
    assert max(map(len, text.splitlines()[:9])) < 60


def test_a_terminal_that_cannot_spell_them_gets_plain_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    class Ascii:
        encoding = "ascii"

        def fileno(self) -> int:
            return 1

    monkeypatch.setattr("sys.stdout", Ascii())
    assert "01234" in code_in_words(CODE, large=True)


def test_large_digits_are_those_of_the_calls_own_screen() -> None:
    theirs = [row.rstrip() for row in DIGITS3X3]
    for digit in range(10):
        own = [row.ljust(3).rstrip() for row in spelling._large(str(digit))]
        assert own in [theirs[at : at + 3] for at in range(0, len(theirs), 3)]


@pytest.mark.parametrize(
    ("verified", "since", "said"),
    [
        (None, 0, "nobody is verified"),
        (7, 0, "verified at epoch 7"),
        (7, 1, "verified at epoch 7, 1 person since"),
        (7, 3, "verified at epoch 7, 3 people since"),
    ],
)
def test_what_is_verified_is_said_with_who_came_since(
    verified: int | None, since: int, said: str
) -> None:
    assert standing(verified, since) == said


def test_what_came_of_comparing_is_said() -> None:
    same = {"same": True, "verified": 4, "since": 0}
    assert comparison_in_words(same) == "Verified at epoch 4."
    assert "alone" in comparison_in_words({**same, "verified": None})
    differ = comparison_in_words({"same": False, "verified": None, "since": 0})
    assert differ.startswith("THE CODES DIFFER")
