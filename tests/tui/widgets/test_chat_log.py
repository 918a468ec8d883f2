from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest
from textual.app import App, ComposeResult
from textual.content import Content
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.selection import SELECT_ALL, Selection

import tui.widgets.chat_log as module
from tui.widgets.chat_log import ChatLog, rule


class Shown(App[None]):
    CSS = "ChatLog { background: black; }"

    def compose(self) -> ComposeResult:
        yield ChatLog()


@pytest.fixture
async def pilot() -> AsyncIterator[Pilot[None]]:
    async with Shown().run_test(size=(23, 5)) as pilot:  # 20 cells of text
        yield pilot


def log(pilot: Pilot[None]) -> ChatLog:
    return pilot.app.query_one(ChatLog)


def seen(pilot: Pilot[None]) -> list[str]:
    """Return the rows on the screen."""
    return [log(pilot).render_line(y).text.rstrip() for y in range(log(pilot).size.height)]


def fill(pilot: Pilot[None], count: int) -> None:
    for number in range(count):
        log(pilot).add(Content(f"line {number}"), key=str(number))


async def test_lines_are_wrapped_and_the_end_is_shown(pilot: Pilot[None]) -> None:
    log(pilot).add(Content("one"))
    log(pilot).add(Content("two words that are wrapped\nand a second line"))
    await pilot.pause()
    assert seen(pilot) == ["one", "two words that are", "wrapped", "and a second line", ""]
    fill(pilot, 9)
    await pilot.pause()
    assert seen(pilot) == [f"line {number}" for number in range(4, 9)]


async def test_wide_and_combining_characters_are_wrapped_by_their_cells(
    pilot: Pilot[None],
) -> None:
    log(pilot).add(Content("会" * 11))
    log(pilot).add(Content("é" * 20))
    await pilot.pause()
    assert seen(pilot)[:3] == ["会" * 10, "会", "é" * 20]


async def test_who_scrolled_up_stays_there_until_back_at_the_end(pilot: Pilot[None]) -> None:
    fill(pilot, 20)
    log(pilot).scroll_to(y=3, animate=False)
    log(pilot).add(Content("late"))
    await pilot.pause()
    assert seen(pilot)[0] == "line 3"
    log(pilot).scroll_end(animate=False)
    await pilot.pause()
    assert seen(pilot)[-1] == "late"
    log(pilot).add(Content("later"))
    await pilot.pause()
    assert seen(pilot)[-1] == "later"


