"""What a tile shows without a picture: a disc with initials, in the colours of a name."""

from __future__ import annotations

import colorsys
import zlib
from dataclasses import replace

import numpy as np
from rich.cells import cell_len

from media.cells import half
from media.cells.grid import Grid
from media.video.canvas import Canvas, Colour


def initials(name: str) -> str:
    """Return one or two letters that stand for a name; none if they are not one cell wide."""
    letters = [word[0] for word in name.split() if word[0].isalnum()]
    text = "".join(letters if len(letters) < 2 else (letters[0], letters[-1])).upper()
    return text if all(cell_len(letter) == 1 for letter in text) else ""


def colours(name: str, *, light: bool = False) -> tuple[Colour, Colour, Colour]:
    """Return the colours of wall, disc and letters for a name, always the same ones.

    `light`: on a light screen, where a dark wall would be a hole.
    """
    hue = zlib.crc32(name.encode("utf-8", "replace")) % 360 / 360
    if light:
        return _colour(hue, 0.89, 0.25), _colour(hue, 0.72, 0.34), _colour(hue, 0.14, 0.60)
    return _colour(hue, 0.13, 0.25), _colour(hue, 0.32, 0.34), _colour(hue, 0.88, 0.60)


def draw(name: str, width: int, height: int, *, light: bool = False) -> Grid:
    """Draw the placeholder of a name, `width` x `height` cells."""
    wall, disc, ink = colours(name, light=light)
    pixels = np.empty((2 * height, width, 3), np.float32)
    pixels[:] = wall
    canvas = Canvas(pixels, width, 2 * height)
    radius = 0.34 * min(1.0, width / max(1, 2 * height))
    canvas.ellipse((0.0, 0.0), (radius, radius), disc, shade=0.25)
    return _write(half.render(canvas.picture()), initials(name), ink)


def _write(grid: Grid, text: str, ink: Colour) -> Grid:
    """Put a short text into the middle of a grid that has room for it."""
    width, height = grid.size
    if height == 0 or len(text) > width:
        return grid
    row, column = height // 2, (width - len(text)) // 2
    codepoints, fg = grid.codepoints.copy(), grid.fg.copy()
    for place, letter in enumerate(text, column):
        codepoints[row, place] = ord(letter)
        fg[row, place] = np.array(ink, np.uint8)
    return replace(grid, codepoints=codepoints, fg=fg)


def _colour(hue: float, light: float, saturation: float) -> Colour:
    red, green, blue = colorsys.hls_to_rgb(hue, light, saturation)
    return red * 255, green * 255, blue * 255
