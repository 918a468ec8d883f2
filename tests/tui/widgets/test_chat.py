from __future__ import annotations

import asyncio

import pytest
from textual._xterm_parser import XTermParser
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from tui.widgets.chat import ChatPanel, notice, offers
from tui.widgets.chat_input import ChatInput
from tui.widgets.chat_log import ChatLog


class Shown(App[None]):
    AUTO_FOCUS = ""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[str] = []

    def compose(self) -> ComposeResult:
        yield ChatPanel()

    def on_chat_panel_written(self, event: ChatPanel.Written) -> None:
        self.written.append(event.text)


def test_a_notice_is_plain_too() -> None:
    assert notice("[b]x[/b]").plain == "[b]x[/b]"


async def test_what_is_typed_is_passed_on_and_empty_gives_the_keys_back() -> None:
    async with Shown().run_test() as pilot:
        panel = pilot.app.query_one(ChatPanel)
        panel.write()
        await pilot.press("h", "i", "enter")
        assert pilot.app.written == ["hi"]
        assert pilot.app.query_one(ChatInput).has_focus
        await pilot.press("enter")
        assert pilot.app.focused is None
        assert pilot.app.written == ["hi"]


async def test_escape_keeps_what_was_typed_and_a_slash_begins_a_command() -> None:
    async with Shown().run_test() as pilot:
        panel, line = pilot.app.query_one(ChatPanel), pilot.app.query_one(ChatInput)
        panel.write("/")
        await pilot.press("m", "u")
        assert line.value == "/mu"
        await pilot.press("escape")
        assert pilot.app.focused is None
        panel.write("/")
        assert line.value == "/mu"


async def burst(pilot: Pilot[None], raw: str) -> None:
    """Let a terminal's bytes arrive at once, as a paste or a script sends them."""
    for event in XTermParser().feed(raw):
        event.set_sender(pilot.app)
        pilot.app.post_message(event)
    await pilot.pause()
    async with asyncio.timeout(10):
        while pilot.app.message_queue_size:
            await pilot.pause()
    await pilot.pause()


@pytest.mark.parametrize("raw", ["bb\rcc\r", "a\rbb\rccc\r", "one two\r/mute\rx\r"])
async def test_lines_that_come_in_one_burst_are_not_glued(raw: str) -> None:
    async with Shown().run_test() as pilot:
        pilot.app.query_one(ChatPanel).write()
        await burst(pilot, raw)
        assert pilot.app.written == raw.split("\r")[:-1]
        assert pilot.app.query_one(ChatInput).value == ""


def test_what_a_slash_may_become_is_offered_with_its_help() -> None:
    rows = offers("/un").plain.splitlines()
    assert rows == ["/unlock  let people in again"]
    assert offers("/unlock ").plain == offers("hello").plain == ""


async def test_offers_come_and_go_with_what_is_typed() -> None:
    async with Shown().run_test() as pilot:
        pilot.app.query_one(ChatPanel).write("/")
        await pilot.pause()
        above = pilot.app.query_one(".offers")
        assert above.display
        await pilot.press(*"mute", "space")
        assert not above.display


async def test_the_next_line_answers_what_was_chosen_and_only_that_one() -> None:
    answers: list[str] = []

    class Answered(Shown):
        def on_chat_panel_written(self, event: ChatPanel.Written) -> None:
            answers.append(event.answers)

    async with Answered().run_test() as pilot:
        panel = pilot.app.query_one(ChatPanel)
        panel.answer("x", "Ada", "[b]what[/b] " * 30)
        await pilot.pause()
        above = pilot.app.query_one(".answering")
        assert above.display
        assert "↳ Ada: [b]what" in str(above.render())
        await pilot.press("y", "enter", "n", "enter")
        assert answers == ["x", ""]
        assert not above.display
        panel.answer("x", "Ada", "what")
        await pilot.press("escape")
        assert panel.answering == ""


async def test_lines_nobody_saw_are_counted_under_a_rule_until_the_person_writes() -> None:
    async with Shown().run_test() as pilot:
        panel, log = pilot.app.query_one(ChatPanel), pilot.app.query_one(ChatLog)
        for number in range(3):
            panel.unread(first=number == 0)
            panel.add(notice(f"line {number}"))
        await pilot.pause()
        assert "3 new" in str(panel.border_title)
        rows = [log.render_line(y).text for y in range(4)]
        assert "new" in rows[0]
        assert "─" in rows[0]
        panel.seen()
        assert "new" not in str(panel.border_title)
        panel.write()
        await pilot.press("h", "enter")
        await pilot.pause()
        assert "─" not in log.render_line(0).text
