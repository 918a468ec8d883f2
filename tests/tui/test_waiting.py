from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.events import Knock
from tui.waiting import ASKED, Waiting

SETTLE = 0.4


@pytest.fixture
def waiting(knocker):
    waiting = Waiting(SETTLE)
    waiting.show([knocker(1, "Ada"), knocker(2, "Grace")], 100.0)
    return waiting


def names(knocks) -> list[str]:
    return [knock.name for knock in knocks]


def test_a_knock_that_appears_under_the_finger_is_not_answered(waiting, knocker) -> None:
    assert waiting.first(100.1) is None
    assert waiting.first(100.4).name == "Ada"
    waiting.show(waiting.knocks[1:], 101.0)
    assert waiting.first(101.1) is None
    waiting.show([*waiting.knocks, knocker(3, "Bob")], 101.3)
    assert waiting.first(101.4).name == "Grace"


def test_nobody_waits_and_nobody_is_answered() -> None:
    waiting = Waiting(SETTLE)
    assert waiting.first(5.0) is None
    assert waiting.press(5.0) == waiting.asked == ()


def test_it_knows_how_long_each_waits(waiting, knocker) -> None:
    waiting.show([*waiting.knocks, knocker(3, "Bob")], 160.0)
    assert [waiting.patience(knock, 165.0) for knock in waiting.knocks] == [65.0, 65.0, 5.0]


def test_all_are_let_in_once_that_was_asked_twice(waiting) -> None:
    assert waiting.press(101.0) == ()
    assert names(waiting.asked) == ["Ada", "Grace"]
    assert names(waiting.press(102.0)) == ["Ada", "Grace"]
    assert waiting.asked == ()


def test_attack_somebody_comes_between_the_two_presses(waiting, knocker) -> None:
    waiting.press(101.0)
    waiting.show([*waiting.knocks, knocker(3, "Mallory")], 101.5)
    assert names(waiting.press(103.0)) == ["Ada", "Grace"]


def test_attack_somebody_takes_the_number_of_one_who_was_asked_about(waiting) -> None:
    waiting.press(101.0)
    ada, grace = waiting.knocks
    mallory = msgspec.structs.replace(grace, name="Mallory", fingerprint="SHA256:M")
    waiting.show([ada, mallory], 101.5)
    assert waiting.patience(mallory, 101.5) == 0.0
    assert names(waiting.press(103.0)) == ["Ada"]


def test_who_came_that_moment_was_not_read_about(waiting, knocker) -> None:
    waiting.show([*waiting.knocks, knocker(3, "Mallory")], 100.9)
    waiting.press(101.0)
    assert names(waiting.asked) == ["Ada", "Grace"]


def test_a_changed_key_needs_a_look_of_its_own(knocker) -> None:
    waiting = Waiting(SETTLE)
    waiting.show([knocker(1, "Ada", "changed"), knocker(2, "Grace")], 0.0)
    waiting.press(1.0)
    assert names(waiting.press(2.0)) == ["Grace"]


def test_a_key_held_down_is_pressed_once(waiting) -> None:
    assert not any(waiting.press(101.0 + 0.03 * repeat) for repeat in range(200))


def test_the_second_press_must_come_soon(waiting) -> None:
    waiting.press(101.0)
    assert waiting.press(101.1 + ASKED) == ()
    waiting.expire(200.0)
    assert waiting.asked == ()


STEPS = st.lists(st.tuples(st.sampled_from(["come", "go", "press"]), st.floats(0.0, 3.0)))


@given(STEPS)
def test_nobody_is_let_in_who_came_after_the_first_press(steps) -> None:
    waiting, now, came = Waiting(SETTLE), 0.0, {}
    asked_at = 0.0
    for number, (step, later) in enumerate(steps):
        now += later
        match step:
            case "come":
                knock = Knock(knock=number, name="N", fingerprint="SHA256:N", key_state="new")
                came[number] = now
                waiting.show([*waiting.knocks, knock], now)
            case "go":
                waiting.show(waiting.knocks[1:], now)
            case "press":
                found = waiting.press(now)
                assert all(came[knock.knock] + SETTLE <= asked_at + 1e-9 for knock in found)
                assert all(knock in waiting.knocks for knock in found)
                if waiting.asked and not found:
                    asked_at = now
