from __future__ import annotations

import asyncio

import pytest
from textual._xterm_parser import XTermParser
from textual.app import App, ComposeResult
from textual.pilot import Pilot

import tui.widgets.chat as module
from tui.widgets.chat import ChatInput, ChatPanel, chat_line, notice


class Shown(App[None]):
    AUTO_FOCUS = ""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[str] = []

    def compose(self) -> ComposeResult:
        yield ChatPanel()

    def on_chat_panel_written(self, event: ChatPanel.Written) -> None:
        self.written.append(event.text)


def test_names_and_texts_are_never_markup(call, someone) -> None:
    call.participants = [someone(1, "[b]Ada[/b]")]
    call.hear(1, "[red]look[/red] [link=http://x]here[/link]\nsecond")
    line = chat_line(call.chat[0]).plain
    assert "[b]Ada[/b] [red]look[/red] [link=http://x]here[/link]\n  second" in line


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


async def test_a_paste_of_several_lines_is_kept_whole_and_sends_nothing() -> None:
    async with Shown().run_test() as pilot:
        panel, line = pilot.app.query_one(ChatPanel), pilot.app.query_one(ChatInput)
        panel.write("so ")
        await burst(pilot, "\x1b[200~a\n\n/leave\r\nccc\n\x1b[201~")
        assert line.value == "so a /leave ccc"
        assert pilot.app.written == []


async def test_a_paste_that_is_too_long_says_so() -> None:
    async with Shown().run_test() as pilot:
        panel, line = pilot.app.query_one(ChatPanel), pilot.app.query_one(ChatInput)
        panel.write("so ")
        panel.paste("x" * module.MAX_LENGTH)
        await pilot.pause()
        assert line.value == "so " + "x" * (module.MAX_LENGTH - 3)
        assert "last 3 characters" in next(note.message for note in pilot.app._notifications)


async def test_the_empty_line_says_what_the_keys_do_now() -> None:
    async with Shown().run_test() as pilot:
        panel, line = pilot.app.query_one(ChatPanel), pilot.app.query_one(ChatInput)
        assert "enter to write" in line.placeholder
        panel.write()
        await pilot.pause()
        assert line.placeholder == "enter sends, esc goes back"
        await pilot.press("escape")
        assert "enter to write" in line.placeholder


async def test_a_letter_lays_nothing_out() -> None:
    async with Shown().run_test() as pilot:
        pilot.app.query_one(ChatPanel).write()
        await pilot.pause()
        cuts = pilot.app.screen._compositor.cuts
        await pilot.press(*"hello")
        assert pilot.app.query_one(ChatInput).render_line(0).text.startswith("hello")
        assert pilot.app.screen._compositor.cuts is cuts
