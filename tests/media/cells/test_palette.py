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
    [((0, 0, 0), 16), ((255, 255, 255), 231), ((255, 0, 0), 196), ((118, 118, 118), 243)],
)
def test_known_colours_of_256(colour: tuple[int, int, int], expected: int) -> None:
    assert code(paint(solid(*colour), Depth.COLOURS_256)) == expected


@pytest.mark.parametrize("skin", [(150, 95, 65), (140, 88, 60), (230, 180, 150), (95, 60, 45)])
def test_a_face_does_not_fall_apart_into_grey_and_coloured_patches(
    skin: tuple[int, int, int],
) -> None:
    noise = np.random.default_rng(2).normal(0, 3, (32, 32, 3))
    rgb = np.clip(np.array(skin) + noise, 0, 255).astype(np.uint8)
    shown = xterm_256()[paint(render(rgb), Depth.COLOURS_256).fg.astype(int) - 16]
    grey = (shown == shown[..., :1]).all(axis=-1).mean()
    assert grey < 0.02 or (grey > 0.98 and max(skin) < 100)


def flat(*colour: int) -> Grid:
    rgb = np.array([[colour]], np.uint8)
    return Grid(np.array([[SPACE]], np.uint32), rgb, rgb)


def test_the_sixteen_colours_are_themselves() -> None:
    for number, colour in enumerate(ANSI_COLOURS.tolist()):
        cells = paint(flat(*colour), Depth.COLOURS_16)
        assert number in (cells.fg[0, 0], cells.bg[0, 0])


def test_sixteen_colours_are_mixed_to_what_is_between() -> None:
    def shown(*colour: int) -> set[int]:
        cells = paint(flat(*colour), Depth.COLOURS_16)
        assert cells.bg[0, 0] < 8, "older terminals have no bright paper"
        return {int(cells.fg[0, 0]), int(cells.bg[0, 0])}

    skin, leaf = shown(150, 95, 65), shown(120, 140, 40)
    assert skin & {1, 3, 9, 11}, "something red or yellow"
    assert leaf & {2, 3, 10, 11}, "something green or yellow"


def test_cells_that_became_one_colour_are_spaces() -> None:
    rgb = np.array([[[100, 100, 100]], [[101, 101, 101]]], np.uint8)
    assert paint(render(rgb), Depth.TRUE).codepoints[0, 0] == UPPER_HALF
    assert paint(render(rgb), Depth.COLOURS_256).codepoints[0, 0] == SPACE


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
