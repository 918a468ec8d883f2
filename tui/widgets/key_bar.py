"""The last row of a screen: which keys do what, as many as there is room for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from textual.content import Content
from textual.widgets import Static

from tui.keymap import Keymap

if TYPE_CHECKING:
    from tui.screens.acting import ActingScreen

GAP = "   "


Key = tuple[str, str]
"""The id of an action, and the short word it goes by in the row."""


def keys_in_words(keys: Sequence[Key], keymap: Keymap) -> list[Content]:
    """Return key and word of each action that has a key."""
    return [
        Content(keymap.name(action)).stylize("bold $foreground") + Content(f" {word}")
        for action, word in keys
        if keymap.key(action)
    ]


def bar(words: Sequence[Content], last: Sequence[Content], width: int) -> Content:
    """Return one row of `width` cells: as many of the first as fit, and all of the last."""
    kept = list(words)
    end = Content(GAP).join(last)
    while True:
        start = Content(GAP).join(kept)
        gap = width - start.cell_length - end.cell_length
        if gap >= len(GAP) or not kept:
            return (start + Content(" " * max(gap, 0)) + end).truncate(width)
        kept.pop()


class KeyBar(Static):
    """Shows the keys of actions of its screen; those of `last` are always there, at the right."""

    DEFAULT_CSS = """
    KeyBar { dock: bottom; height: 1; padding: 0 1; background: $panel;
        color: $foreground-muted; }
    """

    def __init__(self, first: Sequence[Key], last: Sequence[Key]) -> None:
        super().__init__("", markup=False)
        self._first, self._last = tuple(first), tuple(last)

    def render(self) -> Content:
        """Return the row at the present width and with the present keys."""
        keymap = cast("ActingScreen", self.screen).keymap
        first, last = (keys_in_words(keys, keymap) for keys in (self._first, self._last))
        return bar(first, last, self.content_size.width)
