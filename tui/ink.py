"""Screens without colours: ink alone, turned around where colours were."""

from __future__ import annotations

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter


class Ink(LineFilter):
    """Takes all colours away, and swaps ink and paper (SGR 7) where they were the other way round.

    So a cursor, a marked row and a button stay what they look like; Textual's own filter for
    NO_COLOR sends greys, which are colours. `dark`: whether the theme is bright on dark.
    """

    def __init__(self, dark: bool) -> None:
        super().__init__()
        self._dark = dark

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments in ink."""
        return [
            Segment(text, style and _ink(style, self._dark), control)
            for text, style, control in segments
        ]


@lru_cache(1024)
def _ink(style: Style, dark: bool) -> Style:
    turned = bool(style.reverse) != _turned(style, dark)
    return Style(
        bold=style.bold,
        italic=style.italic,
        underline=style.underline,
        strike=style.strike,
        reverse=turned or None,
        meta=style.meta,
    )


def _turned(style: Style, dark: bool) -> bool:
    """Return whether the paper is on the side of the theme's ink."""
    if style.bgcolor is None or style.bgcolor.is_default:
        return False
    brightness = Color.from_rich_color(style.bgcolor).brightness
    return brightness > 0.5 if dark else brightness < 0.5
