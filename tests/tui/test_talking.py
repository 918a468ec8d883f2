from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.talking import FIRST_GAP, LONGEST, NEXT_GAP, STALL, Talk, Tier

RATE = 1 / 30


def held(talk: Talk, start: float, seconds: float, delay: float = 0.5) -> float:
    """Hold the key as a terminal without release reports tells it; return the last repeat."""
    last = now = start
    talk.press(now)
    now += delay
    while now < start + seconds:
        quietly(talk, now)
        talk.press(now)
        last, now = now, now + RATE
    return last


def quietly(talk: Talk, now: float) -> None:
    """Let time pass until `now`."""
    while talk.next_tick is not None and talk.next_tick <= now:
        talk.tick(talk.next_tick)


def test_hold_opens_with_the_press_and_closes_with_the_release() -> None:
    talk = Talk("hold")
    talk.press(0.0)
    assert talk.open
    for step in range(20):
        talk.press(0.5 + step * RATE, again=True)
    assert talk.open
    talk.release(2.0)
    assert not talk.open
    assert talk.next_tick is None


def test_a_release_that_overtakes_its_press_leaves_nothing_open() -> None:
    talk = Talk("hold")
    talk.release(1.1)
    talk.press(1.0)
    assert not talk.open
    talk.press(1.2)
    assert talk.open


def test_hold_needs_no_repeats_to_stay_open() -> None:
    talk = Talk("hold")
    talk.press(0.0)
    quietly(talk, LONGEST - 1)
    assert talk.open


def test_repeats_keep_the_microphone_open_and_it_closes_soon_after_the_last() -> None:
    talk = Talk("repeat")
    last = held(talk, 10.0, 3.0)
    assert talk.open
    assert talk.next_tick == pytest.approx(last + NEXT_GAP)
    quietly(talk, last + NEXT_GAP)
    assert not talk.open


@pytest.mark.parametrize("delay", [0.225, 0.25, 0.5, 0.66])
def test_the_usual_delays_before_the_first_repeat_cut_nobody_off(delay: float) -> None:
    talk = Talk("repeat")
    talk.press(0.0)
    quietly(talk, delay)
    assert talk.open
    talk.press(delay)
    assert talk.open


def test_a_tap_where_only_repeats_are_told_closes_by_itself() -> None:
    talk = Talk("repeat")
    talk.press(0.0)
    quietly(talk, FIRST_GAP)
    assert not talk.open


def test_toggle_opens_and_closes() -> None:
    talk = Talk()
    talk.press(0.0)
    assert talk.open
    assert talk.next_tick is None
    talk.press(5.0)
    assert not talk.open


def test_the_first_release_report_proves_hold() -> None:
    talk = Talk("toggle")
    talk.press(0.0)
    talk.release(0.1)
    assert (talk.tier, talk.open) == ("hold", False)


@pytest.mark.parametrize("delay", [0.2, 0.5, 0.66])
def test_two_quick_repeats_prove_repeat(delay: float) -> None:
    talk = Talk("toggle")
    last = held(talk, 0.0, 2.0, delay)
    assert (talk.tier, talk.open) == ("repeat", True)
    quietly(talk, last + NEXT_GAP)
    assert not talk.open


def test_releases_that_stop_coming_are_noticed() -> None:
    """A multiplexer attached from another terminal."""
    talk = Talk("hold")
    last = held(talk, 0.0, 2.0)
    assert (talk.tier, talk.open) == ("repeat", True)
    quietly(talk, last + NEXT_GAP)
    assert not talk.open


def test_a_promise_of_releases_is_believed_at_once() -> None:
    talk = Talk()
    talk.reports_releases()
    assert (talk.tier, talk.label) == ("hold", "hold to talk")


# --- fail closed ---


@pytest.mark.parametrize("tier", ["hold", "repeat", "toggle"])
def test_stopped_while_held_the_same_hold_does_not_open_again(tier: Tier) -> None:
    talk = Talk(tier)
    talk.press(0.0)
    talk.stop()
    assert not talk.open
    for step in range(60):
        talk.press(0.5 + step * RATE, again=tier == "hold")
        assert not talk.open
    talk.press(10.0)
    assert talk.open


def test_a_release_after_a_stop_makes_the_next_press_a_new_one() -> None:
    talk = Talk("hold")
    talk.press(0.0)
    talk.stop()
    talk.release(0.05)
    talk.press(0.1)
    assert talk.open


def test_a_held_key_that_falls_silent_with_its_link_closes() -> None:
    talk = Talk("hold")
    talk.press(0.0)
    talk.press(0.5, again=True)
    quietly(talk, 0.5 + STALL)
    assert not talk.open
    talk.press(0.6 + STALL, again=True)  # the link comes back with what it held up
    assert not talk.open


@pytest.mark.parametrize("tier", ["hold", "repeat"])
def test_what_lies_on_the_keyboard_is_not_heard_for_ever(tier: Tier) -> None:
    talk = Talk(tier)
    talk.press(0.0)
    step = 0
    while talk.open and step < 20_000:
        step += 1
        talk.press(step * RATE, again=tier == "hold")
        quietly(talk, step * RATE)
    assert step * RATE == pytest.approx(LONGEST, abs=1)
    talk.press((step + 1) * RATE, again=tier == "hold")
    assert not talk.open


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["press", "again", "release", "stop"]),
        st.floats(0.001, 2.0, allow_nan=False),
    ),
    max_size=30,
)


@given(EVENTS, st.sampled_from(["hold", "repeat", "toggle"]))
def test_whatever_came_before_a_stop_closes_and_silence_closes_what_is_held(
    events: list[tuple[str, float]], tier: Tier
) -> None:
    talk, now = Talk(tier), 0.0
    for what, wait in events:
        now += wait
        quietly(talk, now)
        match what:
            case "press" | "again":
                talk.press(now, again=what == "again")
            case "release":
                talk.release(now)
                assert not talk.open
            case _:
                talk.stop()
                assert not talk.open
    if talk.tier != "toggle":
        quietly(talk, now + LONGEST)
        assert not talk.open
    talk.stop()
    assert not talk.open
    assert talk.next_tick is None


def test_a_press_that_came_with_the_release_opens_nothing() -> None:
    talk = Talk("hold")
    talk.press(1.0)
    talk.release(2.0)
    talk.press(2.0)
    assert not talk.open
