"""The grid of cells."""

from __future__ import annotations

import numpy as np

from media.cells.grid import Grid


def test_size_is_width_and_height_in_cells() -> None:
    colours = np.zeros((3, 7, 3), np.uint8)
    assert Grid(np.full((3, 7), 32, np.uint32), colours, colours).size == (7, 3)
