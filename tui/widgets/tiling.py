"""Where tiles lie: a grid of equal ones, or a large one with a strip of small ones. Pure."""

from __future__ import annotations

from typing import Final

from textual.geometry import Region, Size

FRAME: Final = 2
"""Cells a tile's border takes in each direction."""
CELLS_ACROSS: Final = 8 / 3
"""Cells in width for each in height: 4:3 pictures, cells twice as high as wide."""
SMALLEST: Final = 12
"""Cells; narrower pictures show nobody."""
STRIP: Final = range(SMALLEST, 25)
"""Cells across that pictures in the strip may have."""
LARGE: Final = 24
"""Cells across that the large picture gives up for a strip only what is beyond."""


def arrange_tiles(count: int, width: int, height: int) -> list[Region]:
    """Return the regions of `count` tiles, centred, with the largest pictures that fit.

    Empty when even the best arrangement is too small to show anything.
    """
    if count == 0:
        return []
    columns, tile = max(
        ((columns, _cell(count, columns, width, height)) for columns in range(1, count + 1)),
        key=lambda choice: (choice[1].width, -choice[0]),
    )
    if tile.width - FRAME < SMALLEST:
        return []
    rows = -(-count // columns)
    top = (height - rows * tile.height) // 2
    regions = []
    for row in range(rows):
        here = min(columns, count - row * columns)
        regions += _row(here, tile, (width - here * tile.width) // 2, top + row * tile.height)
    return regions


def arrange_speaker(count: int, width: int, height: int) -> list[Region]:
    """Return the regions of a large tile and of those of the small ones that fit.

    The strip lies below or beside, whichever leaves more for the large one. Empty when even one
    tile is too small.
    """
    alone = _fit(width, height)
    if count == 0 or alone.width - FRAME < SMALLEST:
        return []
    across = min(max(width // 6, STRIP.start), STRIP.stop - 1)
    small = _tile(across)
    below = _fit(width, height - small.height)
    beside = _fit(width - small.width, height)
    large = max(below, beside, key=lambda size: size.width)
    if count == 1 or large.width < min(alone.width, LARGE + FRAME):
        return [_centred(alone, width, height)]
    strip = _with_strip_below if large is below else _with_strip_beside
    return strip(count, large, small, Size(width, height))


def _with_strip_below(count: int, large: Size, small: Size, room: Size) -> list[Region]:
    fitting = min(count - 1, room.width // small.width)
    top = (room.height - large.height - small.height) // 2
    left = (room.width - fitting * small.width) // 2
    first = Region((room.width - large.width) // 2, top, *large)
    return [first, *_row(fitting, small, left, first.bottom)]


def _with_strip_beside(count: int, large: Size, small: Size, room: Size) -> list[Region]:
    fitting = min(count - 1, room.height // small.height)
    left = (room.width - large.width - small.width) // 2
    top = (room.height - fitting * small.height) // 2
    first = Region(left, (room.height - large.height) // 2, *large)
    strip = [Region(first.right, top + n * small.height, *small) for n in range(fitting)]
    return [first, *strip]


def _row(count: int, tile: Size, left: int, top: int) -> list[Region]:
    return [Region(left + number * tile.width, top, *tile) for number in range(count)]


def _centred(tile: Size, width: int, height: int) -> Region:
    return Region((width - tile.width) // 2, (height - tile.height) // 2, *tile)


def _cell(count: int, columns: int, width: int, height: int) -> Size:
    return _fit(width // columns, height // -(-count // columns))


def _fit(width: int, height: int) -> Size:
    """Return the largest tile that fits, of about the shape of a picture."""
    down = height - FRAME
    return _tile(max(min(width - FRAME, int(down * CELLS_ACROSS)), 0))


def _tile(across: int) -> Size:
    down = int(across / CELLS_ACROSS + 0.5)
    return Size(min(across, int(down * CELLS_ACROSS)) + FRAME, down + FRAME)
