"""Colours a terminal can show: all of them, 256, 16, or none."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from media.cells.depth import Depth
from media.cells.grid import Grid
from media.cells.half import SPACE, UPPER_HALF

Codes = NDArray[np.uint32]


@dataclass(frozen=True, eq=False)
class Cells:
    """Cells as a terminal shows them, `height x width` each.

    A colour code is `red << 16 | green << 8 | blue`, the number of a palette entry, or 0 where
    there are no colours.
    """

    codepoints: NDArray[np.uint32]
    fg: Codes
    bg: Codes
    depth: Depth

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in cells."""
        height, width = self.codepoints.shape
        return width, height


RAMP = " .,:;-~=+*oxa#%8@"
"""Glyphs from dark to bright, for terminals without colours (bright on dark, as most are)."""

# The colours 0 to 15 differ from theme to theme; these are xterm's.
ANSI_COLOURS = np.array(
    [
        (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0),
        (0, 0, 238), (205, 0, 205), (0, 205, 205), (229, 229, 229),
        (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0),
        (92, 92, 255), (255, 0, 255), (0, 255, 255), (255, 255, 255),
    ],
    np.int32,
)  # fmt: skip
_CUBE = np.array([0, 95, 135, 175, 215, 255], np.int32)
_FIRST_CUBE, _FIRST_GREY, _GREYS = 16, 232, 24
# How much an error in red, green and blue is seen.
_WEIGHTS = np.array([2, 4, 3], np.int32)
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def paint(grid: Grid, depth: Depth) -> Cells:
    """Reduce a grid to what a terminal of this depth shows.

    No dithering: it flickers from picture to picture and was measured to look worse.
    """
    if depth is Depth.MONO:
        return _monochrome(grid)
    codes = {Depth.TRUE: _true, Depth.COLOURS_256: _to_256, Depth.COLOURS_16: _to_16}[depth]
    fg, bg = codes(grid.fg), codes(grid.bg)
    codepoints = np.where(fg == bg, np.uint32(SPACE), grid.codepoints)
    return Cells(codepoints, fg, bg, depth)


def _true(rgb: NDArray[np.uint8]) -> Codes:
    wide = rgb.astype(np.uint32)
    return ((wide[..., 0] << 16) | (wide[..., 1] << 8) | wide[..., 2]).astype(np.uint32)


def _to_256(rgb: NDArray[np.uint8]) -> Codes:
    """The nearer of the nearest colour of the 6 x 6 x 6 cube and the nearest of 24 greys."""
    steps = _cube_steps()[rgb]
    cube = _FIRST_CUBE + 36 * steps[..., 0] + 6 * steps[..., 1] + steps[..., 2]
    wide = rgb.astype(np.int32)
    grey = np.clip((wide @ _WEIGHTS // _WEIGHTS.sum() - 3) // 10, 0, _GREYS - 1)
    grey_value = (8 + 10 * grey)[..., None]
    cube_error = np.square(wide - _CUBE[steps]) @ _WEIGHTS
    grey_error = np.square(wide - grey_value) @ _WEIGHTS
    return np.where(grey_error < cube_error, _FIRST_GREY + grey, cube).astype(np.uint32)


@cache
def _cube_steps() -> NDArray[np.int32]:
    """Nearest of the cube's six steps for each of 256 levels."""
    distance = np.abs(np.arange(256)[:, None] - _CUBE[None, :])
    return np.asarray(distance.argmin(axis=1), np.int32)


def _to_16(rgb: NDArray[np.uint8]) -> Codes:
    high = (rgb >> 4).astype(np.uint32)
    index = (high[..., 0] << 8) | (high[..., 1] << 4) | high[..., 2]
    return np.take(_nearest_of_16(), index)


@cache
def _nearest_of_16() -> Codes:
    """Nearest ANSI colour for each of 4096 colours of four bits a channel."""
    levels = np.arange(16, dtype=np.int32) * 17
    colours = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1)
    difference = colours.reshape(-1, 1, 3) - ANSI_COLOURS[None]
    return np.asarray((np.square(difference) @ _WEIGHTS).argmin(axis=1), np.uint32)


def _monochrome(grid: Grid) -> Cells:
    """One glyph a cell, the brighter the denser; letters stay what they are."""
    luma = (grid.fg.astype(np.float32) @ _LUMA + grid.bg.astype(np.float32) @ _LUMA) / 2
    level = np.clip(luma * (len(RAMP) / 256), 0, len(RAMP) - 1).astype(np.intp)
    shades = np.array([ord(glyph) for glyph in RAMP], np.uint32)[level]
    codepoints = np.where(np.isin(grid.codepoints, (SPACE, UPPER_HALF)), shades, grid.codepoints)
    none = np.zeros_like(codepoints)
    return Cells(codepoints, none, none, Depth.MONO)
