"""The features of the call screen: one file each, one line of registration in `PARTS`."""

from __future__ import annotations

from typing import Final

from tui.screens.parts.chatting import Chatting
from tui.screens.parts.door import Door
from tui.screens.parts.filing import Filing
from tui.screens.parts.knocking import OwnKnock
from tui.screens.parts.part import Part
from tui.screens.parts.people import People
from tui.screens.parts.standing import Standing
from tui.screens.parts.talking import Talking
from tui.screens.parts.toasts import Toasting
from tui.screens.parts.windows import Windows

__all__ = ["PARTS", "Part"]

PARTS: Final[tuple[type[Part], ...]] = (
    Chatting,
    Filing,
    People,
    Door,
    OwnKnock,
    Windows,
    Talking,
    Toasting,
    Standing,
)
"""In the order they are told of events: what is written about one comes first, the status last."""
