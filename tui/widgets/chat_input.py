"""The line to write in: completed with tab, recalled with up, never sent but with enter."""

from __future__ import annotations

from collections.abc import Sequence

from textual.binding import Binding
from textual.events import Key, Paste
from textual.geometry import Size
from textual.message import Message
from textual.reactive import Reactive
from textual.suggester import Suggester
from textual.widgets import Input

from tui.completion import complete

MAX_LENGTH = 3500
"""Longest line, characters; the wire's limit."""
TO_WRITE = "enter to write, / to command"
WRITING = "enter sends, esc goes back"
"""Fits the panel of a screen of 80 columns; what tab would add is shown where it would."""
MAX_HISTORY = 200
"""Lines that can be recalled."""


class ChatInput(Input):
    """Escape gives the keys back to the call. `names`: of whom a line may name."""

    BINDINGS = [  # noqa: RUF012
        Binding("escape", "done", "Back to the call", show=False),
        Binding("up", "recall(-1)", "The line before", show=False),
        Binding("down", "recall(1)", "The line after", show=False),
    ]
    DEFAULT_CSS = """
    ChatInput, ChatInput:focus { border: none; height: 1; padding: 0 1; background: $surface; }
    ChatInput:focus { background: $panel; }
    """

    # No letter moves a widget: Textual would lay out, and so draw, the whole screen for each.
    value = Reactive("", layout=False, init=False)
    virtual_size = Reactive(Size(0, 0), layout=False)

    class Pasted(Message):
        """Many lines were pasted; nothing of them is in the line."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class GivenUp(Message):
        """Escape was pressed, or enter on an empty line."""

    def __init__(self) -> None:
        self.names: Sequence[str] = ()
        self._history: list[str] = []
        self._recalled = 0
        super().__init__(
            placeholder=TO_WRITE,
            max_length=MAX_LENGTH,
            suggester=_Completer(self),
            select_on_focus=False,
        )

    def action_done(self) -> None:
        """Leave the line; what was typed stays."""
        self.screen.set_focus(None)
        self.post_message(self.GivenUp())

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
        elif event.key == "tab" and self.value:
            event.stop()
            event.prevent_default()
            self._complete()

    def _complete(self) -> None:
        """Complete what is begun at the end of the line, if anything is.

        A line that is begun keeps the keys even then: the next letters would be commands.
        """
        if self.cursor_position == len(self.value):
            self._put(complete(self.value, self.names))

    async def action_submit(self) -> None:
        """Take the line and pass it on; an empty one gives the keys back."""
        text = self.value
        self.clear()
        if text.strip():
            self._remember(text)
            self.post_message(self.Submitted(self, text))
        else:
            self.action_done()

    def _remember(self, text: str) -> None:
        if self._history[-1:] != [text]:
            self._history = [*self._history[1 - MAX_HISTORY :], text]
        self._recalled = len(self._history)

    def action_recall(self, step: int) -> None:
        """Take an earlier line of ours, or a later one, or at last an empty one."""
        self._recalled = min(max(self._recalled + step, 0), len(self._history))
        self._put("" if self._recalled == len(self._history) else self._history[self._recalled])

    def _put(self, text: str) -> None:
        self.value = text
        self.cursor_position = len(text)

    def on_paste(self, event: Paste) -> None:
        """Take what was pasted instead of its first line only."""
        event.stop()
        event.prevent_default()
        self.paste(event.text)

    def paste(self, text: str) -> None:
        """Put one pasted line where the cursor is; what to do with more is a person's to say."""
        lines = [part for part in text.splitlines() if part.strip()]
        if len(lines) > 1:
            self.post_message(self.Pasted("\n".join(lines)))
        elif lines:
            self.put_in(lines[0])

    def put_in(self, text: str) -> None:
        """Put a text where the cursor is, as much of it as a line may have."""
        start, end = sorted(self.selection)
        room = MAX_LENGTH - len(self.value) + end - start
        if len(text) > room:
            self.notify(f"Too long: the last {len(text) - room} characters are left out.")
        self.replace(text[:room], start, end)


class _Completer(Suggester):
    """Shows, behind the cursor, what tab would add."""

    def __init__(self, line: ChatInput) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._line = line

    async def get_suggestion(self, value: str) -> str | None:
        """Return the whole line as it would be, if that only adds to it."""
        done = complete(value, self._line.names)
        return done if done != value and done.startswith(value) else None
