"""When Python looks for garbage: rarely, and not through what stays.

A look through everything that is loaded held the keys up for 90 ms, twice a second while the whole
screen changed.
"""

from __future__ import annotations

import gc

NEW_OBJECTS = 20_000
"""Objects made before a look at the new ones. The strips of one screen are some thousands."""


def settle() -> None:
    """Count all there is now among what stays, and look less often."""
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])
