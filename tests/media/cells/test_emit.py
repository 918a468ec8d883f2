"""What is emitted is read by a terminal emulator (pyte) and compared with the cells meant."""

from __future__ import annotations

import numpy as np
import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyte.graphics import FG_BG_256

from media.cells.depth import Depth
from media.cells.emit import changes, rows
from media.cells.grid import Grid
from media.cells.half import SPACE, render
from media.cells.palette import ANSI_COLOURS, Cells, paint
from media.video.synthetic import SyntheticFace

# pyte's names for what SGR 30-37 and 90-97 set.
PYTE_NAMES = ["black", "red", "green", "brown", "blue", "magenta", "cyan", "white"]
PYTE_16 = PYTE_NAMES + [f"bright{name}" for name in PYTE_NAMES]


def colour_name(code: int, depth: Depth) -> str:
    match depth:
        case Depth.TRUE:
            return f"{code:06x}"
        case Depth.COLOURS_256:
            return str(FG_BG_256[code])
        case Depth.COLOURS_16:
            return PYTE_16[code]
        case Depth.MONO:
            return "default"


class Terminal:
    """A terminal emulator that draws rows at a place, and compares."""

    def __init__(self, width: int, height: int, x: int = 2, y: int = 1) -> None:
        self.screen = pyte.Screen(width + x + 3, height + y + 2)
        self.stream = pyte.Stream(self.screen)
        self.x, self.y, self.width = x, y, width

    def draw(self, lines: list[str]) -> None:
        for number, line in enumerate(lines):
            self.stream.feed(f"\x1b[{self.y + number + 1};{self.x + 1}H{line}")
            # The next widget's cells follow without a cursor movement.
            assert self.screen.cursor.x == self.x + self.width

    def shows(self, cells: Cells) -> None:
        """Assert that the screen shows these cells."""
        for y, line in enumerate(cells.codepoints.tolist()):
            for x, codepoint in enumerate(line):
                char = self.screen.buffer[self.y + y][self.x + x]
                assert char.data == chr(codepoint)
                bg = char.bg.replace("bfightmagenta", "brightmagenta")
                assert bg == colour_name(int(cells.bg[y, x]), cells.depth)
                if codepoint != SPACE:
                    assert char.fg == colour_name(int(cells.fg[y, x]), cells.depth)

    def outside_is_untouched(self, width: int, height: int) -> bool:
        return all(
            self.screen.buffer[y][x] == self.screen.default_char
            for y in range(self.screen.lines)
            for x in range(self.screen.columns)
            if not (self.y <= y < self.y + height and self.x <= x < self.x + width)
        )


def random_cells(seed: int, width: int, height: int, depth: Depth) -> Cells:
    """Cells of few colours, so that runs, spaces and repeats occur."""
    rng = np.random.default_rng(seed)
    glyphs = np.array([32, 32, 0x2580, ord("a"), 0xE9, 0x1FB00], np.uint32)
    palette = rng.integers(0, 256, (4, 3), np.uint8)
    shape = (height, width)
    grid = Grid(
        glyphs[rng.integers(0, len(glyphs), shape)],
        palette[rng.integers(0, 4, shape)],
        palette[rng.integers(0, 4, shape)],
    )
    return paint(grid, depth)


depths = st.sampled_from(list(Depth))
side = st.integers(1, 14)


@given(seed=st.integers(0, 10**6), width=side, height=st.integers(1, 5), depth=depths)
@settings(max_examples=80)
def test_a_terminal_shows_the_cells(seed: int, width: int, height: int, depth: Depth) -> None:
    cells = random_cells(seed, width, height, depth)
    terminal = Terminal(width, height)
    terminal.draw(rows(cells))
    terminal.shows(cells)
    assert terminal.outside_is_untouched(width, height)


@given(seed=st.integers(0, 10**6), width=side, height=st.integers(1, 5), depth=depths)
@settings(max_examples=80)
def test_changes_alone_bring_the_terminal_to_the_next_picture(
    seed: int, width: int, height: int, depth: Depth
) -> None:
    first = random_cells(seed, width, height, depth)
    second = random_cells(seed + 1, width, height, depth)
    keep = np.random.default_rng(seed).random((height, width)) < 0.6
    second = Cells(
        np.where(keep, first.codepoints, second.codepoints),
        np.where(keep, first.fg, second.fg),
        np.where(keep, first.bg, second.bg),
        depth,
    )
    terminal = Terminal(width, height)
    terminal.draw(rows(first))
    terminal.draw(rows(second, changes(second, first)))
    terminal.shows(second)
    assert terminal.outside_is_untouched(width, height)


@pytest.mark.parametrize("depth", Depth)
def test_a_call_is_drawn_right_frame_after_frame(depth: Depth) -> None:
    face, width, height = SyntheticFace(1, 40, 24), 40, 12
    terminal, previous = Terminal(width, height), None
    sizes = []
    for number in range(5):
        cells = paint(render(face.draw(number / 10)), depth)
        lines = rows(cells, None if previous is None else changes(cells, previous))
        terminal.draw(lines)
        terminal.shows(cells)
        previous = cells
        sizes.append(sum(map(len, lines)))
    assert max(sizes[1:]) < sizes[0]


def test_nothing_changed_is_nothing_to_say() -> None:
    cells = random_cells(1, 10, 3, Depth.TRUE)
    assert rows(cells, changes(cells, cells)) == ["\x1b[10C"] * 3


def test_the_foreground_of_a_space_is_no_change() -> None:
    space = np.full((1, 1), SPACE, np.uint32)
    one, two, bg = (np.full((1, 1), n, np.uint32) for n in (1, 2, 3))
    a, b = Cells(space, one, bg, Depth.TRUE), Cells(space, two, bg, Depth.TRUE)
    assert not changes(a, b).any()
    assert "38;2" not in rows(a)[0]


def test_a_run_of_one_colour_says_it_once() -> None:
    cells = paint(render(np.full((2, 50, 3), 7, np.uint8)), Depth.TRUE)
    assert rows(cells) == ["\x1b[48;2;7;7;7m" + " " * 50 + "\x1b[0m"]


def test_without_colours_there_are_no_escape_sequences() -> None:
    cells = paint(render(SyntheticFace(1, 20, 20).draw(0)), Depth.MONO)
    assert all("\x1b" not in row and len(row) == 20 for row in rows(cells))


def test_sixteen_colours_use_the_old_codes() -> None:
    codes = np.array([[1, 9]], np.uint32)
    cells = Cells(np.array([[97, 98]], np.uint32), codes, codes[:, ::-1], Depth.COLOURS_16)
    assert rows(cells) == ["\x1b[31;101ma\x1b[91;41mb\x1b[0m"]
    assert len(ANSI_COLOURS) == 16


def test_no_cells_give_no_text() -> None:
    assert rows(paint(render(np.zeros((0, 5, 3), np.uint8)), Depth.TRUE)) == []
    assert rows(paint(render(np.zeros((4, 0, 3), np.uint8)), Depth.TRUE)) == ["", ""]
