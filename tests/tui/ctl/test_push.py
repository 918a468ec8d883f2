from __future__ import annotations

import pytest

from tui.ctl.push import LIMIT, QUIET, Push
from tui.talking import LONGEST


@pytest.fixture
def push() -> Push:
    return Push()


def test_a_press_opens_and_a_release_closes(push: Push) -> None:
    push.press(10.0, 10.1)
    assert push.open
    push.release(11.0)
    assert (push.open, push.next_tick) == (False, None)
    push.press(12.0, 12.1)
    assert push.open


def test_a_press_that_comes_after_its_own_release_opens_nothing(push: Push) -> None:
    """A key is tapped, and the process of the release gets through first."""
    push.release(10.08)
    push.press(10.0, 10.2)
    assert not push.open
    push.press(10.08, 10.3)  # in the same tick of the clock: closed rather than open
    assert not push.open


def test_repeats_from_before_the_release_do_not_reopen_it(push: Push) -> None:
    for at in (10.0, 10.5, 10.6):
        push.press(at, at + 0.1)
    push.release(10.7)
    push.press(10.65, 10.9)
    assert not push.open


def test_a_release_that_never_comes_closes_the_microphone_all_the_same(push: Push) -> None:
    push.press(10.0, 10.0)
    assert push.next_tick == 10.0 + LIMIT
    push.tick(10.0 + LIMIT - 1)
    assert push.open
    push.tick(10.0 + LIMIT)
    assert not push.open


def test_repeats_keep_it_open_but_not_for_ever(push: Push) -> None:
    now = 10.0
    while now < 10.0 + LONGEST:
        push.press(now, now)
        push.tick(now)
        assert push.open
        now += QUIET / 2
    push.press(now, now)
    push.tick(now)
    assert not push.open
    for step in range(1, 9):  # something lies on the key
        push.press(now + step * QUIET / 2, now + step * QUIET / 2)
        assert not push.open
    push.press(now + 9 * QUIET, now + 9 * QUIET)
    assert push.open


def test_a_held_key_does_not_reopen_what_was_closed_by_something_else(push: Push) -> None:
    push.press(10.0, 10.0)
    push.stop()
    push.press(10.3, 10.3)
    push.press(10.9, 10.9)
    assert not push.open
    push.release(11.0)
    push.press(11.1, 11.1)
    assert push.open


def test_a_press_may_count_for_nothing_and_so_do_its_repeats(push: Push) -> None:
    push.stop(10.0)
    push.press(10.5, 10.5)
    assert not push.open
    push.press(10.5 + QUIET, 10.5 + QUIET)
    assert push.open
