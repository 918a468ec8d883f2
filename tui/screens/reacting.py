"""Which emoji: a small window, a digit a choice."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.actions.talk import EMOJI


class ReactScreen(ModalScreen[str | None]):
    """Returns the name of an emoji, or None."""

    BINDINGS = [  # noqa: RUF012
        Binding("escape,q", "dismiss(None)", "Nothing", show=False),
        *(
            Binding(str(digit), f"dismiss('{name}')", name, show=False)
            for digit, name in enumerate(EMOJI, 1)
        ),
    ]
    DEFAULT_CSS = """
    ReactScreen { align: center middle; }
    ReactScreen Vertical { width: 52; max-width: 100%; height: auto; background: $surface;
        border: round $primary; border-title-color: $primary; padding: 0 1; }
    ReactScreen Static { width: 1fr; height: auto; text-align: center; }
    """

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title

    def compose(self) -> ComposeResult:
        """Yield the choices."""
        box = Vertical()
        box.border_title = Content(self._title)
        box.border_subtitle = Content("/react takes any other   escape none")
        choices = [
            Content(str(digit)).stylize("bold $primary") + Content(f" {emoji}")
            for digit, emoji in enumerate(EMOJI.values(), 1)
        ]
        with box:
            yield Static(Content("  ").join(choices), markup=False)
