"""Cells as Textual strips that write only what changed on the terminal.

Textual composes lines of strips and asks each strip it really writes to `render`. That call, and
no other, is the proof that cells reached the terminal, so it is the only place where `Painting`
notes them as drawn. Overlays, clipping and screenshots cut or join strips instead: then the cells
are written whole, or turned into ordinary segments, and what is on the terminal counts as unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby

import numpy as np
from rich.color import Color
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from media.cells import emit
from media.cells.depth import Depth
from media.cells.palette import Cells


class Painting:
    """The cells a widget wants to show, and which of them the terminal shows already."""

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self._drawn = Cells(cells.codepoints.copy(), cells.fg.copy(), cells.bg.copy(), cells.depth)
        self._known = np.zeros(cells.size[1], bool)
        self._texts: list[str] | None = None

    def show(self, cells: Cells) -> None:
        """Replace the cells with others of the same size and depth."""
        self.cells = cells
        self._texts = None

    def forget(self, row: int | None = None) -> None:
        """Presume nothing about what the terminal shows in one row, or in any."""
        self._known[slice(None) if row is None else row] = False
        self._texts = None

    def stale_rows(self) -> list[int]:
        """Return the rows that are not on the terminal as they should be."""
        changed = emit.changes(self.cells, self._drawn).any(axis=1)
        return [int(row) for row in np.flatnonzero(changed | ~self._known)]

    def strips(self) -> list[CellStrip]:
        """Return one strip for each row."""
        width, height = self.cells.size
        return [CellStrip(self, self.cells, row, 0, width) for row in range(height)]

    def take(self, row: int) -> str:
        """Return what brings a row on the terminal up to date, and presume it is written."""
        if self._texts is None:
            changed = emit.changes(self.cells, self._drawn) | ~self._known[:, None]
            self._texts = emit.rows(self.cells, changed)
        text = self._texts[row]
        self._texts[row] = f"\x1b[{self.cells.size[0]}C"
        self._drawn.codepoints[row] = self.cells.codepoints[row]
        self._drawn.fg[row] = self.cells.fg[row]
        self._drawn.bg[row] = self.cells.bg[row]
        self._known[row] = True
        return text


class CellStrip(Strip):
    """Part of one row of a painting; an ordinary strip to all that treat it as one."""

    __slots__ = ("_cells", "_made", "_painting", "_row", "_start", "_stop")

    def __init__(self, painting: Painting, cells: Cells, row: int, start: int, stop: int) -> None:
        self._made: list[Segment] | None = None
        super().__init__((), stop - start)
        self._painting, self._cells = painting, cells
        self._row, self._start, self._stop = row, start, stop
        self._made = None

    @property
    def _segments(self) -> list[Segment]:
        """The strip as segments: made only when somebody filters, joins or inspects it."""
        if self._made is None:
            self._made = list(_segments(self._part()))
        return self._made

    @_segments.setter
    def _segments(self, segments: list[Segment]) -> None:
        self._made = segments

    def _part(self) -> Cells:
        span = (slice(self._row, self._row + 1), slice(self._start, self._stop))
        cells = self._cells
        return Cells(cells.codepoints[span], cells.fg[span], cells.bg[span], cells.depth)

    def __bool__(self) -> bool:
        return self._stop > self._start

    def render(self, console: Console) -> str:
        """Return the terminal sequences for a cursor at the strip's first cell."""
        painting = self._painting
        whole = self._stop - self._start == self._cells.size[0]
        if whole and self._cells is painting.cells:
            return painting.take(self._row)
        painting.forget(self._row)
        return emit.rows(self._part())[0]

    def crop(self, start: int, end: int | None = None) -> Strip:
        """Return the strip's cells from `start` up to `end`."""
        width = self._stop - self._start
        low = max(0, min(start, width))
        high = width if end is None else max(low, min(end, width))
        if (low, high) == (0, width):
            return self
        return self._sub(low, high)

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        """Cut the strip at cell positions; what lies after the last one is left out."""
        width = self._stop - self._start
        places = [cut for cut in cuts if cut <= width]
        if places == [width]:
            return [self]
        return [self._sub(low, high) for low, high in zip([0, *places], places)]

    def _sub(self, low: int, high: int) -> CellStrip:
        start = self._start
        return CellStrip(self._painting, self._cells, self._row, start + low, start + high)


def _segments(cells: Cells) -> Iterator[Segment]:
    """Turn one row of cells into segments, one for each run of equal colours."""
    row = zip(cells.codepoints[0].tolist(), cells.fg[0].tolist(), cells.bg[0].tolist())
    for (fg, bg), run in groupby(row, key=lambda cell: (cell[1], cell[2])):
        yield Segment("".join(chr(cell[0]) for cell in run), _style(fg, bg, cells.depth))


@lru_cache(maxsize=4096)
def _style(fg: int, bg: int, depth: Depth) -> Style:
    match depth:
        case Depth.TRUE:
            return Style(color=_true_colour(fg), bgcolor=_true_colour(bg))
        case Depth.COLOURS_256 | Depth.COLOURS_16:
            return Style(color=Color.from_ansi(fg), bgcolor=Color.from_ansi(bg))
        case Depth.MONO:
            return Style.null()


def _true_colour(code: int) -> Color:
    return Color.from_rgb(code >> 16, code >> 8 & 255, code & 255)
