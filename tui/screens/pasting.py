"""Many lines were pasted: how they are to be written, if at all."""

from __future__ import annotations

from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

PREVIEW = 6
"""Lines shown of what was pasted."""
How = Literal["send", "join", ""]


def preview(lines: list[str], width: int) -> Content:
    """Return the first lines, each cut to a width, and how many more there are."""
    shown = [Content(line).truncate(width, ellipsis=True) for line in lines[:PREVIEW]]
    more = len(lines) - len(shown)
    if more:
        shown.append(Content(f"and {more} more").stylize("$foreground-muted"))
    return Content("\n").join(shown)


class PasteScreen(ModalScreen[How]):
    """Nothing is written without an answer."""

    BINDINGS: ClassVar = [
        Binding("s", "dismiss('send')", "Send", show=False),
        Binding("j", "dismiss('join')", "Join", show=False),
        Binding("escape", "dismiss('')", "Nothing", show=False),
    ]
    DEFAULT_CSS = """
    PasteScreen { align: center middle; }
    PasteScreen Vertical { width: 70; max-width: 100%; height: auto; background: $surface;
        border: round $primary; border-title-color: $primary; padding: 0 1; }
    PasteScreen Static { width: 1fr; height: auto; }
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self._lines = text.splitlines()

    def compose(self) -> ComposeResult:
        """Yield the first lines."""
        box = Vertical()
        box.border_title = Content(f"{len(self._lines)} lines were pasted")
        box.border_subtitle = Content("s send as they are   j join into one   escape nothing")
        with box:
            yield Static(preview(self._lines, min(self.app.size.width, 70) - 4), markup=False)
