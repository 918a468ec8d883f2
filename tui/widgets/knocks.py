"""The banner that shows who knocks, and with which key."""

from __future__ import annotations

import time
from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from tui.ports import Knock
from tui.words import key_state_words

SETTLE = 0.4
"""Seconds a knock must have been on the screen before a key may answer it.

Without this, a key pressed for one person could let in the next one, who appeared that moment.
"""


def banner(knock: Knock, waiting: int) -> Content:
    """Return the banner for a knock, and how many more wait behind it."""
    changed = knock.key_state == "changed"
    text = Content(" ") + Content(knock.name).stylize("bold")
    text += Content(" wants to come in  ")
    text += Content(key_state_words(knock.key_state)).stylize("bold $error" if changed else "")
    if waiting:
        text += Content(f"  ({waiting} more)")
    text += Content(f"\n {knock.fingerprint}").stylize("$foreground-muted")
    keys = Content("\n ") + Content("a").stylize("bold $primary") + Content(" admit   ")
    return text + keys + Content("r").stylize("bold $primary") + Content(" refuse")


class KnockBanner(Static):
    """Shown only while somebody knocks; the oldest knock first."""

    DEFAULT_CSS = """
    KnockBanner { dock: top; height: auto; display: none; background: $panel;
                  border-left: thick $warning; }
    KnockBanner.-changed { border-left: thick $error; }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.current: Knock | None = None
        self._shown_at = 0.0

    def show(self, knocks: Sequence[Knock]) -> None:
        """Show the first knock, or hide."""
        first = knocks[0] if knocks else None
        if first is not None and first != self.current:
            self._shown_at = time.monotonic()
        self.current = first
        self.display = first is not None
        if first is not None:
            self.set_class(first.key_state == "changed", "-changed")
            self.update(banner(first, len(knocks) - 1))

    @property
    def answerable(self) -> Knock | None:
        """The knock a key press may answer now."""
        if time.monotonic() - self._shown_at < SETTLE:
            return None
        return self.current
