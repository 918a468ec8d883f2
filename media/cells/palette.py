"""Colours a terminal can show: all of them, 256, 16, or none."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from media.cells.depth import Depth
from media.cells.grid import Grid
from media.cells.half import SPACE, UPPER_HALF
from media.cells.nearest import Nearest, oklab

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
_FIRST_CUBE, _GREYS = 16, 24
_PAPERS = 8
_FULL = 0x2588
_SHADES = ((0x2591, 0.25), (0x2592, 0.5), (0x2593, 0.75))
"""Glyphs and how much of their cell is ink."""
TEXTURE = 0.05
"""How much a mix is liked less, the further its two colours are apart."""
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def paint(grid: Grid, depth: Depth) -> Cells:
    """Reduce a grid to what a terminal of this depth shows.

    No dithering from cell to cell: it flickers from picture to picture and was measured to look
    worse.
    """
    if depth is Depth.MONO:
        return _monochrome(grid)
    if depth is Depth.COLOURS_16:
        return _sixteen(grid)
    codes = _true if depth is Depth.TRUE else _to_256
    fg, bg = codes(grid.fg), codes(grid.bg)
    codepoints = np.where(fg == bg, np.uint32(SPACE), grid.codepoints)
    return Cells(codepoints, fg, bg, depth)


def _true(rgb: NDArray[np.uint8]) -> Codes:
    wide = rgb.astype(np.uint32)
    return ((wide[..., 0] << 16) | (wide[..., 1] << 8) | wide[..., 2]).astype(np.uint32)


def _to_256(rgb: NDArray[np.uint8]) -> Codes:
    """The most alike of the 6 x 6 x 6 cube and 24 greys."""
    return _FIRST_CUBE + _nearest_of_256()(rgb)


@cache
def _nearest_of_256() -> Nearest:
    cube = np.stack(np.meshgrid(_CUBE, _CUBE, _CUBE, indexing="ij"), axis=-1).reshape(-1, 3)
    greys = np.repeat(8 + 10 * np.arange(_GREYS, dtype=np.int32), 3).reshape(-1, 3)
    return Nearest(np.concatenate([cube, greys]), bits=5)


def _sixteen(grid: Grid) -> Cells:
    """One glyph a cell, which mixes two of the sixteen by its share of ink; letters stay."""
    mixes = _mixes()
    average = ((grid.fg.astype(np.uint16) + grid.bg) // 2).astype(np.uint8)
    picture = np.isin(grid.codepoints, (SPACE, UPPER_HALF))
    mixed = mixes.nearest(average)
    codepoints = np.where(picture, mixes.glyph[mixed], grid.codepoints)
    fg = np.where(picture, mixes.ink[mixed], mixes.ink[mixes.nearest(grid.fg)])
    bg = np.where(picture, mixes.paper[mixed], mixes.paper[mixes.nearest(grid.bg)])
    return Cells(codepoints, fg, bg, Depth.COLOURS_16)


@dataclass(frozen=True, eq=False)
class _Mixes:
    """What sixteen colours can show with shades; each array has one entry a mix."""

    glyph: Codes
    ink: Codes
    paper: Codes
    nearest: Nearest


@cache
def _mixes() -> _Mixes:
    """All mixes whose paper is one of the first eight, as older terminals have no other paper."""
    found = [
        (glyph, ink, paper, part)
        for ink in range(len(ANSI_COLOURS))
        for paper in range(_PAPERS)
        for glyph, part in _SHADES
        if ink != paper
    ]
    found += [(SPACE, paper, paper, 1.0) for paper in range(_PAPERS)]
    found += [(_FULL, ink, 0, 1.0) for ink in range(_PAPERS, len(ANSI_COLOURS))]
    glyph, ink, paper = (np.array(column, np.uint32) for column in list(zip(*found))[:3])
    part = np.array([mix[3] for mix in found], np.float32)[:, None]
    colours = ANSI_COLOURS[ink] * part + ANSI_COLOURS[paper] * (1 - part)
    apart = np.square(oklab(ANSI_COLOURS[ink]) - oklab(ANSI_COLOURS[paper])).sum(axis=1)
    texture = TEXTURE * apart * (part[:, 0] < 1)
    return _Mixes(glyph, ink, paper, Nearest(colours, 4, texture.astype(np.float32)))


def _monochrome(grid: Grid) -> Cells:
    """One glyph a cell, the brighter the denser; letters stay what they are."""
    luma = (grid.fg.astype(np.float32) @ _LUMA + grid.bg.astype(np.float32) @ _LUMA) / 2
    level = np.clip(luma * (len(RAMP) / 256), 0, len(RAMP) - 1).astype(np.intp)
    shades = np.array([ord(glyph) for glyph in RAMP], np.uint32)[level]
    codepoints = np.where(np.isin(grid.codepoints, (SPACE, UPPER_HALF)), shades, grid.codepoints)
    none = np.zeros_like(codepoints)
    return Cells(codepoints, none, none, Depth.MONO)
