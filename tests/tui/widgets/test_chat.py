from __future__ import annotations

from textual.app import App, ComposeResult
from textual.content import Content

import tui.widgets.chat as module
from tui.widgets.chat import ChatInput, ChatLog, ChatPanel, chat_line, notice


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


async def test_old_lines_go_so_that_the_log_does_not_grow_for_ever(monkeypatch) -> None:
    monkeypatch.setattr(module, "MAX_LINES", 5)
    async with Shown().run_test() as pilot:
        panel = pilot.app.query_one(ChatPanel)
        for number in range(12):
            panel.add(Content(f"line {number}"))
            await pilot.pause()
        shown = [str(line.render()) for line in pilot.app.query_one(ChatLog).children]
        assert shown == [f"line {number}" for number in range(7, 12)]
