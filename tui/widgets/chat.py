"""The chat: a log of what was written and what happened, and the line to write in."""

from __future__ import annotations

from datetime import datetime

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.events import Key, Paste
from textual.geometry import Size
from textual.message import Message
from textual.reactive import Reactive
from textual.suggester import SuggestFromList
from textual.widgets import Input

from tui.actions import ACTIONS
from tui.ports import ChatReceived
from tui.widgets.chat_log import ChatLog

MAX_LENGTH = 3500
"""Longest line, characters; the wire's limit."""
TO_WRITE = "enter to write, / to command"
WRITING = "enter sends, esc goes back"


def chat_line(event: ChatReceived) -> Content:
    """Return a written line: time, name, text. All of it plain, never markup."""
    when = _local(event.sent)
    name = Content(event.name).stylize("bold $primary" if not event.mine else "bold $secondary")
    text = event.text.replace("\n", "\n  ")
    return Content(f"{when} ").stylize("$foreground-muted") + name + Content(f" {text}")


def notice(text: str, style: str = "$foreground-muted") -> Content:
    """Return a line about something that happened."""
    return Content(text).stylize(style)


def _local(sent: datetime) -> str:
    return sent.astimezone().strftime("%H:%M")


class ChatInput(Input):
    """The line to write in; escape gives the keys back to the call."""

    BINDINGS = [Binding("escape", "done", "Back to the call", show=False)]  # noqa: RUF012
    DEFAULT_CSS = """
    ChatInput, ChatInput:focus { border: none; height: 1; padding: 0 1; background: $surface; }
    ChatInput:focus { background: $panel; }
    """

    # No letter moves a widget: Textual would lay out, and so draw, the whole screen for each.
    value = Reactive("", layout=False, init=False)
    virtual_size = Reactive(Size(0, 0), layout=False)

    def __init__(self) -> None:
        super().__init__(
            placeholder=TO_WRITE,
            max_length=MAX_LENGTH,
            suggester=SuggestFromList([f"{action.command} " for action in ACTIONS]),
            compact=True,
            select_on_focus=False,
        )

    def action_done(self) -> None:
        """Leave the line; what was typed stays."""
        self.screen.set_focus(None)

    def on_focus(self) -> None:
        """Say what the keys do here."""
        self.placeholder = WRITING

    def on_blur(self) -> None:
        """Say how to come back."""
        self.placeholder = TO_WRITE

    async def on_key(self, event: Key) -> None:
        """Send with enter before the next key is read: a binding runs only after it."""
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            await self.action_submit()

    async def action_submit(self) -> None:
        """Take the line and pass it on; an empty one gives the keys back."""
        text = self.value
        self.clear()
        if text.strip():
            self.post_message(self.Submitted(self, text))
        else:
            self.screen.set_focus(None)

    def on_paste(self, event: Paste) -> None:
        """Take what was pasted instead of its first line only."""
        event.stop()
        event.prevent_default()
        self.paste(event.text)

    def paste(self, text: str) -> None:
        """Write several lines as one, which nothing sends but enter."""
        line = " ".join(part for part in text.splitlines() if part.strip())
        start, end = sorted(self.selection)
        room = MAX_LENGTH - len(self.value) + end - start
        if len(line) > room:
            self.notify(f"Too long: the last {len(line) - room} characters are left out.")
        self.replace(line[:room], start, end)


class ChatPanel(Vertical):
    """Log and line together."""

    DEFAULT_CSS = """
    ChatPanel { height: 1fr; border-top: solid $panel; border-title-color: $foreground-muted; }
    ChatPanel:focus-within { border-top: solid $primary; }
    """

    class Written(Message):
        """A line was typed and sent with enter."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def compose(self) -> ComposeResult:
        """Yield the log and the line."""
        yield ChatLog()
        yield ChatInput()

    def on_mount(self) -> None:
        """Name the panel."""
        self.border_title = Content("chat")

    def add(self, line: Content, key: str = "") -> None:
        """Append a line to the log; `key` is for changing it."""
        self.query_one(ChatLog).add(line, key)

    def write(self, start: str = "") -> None:
        """Give the keyboard to the line."""
        line = self.query_one(ChatInput)
        if start and not line.value:
            line.value = start
            line.cursor_position = len(start)
        self.screen.set_focus(line)  # at once: the next key may have arrived with this one

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Pass on what was typed."""
        event.stop()
        self.post_message(self.Written(event.value))

    def paste(self, text: str) -> None:
        """Write what was pasted anywhere, and give the keyboard to the line."""
        self.write()
        self.query_one(ChatInput).paste(text)
