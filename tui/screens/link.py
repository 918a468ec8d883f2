"""The link others join with, as text and, where it fits, as a QR code."""

from __future__ import annotations

import os

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Center, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.qr import half_blocks

AROUND = 8
"""Rows the text and the frame take."""
CLOSES = "escape closes"
_COPIED = "Copied, if the terminal allows it."
_TMUX = "Copied, if tmux allows it: tmux set -g set-clipboard on"


class LinkScreen(ModalScreen[None]):
    """Shows the link; `c` copies it through the terminal (OSC 52).

    Nothing is drawn beside the link, so that marking its rows with the mouse gives the link.
    """

    BINDINGS = [  # noqa: RUF012
        Binding("escape,l,q,enter", "dismiss", "Close", show=False),
        Binding("c", "copy", "Copy", show=False),
    ]
    DEFAULT_CSS = """
    LinkScreen { align: center middle; }
    LinkScreen Vertical { width: 100%; height: auto; background: $surface;
        border: none; border-top: solid $primary; border-bottom: solid $primary;
        border-title-color: $primary; }
    LinkScreen .code { width: auto; height: auto; color: black; background: white; }
    LinkScreen .closes { width: auto; color: $primary; }
    LinkScreen Center { height: auto; margin-top: 1; }
    """

    def __init__(self, link: str, *, code_first: bool = False) -> None:
        super().__init__()
        self._link = link
        self._code_first = code_first

    def compose(self) -> ComposeResult:
        """Yield the link and, on a screen high enough, its code."""
        box = Vertical()
        box.border_title = Content("whoever has this link can knock")
        box.border_subtitle = Content(f"c copies   {CLOSES}")
        code = half_blocks(self._link)
        spare = self.app.size.height - len(code)
        picture = Static(Content("\n".join(code)), markup=False, classes="code")
        if self._code_first and 0 <= spare < AROUND:
            yield picture
            if spare:
                yield Static(CLOSES, markup=False, classes="closes")
            return
        with box:
            yield Static(Content(self._link), markup=False)
            if spare >= AROUND:
                yield Center(picture)

    def action_copy(self) -> None:
        """Put the link into the clipboard of the terminal."""
        self.app.copy_to_clipboard(self._link)
        self.notify(_TMUX if os.environ.get("TMUX") else _COPIED, markup=False)
