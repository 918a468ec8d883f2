"""A level meter: how loud a device is right now, as a bar."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

LOUD = 0.85
"""From here on it is close to the most there is, and shown so."""
EIGHTHS = " ▏▎▍▌▋▊▉"
STOPPED = "closed"


def bar(level: float | None, width: int) -> Content:
    """Return a bar of `width` cells for a level of 0.0 to 1.0; None: the device is stopped."""
    if level is None:
        text = Content(STOPPED).truncate(width).stylize("$foreground-muted")
        return text + Content(" " * (width - text.cell_length))
    eighths = round(min(max(level, 0.0), 1.0) * width * 8)
    whole, rest = divmod(eighths, 8)
    filled = "█" * whole + (EIGHTHS[rest] if rest else "")
    style = "$warning" if level >= LOUD else "$success"
    return Content(filled).stylize(style) + Content("─" * (width - len(filled))).stylize("$panel")


class Meter(Static):
    """One row: a title, then the bar over what is left of the width."""

    DEFAULT_CSS = "Meter { height: 1; padding: 0 1; }"

    def __init__(self, title: str, *, id: str | None = None) -> None:
        super().__init__("", markup=False, id=id)
        self._title = title
        self.level: float | None = None

    def show(self, level: float | None) -> None:
        """Draw another level."""
        if level != self.level:
            self.level = level
            self.refresh()

    def render(self) -> Content:
        """Return title and bar at the present width."""
        title = Content(f"{self._title} ")
        width = self.content_size.width - title.cell_length
        return title + bar(self.level, max(width, 1))
