"""How many colours there are to draw with."""

from __future__ import annotations

from enum import Enum


class Depth(Enum):
    """How a terminal takes colours."""

    TRUE = "true"
    COLOURS_256 = "256"
    COLOURS_16 = "16"
    MONO = "mono"
