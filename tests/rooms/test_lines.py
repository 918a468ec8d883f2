"""Which lines are known, and what of people's reactions to them is kept."""

from __future__ import annotations

import pytest

from rooms.lines import LINES_REMEMBERED, MAX_OWN_REACTIONS, MAX_REACTIONS, Lines

LINE = b"line one"
ADA, BOB = b"ada", b"bob"


@pytest.fixture
def lines() -> Lines:
    """One line, without any reaction."""
    lines = Lines()
    assert lines.add(LINE)
    return lines


def test_a_line_is_taken_once(lines: Lines) -> None:
    assert LINE in lines
    assert not lines.add(LINE)


def test_the_oldest_lines_are_forgotten(lines: Lines) -> None:
    for number in range(LINES_REMEMBERED):
        assert lines.add(number.to_bytes(8, "big"))
    assert LINE not in lines
    assert len(lines) == LINES_REMEMBERED


def test_a_reaction_counts_once_until_it_is_taken_back(lines: Lines) -> None:
    assert [lines.react(LINE, ADA, "👍", on=on) for on in (False, True, True, False, False)] == [
        False,
        True,
        False,
        True,
        False,
    ]


def test_many_react_alike(lines: Lines) -> None:
    assert lines.react(LINE, ADA, "👍", on=True)
    assert lines.react(LINE, BOB, "👍", on=True)
    assert lines.react(LINE, ADA, "👍", on=False)
    assert not lines.react(LINE, BOB, "👍", on=True)


def test_attack_a_reaction_to_a_line_nobody_has_seen(lines: Lines) -> None:
    assert not lines.react(b"unknown!", ADA, "👍", on=True)
    assert b"unknown!" not in lines


def test_attack_one_person_fills_all_places_of_a_line(lines: Lines) -> None:
    taken = [lines.react(LINE, ADA, f"{number}", on=True) for number in range(MAX_REACTIONS)]
    assert sum(taken) == MAX_OWN_REACTIONS
    assert not lines.has_place(LINE, ADA, "more")
    assert lines.has_place(LINE, ADA, "0")  # it is there
    assert lines.react(LINE, BOB, "👍", on=True)


def test_attack_many_people_make_a_line_of_endless_reactions(lines: Lines) -> None:
    taken = [lines.react(LINE, bytes([who]), f"{who}", on=True) for who in range(100)]
    assert sum(taken) == MAX_REACTIONS
    assert lines.react(LINE, ADA, "0", on=True)  # what others think, anybody can think, too
    assert lines.react(LINE, ADA, "0", on=False)
    assert lines.react(LINE, bytes([0]), "0", on=False)
    assert lines.react(LINE, ADA, "new", on=True)  # there is a place again
