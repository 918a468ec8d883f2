"""The toasts over the faces: a few lines, each with a glyph and a colour of its tone."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from tui.toasting import Toast

WIDEST = 58
"""Cells a toast takes at most."""
_GLYPHS = {"plain": ("•", "$primary"), "warning": ("!", "$warning"), "alarm": ("‼", "bold $error")}
MOST_ROWS = {"plain": 3, "warning": 3, "alarm": 5}
"""Rows of one toast, by tone; the log has the rest."""


def drawn(toasts: Sequence[Toast], width: int, key: str) -> Content:
    """Return the toasts, wrapped to `width` cells; `key` says that an alarm was seen."""
    lines: list[Content] = []
    for toast in toasts:
        glyph, style = _GLYPHS[toast.tone]
        rows = Content(toast.text).wrap(max(width - 2, 1))[: MOST_ROWS[toast.tone]]
        for number, row in enumerate(rows):
            mark = Content(f"{glyph} ").stylize(style) if number == 0 else Content("  ")
            lines.append(mark + (row.stylize(style) if toast.tone == "alarm" else row))
    if key and any(toast.until is None and toast.tone == "alarm" for toast in toasts):
        lines.append(Content(f"  {key}: seen").stylize("$foreground-muted"))
    return Content("\n").join(lines)


class CallToasts(Static):
    """Hidden while there is nothing to tell."""

    DEFAULT_CSS = """
    CallToasts { display: none; layer: toasts; position: absolute; width: auto; height: auto;
        padding: 0 1; background: $surface; border-left: thick $primary; }
    CallToasts.-shown { display: block; }
    CallToasts.-alarm { border-left: thick $error; }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self._shown: tuple[Toast, ...] = ()

    def show(self, toasts: Sequence[Toast], room: int, key: str) -> None:
        """Draw these toasts in at most `room` cells across."""
        self._shown = tuple(toasts)
        self.set_class(bool(toasts), "-shown")
        self.set_class(any(toast.tone == "alarm" for toast in toasts), "-alarm")
        if toasts:
            self.update(drawn(toasts, min(room, WIDEST) - 4, key))
