"""Reduction of colours."""

from __future__ import annotations

import numpy as np
import pytest

from media.cells.depth import Depth
from media.cells.grid import Grid
from media.cells.half import SPACE, UPPER_HALF, render
from media.cells.palette import ANSI_COLOURS, RAMP, Cells, paint


def solid(*colour: int) -> Grid:
    rgb = np.array([[colour]], np.uint8)
    return Grid(np.array([[UPPER_HALF]], np.uint32), rgb, 255 - rgb)


def code(cells: Cells) -> int:
    return int(cells.fg[0, 0])


def xterm_256() -> np.ndarray:
    steps = (0, 95, 135, 175, 215, 255)
    cube = [(r, g, b) for r in steps for g in steps for b in steps]
    return np.array(cube + [(8 + 10 * i,) * 3 for i in range(24)], int)


def test_true_colours_are_kept() -> None:
    assert code(paint(solid(1, 2, 3), Depth.TRUE)) == 0x010203


@pytest.mark.parametrize(
    ("colour", "expected"),
    [((0, 0, 0), 16), ((255, 255, 255), 231), ((255, 0, 0), 196), ((128, 128, 128), 244)],
)
def test_known_colours_of_256(colour: tuple[int, int, int], expected: int) -> None:
    assert code(paint(solid(*colour), Depth.COLOURS_256)) == expected


def test_256_colours_are_the_nearest_there_are_or_nearly() -> None:
    rgb = np.random.default_rng(2).integers(0, 256, (40, 40, 3), np.uint8)
    codes = paint(render(rgb), Depth.COLOURS_256).fg.astype(int)
    table, weights = xterm_256(), np.array([2, 4, 3])
    upper = rgb[0::2].astype(int)
    got = np.square(table[codes - 16] - upper) @ weights
    best = (np.square(table[None, None] - upper[:, :, None]) @ weights).min(axis=2)
    assert (got <= best + 400).all()
    assert (got == best).mean() > 0.9


def test_the_sixteen_colours_are_themselves() -> None:
    for number, colour in enumerate(ANSI_COLOURS.tolist()):
        assert code(paint(solid(*colour), Depth.COLOURS_16)) == number


def test_cells_that_became_one_colour_are_spaces() -> None:
    rgb = np.array([[[100, 100, 100]], [[101, 101, 101]]], np.uint8)
    assert paint(render(rgb), Depth.TRUE).codepoints[0, 0] == UPPER_HALF
    assert paint(render(rgb), Depth.COLOURS_256).codepoints[0, 0] == SPACE
    assert paint(render(rgb), Depth.COLOURS_16).codepoints[0, 0] == SPACE


def test_without_colours_bright_is_dense() -> None:
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2).repeat(2, axis=0)
    cells = paint(render(ramp), Depth.MONO)
    text = "".join(map(chr, cells.codepoints[0].tolist()))
    assert text[0] == RAMP[0]
    assert text[-1] == RAMP[-1]
    assert [RAMP.index(glyph) for glyph in text] == sorted(RAMP.index(glyph) for glyph in text)
    assert not cells.fg.any()
    assert not cells.bg.any()


@pytest.mark.parametrize("depth", Depth)
def test_sizes_stay(depth: Depth) -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (6, 5, 3), np.uint8)
    cells = paint(render(rgb), depth)
    assert cells.size == (5, 3)
    assert cells.depth is depth
    assert paint(render(np.zeros((0, 0, 3), np.uint8)), depth).size == (0, 0)


def test_without_colours_letters_stay() -> None:
    grid = render(np.zeros((2, 3, 3), np.uint8))
    grid.codepoints[0, 1] = ord("A")
    assert paint(grid, Depth.MONO).codepoints.tolist() == [[SPACE, ord("A"), SPACE]]