async def test_old_lines_go_under_whoever_reads_without_moving_the_rest(
    pilot: Pilot[None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_LINES", 20)
    fill(pilot, 20)
    log(pilot).scroll_to(y=10, animate=False)
    for number in range(20, 25):
        log(pilot).add(Content(f"line {number}"))
    await pilot.pause()
    assert seen(pilot)[0] == "line 10"
    assert log(pilot).get_selection(SELECT_ALL)[0].split("\n")[0] == "line 5"
    assert not log(pilot).replace("4", Content("gone"))


async def test_a_line_changes_in_place_and_moves_what_follows(pilot: Pilot[None]) -> None:
    fill(pilot, 3)
    assert log(pilot).replace("1", Content("line 1, which two people liked"))
    await pilot.pause()
    assert seen(pilot)[:4] == ["line 0", "line 1, which two", "people liked", "line 2"]
    assert log(pilot).replace("1", Content("short"))
    await pilot.pause()
    assert seen(pilot)[:3] == ["line 0", "short", "line 2"]


async def test_there_is_one_rule_before_what_is_new(pilot: Pilot[None]) -> None:
    fill(pilot, 1)
    log(pilot).divide("new")
    log(pilot).add(Content("a"))
    await pilot.pause()
    assert seen(pilot)[:3] == ["line 0", "─────── new ────────", "a"]
    log(pilot).divide("new")
    log(pilot).add(Content("b"))
    await pilot.pause()
    assert seen(pilot)[:4] == ["line 0", "a", "─────── new ────────", "b"]
    log(pilot).undivide()
    await pilot.pause()
    assert seen(pilot)[:4] == ["line 0", "a", "b", ""]


async def test_a_label_stands_in_a_rule_that_stays(pilot: Pilot[None]) -> None:
    fill(pilot, 1)
    log(pilot).add(Content("before"), label=True)
    log(pilot).divide("new")
    log(pilot).undivide()
    await pilot.pause()
    assert seen(pilot)[:3] == ["line 0", "────── before ──────", ""]


@pytest.mark.parametrize(("width", "first"), [(3, 0), (10, 0), (33, 0), (63, 1)])
async def test_another_width_wraps_anew_and_keeps_the_place(
    pilot: Pilot[None], width: int, first: int
) -> None:
    for number in range(30):
        log(pilot).add(Content(f"line {number} is long enough to be wrapped"))
    await pilot.resize_terminal(width, 5)
    assert "line 29 is long enough to be wrapped".endswith(seen(pilot)[-1][-3:])
    log(pilot).scroll_to(y=1, animate=False)
    await pilot.resize_terminal(43, 5)
    assert seen(pilot)[0] == f"line {first} is long enough to be wrapped"


async def test_text_is_selected_as_it_was_written(pilot: Pilot[None]) -> None:
    log(pilot).add(Content("first line"))
    log(pilot).add(Content("a line so long that it is wrapped"))
    log(pilot).add(Content("last\nlines"))
    await pilot.pause()
    assert seen(pilot)[1:4] == ["a line so long that", "it is wrapped", "last"]
    await pilot.mouse_down(offset=(7, 0))
    await pilot.hover(offset=(10, 2))
    await pilot.mouse_up(offset=(10, 2))
    assert pilot.app.screen.get_selected_text() == "line\na line so long that it is wrap"
    styles = {segment.text: segment.style for segment in log(pilot).render_line(0)}
    assert styles["line"] != styles["first "]
    everything = "first line\na line so long that it is wrapped\nlast\nlines"
    assert log(pilot).get_selection(SELECT_ALL) == (everything, "\n")
    end = Selection(Offset(5, 2), None)
    assert log(pilot).get_selection(end) == ("lines", "\n")


async def test_nothing_is_laid_out_for_a_line(pilot: Pilot[None]) -> None:
    await pilot.pause()
    cuts = pilot.app.screen._compositor.cuts
    fill(pilot, 50)
    await pilot.pause()
    assert seen(pilot)[-1] == "line 49"
    assert pilot.app.screen._compositor.cuts is cuts


@pytest.mark.parametrize("width", [0, 1, 4, 20])
def test_a_rule_has_the_width_it_is_given(width: int) -> None:
    assert rule(Content("new"), width).cell_length == width


async def test_lines_with_a_key_are_marked_one_after_the_other_and_come_into_sight(
    pilot: Pilot[None],
) -> None:
    fill(pilot, 9)
    log(pilot).add(Content("a notice"))
    await pilot.pause()
    log(pilot).focus()
    assert log(pilot).marked == ""
    await pilot.press("up")
    assert log(pilot).marked == "8"
    await pilot.press(*["up"] * 6)
    assert log(pilot).marked == "2"
    assert seen(pilot)[0] == "line 2"
    await pilot.press(*["up"] * 6)
    assert log(pilot).marked == "0"
    await pilot.press(*["down"] * 20)
    assert log(pilot).marked == "8"
    assert "line 8" in seen(pilot)


async def test_a_mark_goes_with_its_line_and_with_the_keyboard(
    pilot: Pilot[None], monkeypatch
) -> None:
    monkeypatch.setattr(module, "MAX_LINES", 3)
    fill(pilot, 3)
    log(pilot).focus()
    await pilot.press("up", "up", "up")
    assert log(pilot).marked == "0"
    log(pilot).add(Content("one more"))
    assert log(pilot).marked == ""
    await pilot.press("up")
    assert log(pilot).marked == "2"
    await pilot.press("escape")
    assert (log(pilot).has_focus, log(pilot).marked) == (False, "")


@pytest.mark.parametrize("reading", [None, 12])
async def test_a_long_log_is_wrapped_in_slices_what_is_seen_first(
    pilot: Pilot[None], monkeypatch: pytest.MonkeyPatch, reading: int | None
) -> None:
    monkeypatch.setattr(module, "SLICE", 10)
    measured: list[int] = []
    for number in range(40):
        log(pilot).add(Content(f"line {number:02d} is wrapped in two"))
    if reading is not None:
        log(pilot).scroll_to(y=2 * reading, animate=False)
    await pilot.pause()
    measure = ChatLog._measure

    def note(self: ChatLog, line: module._Line) -> None:
        measured.append(line.number)
        measure(self, line)

    monkeypatch.setattr(ChatLog, "_measure", note)
    await pilot.resize_terminal(63, 5)
    assert len(measured) >= 10
    assert (reading if reading is not None else 39) in measured[:10]
    deadline = time.monotonic() + 10
    while len(measured) < 40 and time.monotonic() < deadline:
        await pilot.pause(0.02)
    assert sorted(measured) == list(range(40))
    assert log(pilot).virtual_size.height == 40
    expected = f"line {reading if reading is not None else 35:02d} is wrapped in two"
    assert seen(pilot)[0] == expected
