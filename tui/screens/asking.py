"""Small windows that ask a person for one thing: a line of text, or a key."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Input, Static

_BOX = """
    {name} {{ align: center middle; }}
    {name} Vertical {{ width: 62; max-width: 100%; height: auto; background: $surface;
        border: round $primary; border-title-color: $primary; padding: 0 1; }}
    {name} Static {{ width: 1fr; height: auto; }}
    {name} .hint {{ color: $foreground-muted; }}
"""


class LineScreen(ModalScreen[str | None]):
    """Asks for a line; None if the person wants to leave it.

    `check` returns why a line cannot be taken, or nothing.
    """

    BINDINGS: ClassVar = [Binding("escape", "dismiss(None)", "Leave it", show=False)]
    DEFAULT_CSS = (
        _BOX.format(name="LineScreen")
        + """
    LineScreen Input, LineScreen Input:focus { border: none; height: 1; padding: 0 1;
        margin: 1 0; background: $panel; }
    LineScreen .wrong { color: $error; }
    """
    )

    def __init__(
        self, title: str, *, value: str = "", hint: str = "", check: Callable[[str], str]
    ) -> None:
        super().__init__()
        self._title, self._value, self._hint = title, value, hint
        self._check = check

    def compose(self) -> ComposeResult:
        """Yield the line and what is wrong with it."""
        box = Vertical()
        box.border_title = Content(self._title)
        box.border_subtitle = Content("enter takes it   escape leaves it")
        with box:
            if self._hint:
                yield Static(Content(self._hint), markup=False, classes="hint")
            yield Input(self._value, select_on_focus=False)
            yield Static("", markup=False, classes="wrong")

    def on_input_changed(self) -> None:
        """Say nothing any more about what is being mended."""
        self.query_one(".wrong", Static).update("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the line, or say what is wrong with it."""
        event.stop()
        wrong = self._check(event.value)
        if wrong:
            self.query_one(".wrong", Static).update(Content(wrong))
        else:
            self.dismiss(event.value)


class KeyScreen(ModalScreen[str | None]):
    """Asks for a key to press: its name as Textual has it, empty for the action's own, None."""

    DEFAULT_CSS = _BOX.format(name="KeyScreen")

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title

    def compose(self) -> ComposeResult:
        """Yield the question."""
        box = Vertical()
        box.border_title = Content(self._title)
        with box:
            yield Static(Content("Press the key it should have."), markup=False)
            hint = "backspace: its own again   escape: leave it as it is"
            yield Static(Content(hint), markup=False, classes="hint")

    def on_key(self, event: Key) -> None:
        """Take the key, whatever it does elsewhere."""
        event.stop()
        event.prevent_default()
        match event.key:
            case "escape":
                self.dismiss(None)
            case "backspace":
                self.dismiss("")
            case key:
                self.dismiss(key)
