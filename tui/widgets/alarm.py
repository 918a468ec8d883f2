"""The red banner above the call while nothing of ours is sent."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static


class AlarmBanner(Static):
    """Says why sending has stopped, for as long as it has; hidden otherwise."""

    DEFAULT_CSS = """
    AlarmBanner {
        display: none; height: auto; padding: 0 1;
        background: $error; color: $text; text-style: bold;
    }
    AlarmBanner.-shown { display: block; }
    """

    def show(self, text: str) -> None:
        """Show a text; none hides the banner."""
        self.set_class(bool(text), "-shown")
        self.update(Content(text))
