"""Half blocks."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from media.cells.half import SPACE, UPPER_HALF, render


@given(width=st.integers(0, 9), height=st.integers(0, 9), levels=st.integers(1, 255))
def test_every_pixel_is_seen_in_its_colour(width: int, height: int, levels: int) -> None:
    rgb = np.random.default_rng(levels).integers(0, levels + 1, (2 * height, width, 3), np.uint8)
    grid = render(rgb)
    assert grid.size == (width, height)
    seen = np.empty_like(rgb)
    upper = (grid.codepoints == UPPER_HALF)[:, :, None]
    seen[0::2] = np.where(upper, grid.fg, grid.bg)
    seen[1::2] = grid.bg
    assert (seen == rgb).all()
    assert np.isin(grid.codepoints, (UPPER_HALF, SPACE)).all()
    assert grid.codepoints.dtype == np.uint32


def test_a_cell_of_one_colour_is_a_space() -> None:
    assert (render(np.full((4, 3, 3), 9, np.uint8)).codepoints == SPACE).all()


def test_an_odd_last_row_is_left_out() -> None:
    assert render(np.zeros((5, 4, 3), np.uint8)).size == (4, 2)
