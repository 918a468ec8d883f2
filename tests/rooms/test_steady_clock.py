"""A clock that goes on evenly when somebody sets the computer's."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rooms.steady_clock import LARGEST_STEP, SteadyClock

START = 1_800_000_000.0


def test_it_is_the_computers_clock_as_long_as_nobody_sets_that() -> None:
    clock = SteadyClock(START)
    times = [START, START + 10, START + 40]
    assert [clock.read(time) for time in times] == times
    assert clock.time == START + 40
    assert clock.wall(START + 50) == START + 50


def test_it_goes_on_when_the_clock_is_set() -> None:
    clock = SteadyClock(START)
    assert clock.read(START + 5) == START + 5
    assert clock.read(START - 3600) == START + 5
    assert clock.read(START - 3599) == START + 6
    assert clock.wall(START + 7) == START - 3598
    assert clock.read(START + 86400) == START + 6
    assert clock.read(START + 86401) == START + 7


@given(st.lists(st.floats(-1e5, 1e5), max_size=20))
def test_it_never_goes_back_nor_far_at_once(steps: list[float]) -> None:
    clock, now, last = SteadyClock(START), START, START
    for step in steps:
        now += step
        read = clock.read(now)
        assert -1e-3 <= read - last <= LARGEST_STEP + 1e-3
        assert abs(clock.wall(read) - now) < 1e-3
        last = read
