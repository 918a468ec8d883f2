from __future__ import annotations

import asyncio

from textual._xterm_parser import XTermParser
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from tui.widgets.chat import ChatPanel
from tui.widgets.chat_input import MAX_LENGTH, WRITING, ChatInput


class Shown(App[None]):
    AUTO_FOCUS = ""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[str] = []
        self.pasted = ""

    def compose(self) -> ComposeResult:
        yield ChatPanel()

    def on_chat_input_pasted(self, event: ChatInput.Pasted) -> None:
        self.pasted = event.text

    def on_chat_panel_written(self, event: ChatPanel.Written) -> None:
        self.written.append(event.text)


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


async def test_a_paste_of_several_lines_is_asked_about_and_sends_nothing() -> None:
    async with Shown().run_test() as pilot:
        panel, line = pilot.app.query_one(ChatPanel), pilot.app.query_one(ChatInput)
        panel.write("so ")
        await burst(pilot, "\x1b[200~a\n\n/leave\r\nccc\n\x1b[201~")
        assert line.value == "so "
        assert pilot.app.pasted == "a\n/leave\nccc"
        assert pilot.app.written == []


async def test_a_paste_of_one_line_goes_where_the_cursor_is() -> None:
    async with Shown().run_test() as pilot:
        panel, line = pilot.app.query_one(ChatPanel), pilot.app.query_one(ChatInput)
        panel.write("so ")
        await burst(pilot, "\x1b[200~what\n\x1b[201~")
        assert (line.value, pilot.app.pasted) == ("so what", "")


async def test_tab_completes_and_leaves_no_line_that_is_begun() -> None:
    async with Shown().run_test() as pilot:
        panel, line = pilot.app.query_one(ChatPanel), pilot.app.query_one(ChatInput)
        panel.know(["Grace"])
        panel.write()
        await pilot.press("slash", *"rem", "tab", *"gr", "tab")
        assert line.value == "/remove Grace "
        await pilot.press("tab", *"ok")
        assert line.value == "/remove Grace ok"
        line.clear()
        await pilot.press("tab")
        assert not line.has_focus


async def test_what_tab_would_add_is_shown_behind_the_cursor() -> None:
    async with Shown().run_test() as pilot:
        pilot.app.query_one(ChatPanel).write()
        await pilot.press("slash", *"unl")
        await pilot.pause()
        assert pilot.app.query_one(ChatInput)._suggestion == "/unlock "


async def test_lines_written_before_are_recalled() -> None:
    async with Shown().run_test() as pilot:
        line = pilot.app.query_one(ChatInput)
        pilot.app.query_one(ChatPanel).write()
        await pilot.press("a", "enter", "b", "enter", "b", "enter", "up", "up")
        assert line.value == "a"
        await pilot.press("up", "down")
        assert line.value == "b"
        await pilot.press("down", "down")
        assert line.value == ""


async def test_a_paste_that_is_too_long_says_so() -> None:
    async with Shown().run_test() as pilot:
        panel, line = pilot.app.query_one(ChatPanel), pilot.app.query_one(ChatInput)
        panel.write("so ")
        panel.paste("x" * MAX_LENGTH)
        await pilot.pause()
        assert line.value == "so " + "x" * (MAX_LENGTH - 3)
        assert "last 3 characters" in next(note.message for note in pilot.app._notifications)


async def test_the_empty_line_says_what_the_keys_do_now() -> None:
    async with Shown().run_test() as pilot:
        panel, line = pilot.app.query_one(ChatPanel), pilot.app.query_one(ChatInput)
        assert "enter to write" in line.placeholder
        panel.write()
        await pilot.pause()
        assert line.placeholder == WRITING
        assert len(WRITING) <= 30  # the panel of a screen of 80 columns
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
