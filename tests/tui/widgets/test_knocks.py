from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult

import tui.widgets.knocks as module
from rooms.events import Knock
from rooms.text import clean_name
from tui.waiting import Waiting
from tui.widgets.knocks import LISTED, AnswerKeys, KnockBanner, banner, patience

KEYS = AnswerKeys()
KNOCKS = st.lists(
    st.builds(
        Knock,
        knock=st.integers(0, 9_999),
        name=st.text(max_size=80).map(clean_name),
        fingerprint=st.just("SHA256:" + "x" * 43),
        key_state=st.sampled_from(["verified", "known", "new", "changed"]),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda knock: knock.knock,
)


class Shown(App[None]):
    def compose(self) -> ComposeResult:
        yield KnockBanner()


def lines(knocks, *, width: int = 100, listed: int = LISTED, presses: int = 0) -> list[str]:
    waiting = Waiting(0.0)
    waiting.show(knocks, 0.0)
    for press in range(presses):
        waiting.press(25.0 + press)
    return banner(waiting, 25.0, KEYS, width, listed).plain.split("\n")


def test_one_who_knocks_is_shown_with_key_and_time_and_what_to_press(knocker) -> None:
    assert lines([knocker(1, "[b]Ada[/b]", "changed")]) == [
        " [b]Ada[/b] wants to come in  KEY CHANGED since last time  waits 20 s",
        " SHA256:[b]Ada[/b]",
        " a admit  r refuse",
    ]


def test_several_are_a_list_with_numbers_the_oldest_first(knocker) -> None:
    everybody = [knocker(number, f"Number {number}") for number in range(7, 14)]
    assert lines(everybody) == [
        " #7 Number 7 wants to come in  key not seen before  waits 20 s",
        " SHA256:Number 7",
        " #8 Number 8  key not seen before  waits 20 s",
        " #9 Number 9  key not seen before  waits 20 s",
        " #10 Number 10  key not seen before  waits 20 s",
        " a admit #7  r refuse #7  A admit all 7  and 3 more",
    ]
    assert len(lines(everybody, listed=2)) == 4
    assert "and 5 more" in lines(everybody, listed=2)[-1]


def test_who_would_be_let_in_is_said_before_the_second_press(knocker) -> None:
    waiting = [knocker(1, "Ada"), knocker(2, "Grace"), knocker(3, "Bob", "changed")]
    assert lines(waiting, presses=1)[-1] == (
        " A again lets in Ada and Grace  not 1 whose key changed, or who just came"
    )
    assert "admit all 3" in lines(waiting, presses=2)[-1]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "just came"), (19.9, "waits 10 s"), (59.9, "waits 50 s"), (150, "waits 2 min")],
)
def test_the_time_is_said_roughly(seconds: float, said: str) -> None:
    assert patience(seconds) == said


@given(KNOCKS, st.integers(59, 200), st.integers(1, LISTED), st.integers(0, 1))
def test_whatever_they_are_called_the_lines_fit_and_say_what_matters(
    knocks, width: int, listed: int, presses: int
) -> None:
    waiting = Waiting(0.0)
    waiting.show(knocks, 0.0)
    if presses:
        waiting.press(1.0)
    drawn = banner(waiting, 1.0, KEYS, width, listed).split()
    assert len(drawn) == min(len(knocks), listed) + 2
    assert all(row.cell_length <= width for row in drawn)
    shown = [drawn[0], *drawn[2:-1]]
    changed = [knock.key_state == "changed" for knock in knocks[: len(shown)]]
    assert ["KEY CHANGED" in row.plain for row in shown] >= changed
    assert any(waiting.asked) or "a admit" in drawn[-1].plain


async def test_it_is_there_only_while_somebody_knocks(knocker) -> None:
    async with Shown().run_test() as pilot:
        shown = pilot.app.query_one(KnockBanner)
        assert not shown.display
        shown.show([knocker(1, "Ada", "changed"), knocker(2, "Grace")], KEYS)
        assert shown.display
        assert shown.has_class("-changed")
        shown.show([knocker(2, "Grace")], KEYS)
        assert not shown.has_class("-changed")
        shown.show([], KEYS)
        assert not shown.display
        assert shown.answerable is None


async def test_a_low_screen_shows_fewer(knocker) -> None:
    for height, rows in ((20, 4), (40, 6)):
        async with Shown().run_test(size=(60, height)) as pilot:
            shown = pilot.app.query_one(KnockBanner)
            shown.show([knocker(number, "Ada") for number in range(9)], KEYS)
            await pilot.pause()
            assert shown.size.height == rows


async def test_the_time_goes_on_without_a_new_layout(knocker, monkeypatch) -> None:
    now = [100.0]
    async with Shown().run_test() as pilot:
        shown = pilot.app.query_one(KnockBanner)
        with monkeypatch.context() as patched:
            patched.setattr(module.time, "monotonic", lambda: now[0])
            shown.show([knocker(1, "Ada")], KEYS)
            assert "just came" in str(shown.render())
            now[0] += 61
            shown._draw()
            assert "waits 1 min" in str(shown.render())


async def test_a_knock_that_appears_under_the_finger_is_not_answered(knocker, monkeypatch) -> None:
    now = [100.0]
    async with Shown().run_test() as pilot:
        shown = pilot.app.query_one(KnockBanner)
        with monkeypatch.context() as patched:
            patched.setattr(module.time, "monotonic", lambda: now[0])
            first, second = knocker(1, "Ada"), knocker(2, "Mallory")
            shown.show([first, second], KEYS)
            assert shown.answerable is None
            now[0] += 1
            assert shown.answerable == first
            shown.show([second], KEYS)
            assert shown.answerable is None
            assert shown.press_all() == ()
