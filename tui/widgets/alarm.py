"""The red banner above the call while nothing of ours is sent."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static


class AlarmBanner(Static):
    """Says why sending has stopped, for as long as it has; hidden otherwise."""

    DEFAULT_CSS = """
    AlarmBanner {
        display: none; height: auto; padding: 0 1;
        background: $error; color: $text;
    }
    AlarmBanner.-shown { display: block; }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self._why = ""

    def show(self, why: str, until: str) -> bool:
        """Show why, and until when; nothing hides the banner. Return whether it is news."""
        news = bool(why) and why != self._why
        self._why = why
        self.set_class(bool(why), "-shown")
        self.update(Content(why).stylize("bold") + Content(f"\n{until}"))
        return news
