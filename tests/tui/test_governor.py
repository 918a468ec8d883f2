"""A terminal is asked seldom, waited for only while it is known to answer, and never for ever."""

from __future__ import annotations

import pytest

from tui.governor import FIRST_PATIENCE, MOST_UNDERWAY, PATIENCE, SLACK, TRIES, Governor


@pytest.fixture
def known() -> Governor:
    """Return one for a terminal that answered after 0.1 seconds."""
    governor = Governor(asks=True)
    assert governor.ask(0.0)
    governor.answered(0.1)
    return governor


def test_a_terminal_at_hand_is_asked_nothing() -> None:
    governor = Governor(asks=False)
    assert not governor.ask(0.0)
    assert not governor.waits(10.0)


def underway(governor: Governor, now: float) -> int:
    """Draw and ask until it waits; return how many updates are underway."""
    while not governor.waits(now):
        assert governor.ask(now)
    return governor.unanswered


def test_more_is_underway_while_all_comes_through(known: Governor) -> None:
    counts = []
    for now in range(1, 10):
        counts.append(underway(known, now))
        for _ in range(counts[-1]):
            known.answered(now + 0.1)
    assert counts[0] == 2
    assert counts[-1] == MOST_UNDERWAY


def test_one_update_at_a_time_is_underway_on_a_link_that_is_too_slow(known: Governor) -> None:
    for now in range(1, 10):
        for _ in range(underway(known, now)):
            known.answered(now + 0.9)
    assert underway(known, 20) == 1


def test_what_takes_longer_than_the_way_is_waited_for(known: Governor) -> None:
    assert known.ask(1.0)
    assert not known.waits(1.0 + 0.1 + SLACK - 0.01)
    assert known.waits(1.0 + 0.1 + SLACK + 0.01)
    known.answered(1.4)
    assert not known.waits(1.4)


def test_a_long_way_alone_is_no_reason_to_wait() -> None:
    governor = Governor(asks=True)
    governor.ask(0.0)
    governor.answered(0.9)
    assert underway(governor, 1.0) == 2
    governor.answered(1.9)
    assert not governor.waits(1.9)


def test_a_lost_answer_is_not_waited_for_long(known: Governor) -> None:
    known.ask(1.0)
    assert known.waits(1.0 + PATIENCE - 0.01)
    assert not known.waits(1.0 + PATIENCE + 0.01)
    assert known.ask(1.0 + PATIENCE + 0.02)


def test_a_terminal_that_never_answers_is_left_alone_and_never_waited_for() -> None:
    governor = Governor(asks=True)
    now, asked = 0.0, 0
    while now < 10 * FIRST_PATIENCE:
        asked += governor.ask(now)
        assert not governor.waits(now)
        now += 0.01
    assert asked == TRIES
    assert governor.unanswered == 0


def test_an_answer_after_giving_up_counts() -> None:
    governor = Governor(asks=True)
    for number in range(TRIES + 1):
        governor.ask(number * 2 * FIRST_PATIENCE)
    governor.answered(9.0)
    assert governor.ask(9.0)


def test_answers_nobody_asked_for_say_nothing(known: Governor) -> None:
    known.answered(0.2)
    assert known.unanswered == 0
    known.ask(1.0)
    known.ask(1.0)
    assert known.waits(1.0)
    known.forget()
    assert known.unanswered == 0
    assert not known.waits(3.0)
