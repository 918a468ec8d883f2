"""Pictures to cells with half blocks: two pixels a cell, each in its own colour."""

from __future__ import annotations

import numpy as np

from media.cells.grid import Grid
from media.video import Rgb

UPPER_HALF = 0x2580
SPACE = 0x20


def render(rgb: Rgb) -> Grid:
    """Draw a `2h x w x 3` picture as `h x w` cells; the last row of an odd height is left out.

    The upper pixel is the foreground of an upper half block. A cell of one colour is a space,
    whose foreground costs nothing to draw.
    """
    even = rgb.shape[0] // 2 * 2
    upper, lower = rgb[0:even:2], rgb[1:even:2]
    plain = (upper == lower).all(axis=2)
    codepoints = np.where(plain, np.uint32(SPACE), np.uint32(UPPER_HALF))
    return Grid(codepoints, np.ascontiguousarray(upper), np.ascontiguousarray(lower))
