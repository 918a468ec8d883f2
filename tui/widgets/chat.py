"""The chat: the log, the line to write in, and what is offered above it."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from tui.completion import commands
from tui.widgets.chat_input import ChatInput
from tui.widgets.chat_log import ChatLog
from tui.widgets.chat_text import first_words

TITLE = "chat"
NEW = "new"
BEFORE = "from before"


def notice(text: str, style: str = "$foreground-muted") -> Content:
    """Return a line about something that happened."""
    return Content(text).stylize(style)


def offers(line: str) -> Content:
    """Return the commands a line may become, one a row."""
    rows = []
    for action in commands(line):
        usage = Content(f"{action.usage}  ").stylize("$primary")
        rows.append(usage + Content(action.help).stylize("$foreground-muted"))
    return Content("\n").join(rows)


class ChatPanel(Vertical):
    """Everything together. `answering` is the key of the line that is being answered."""

    DEFAULT_CSS = """
    ChatPanel { height: 1fr; border-top: solid $panel; border-title-color: $foreground-muted; }
    ChatPanel:focus-within { border-top: solid $primary; }
    ChatPanel > .offers, ChatPanel > .answering { display: none; height: auto; padding: 0 1;
        background: $surface; }
    ChatPanel > .answering { color: $secondary; height: 1; }
    ChatPanel > .-shown { display: block; }
    """

    class Written(Message):
        """A line was typed and sent with enter; `answers` is the key of the line it answers."""

        def __init__(self, text: str, answers: str = "") -> None:
            super().__init__()
            self.text, self.answers = text, answers

    def __init__(self) -> None:
        super().__init__()
        self.answering = ""
        self._unread = 0

    def compose(self) -> ComposeResult:
        """Yield the log, what is offered, and the line."""
        yield ChatLog()
        yield Static(markup=False, classes="offers")
        yield Static(markup=False, classes="answering")
        yield ChatInput()

    def on_mount(self) -> None:
        """Name the panel."""
        self._entitle()

    # --- the log ---

    def add(self, line: Content, key: str = "") -> None:
        """Append a line to the log; `key` is for changing it."""
        self.query_one(ChatLog).add(line, key)

    def before(self, lines: Sequence[Content]) -> None:
        """Append lines of earlier calls, and a rule below them."""
        log = self.query_one(ChatLog)
        for line in lines:
            log.add(line)
        log.add(notice(BEFORE), label=True)

    def unread(self, first: bool) -> None:
        """Count a line nobody has seen yet; the first is put under a rule."""
        if first:
            self._unread = 0
            self.query_one(ChatLog).divide(NEW)
        self._unread += 1
        self._entitle()

    def seen(self) -> None:
        """Count no more: the person is here. The rule stays until they write."""
        self._unread = 0
        self._entitle()

    def _entitle(self) -> None:
        news = Content(f"  {self._unread} new").stylize("bold $warning")
        self.border_title = Content(TITLE) + (news if self._unread else Content(""))

    # --- the line ---

    def write(self, start: str = "") -> None:
        """Give the keyboard to the line."""
        line = self.query_one(ChatInput)
        if start and not line.value:
            line.value = start
            line.cursor_position = len(start)
        self.screen.set_focus(line)  # at once: the next key may have arrived with this one

    def answer(self, key: str, name: str, text: str) -> None:
        """Have the next line answer another one."""
        self.answering = key
        above = self.query_one(".answering", Static)
        shown = Content(f"↳ {name}: {first_words(text)}")
        above.update(shown.truncate(max(self.size.width - 2, 1), ellipsis=True))
        above.add_class("-shown")
        self.write()

    def on_chat_input_given_up(self) -> None:
        """Answer nothing any more."""
        self._answered()

    def _answered(self) -> str:
        key, self.answering = self.answering, ""
        self.query_one(".answering", Static).remove_class("-shown")
        return key

    def know(self, names: Sequence[str]) -> None:
        """Know whom a line may name."""
        self.query_one(ChatInput).names = names

    def on_input_changed(self, event: Input.Changed) -> None:
        """Offer the commands that are begun."""
        event.stop()
        offered, above = offers(event.value), self.query_one(".offers", Static)
        shown = bool(offered.plain)
        if shown or above.has_class("-shown"):
            above.update(offered)
            above.set_class(shown, "-shown")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Pass on what was typed."""
        event.stop()
        self.query_one(ChatLog).undivide()
        self.post_message(self.Written(event.value, self._answered()))

    def paste(self, text: str) -> None:
        """Write what was pasted anywhere, and give the keyboard to the line."""
        self.write()
        self.query_one(ChatInput).paste(text)
