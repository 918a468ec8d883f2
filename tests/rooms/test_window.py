"""How many pieces are under way: what a line takes without a queue."""

from __future__ import annotations

import pytest

from rooms.window import MOST_AHEAD, QUEUE, Window

COUNT = 60


def through(*, takes: float) -> list[int]:
    """Send pieces over a line that takes one in so many seconds, and 10 ms to answer; return how
    many were under way each time."""
    window, ahead, answers = Window(), [], []
    sent, free, now = 0, 0.0, 0.0
    while sent < COUNT or answers:
        while sent < COUNT and window.has_place:
            window.sent(now)
            sent, free = sent + 1, max(free, now) + takes
            answers.append(free + 0.01)
        assert window.under_way == len(answers)
        ahead.append(len(answers))
        now = answers.pop(0)
        assert window.taken(now)
    return ahead


def test_one_goes_first_and_more_once_it_is_clear_that_the_line_takes_them() -> None:
    ahead = through(takes=0.0001)
    assert ahead[:3] == [1, 2, 2]
    assert max(ahead) == MOST_AHEAD


def test_fewer_go_while_what_is_sent_waits_in_a_queue() -> None:
    takes = 0.04  # what is sent ahead of this line waits before it, and so does our sound
    assert max(through(takes=takes)) * takes <= 2 * takes + QUEUE


@pytest.mark.parametrize("takes", [0.2, 0.5])
def test_a_slow_line_has_one_piece_at_a_time_or_two(takes: float) -> None:
    assert max(through(takes=takes)) == 2


def test_nothing_comes_back_for_what_was_not_sent() -> None:
    window = Window()
    assert not window.taken(1.0)
    window.sent(1.0)
    assert not window.has_place
    assert window.taken(1.5)
    assert not window.taken(1.5)
