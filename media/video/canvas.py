"""A small painter of soft-edged ellipses, enough for a face.

Lengths are in units of the picture's height; the origin is its middle, y points down.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from media.video import Rgb

Field = NDArray[np.float32]
"""A picture in floats, `height x width x 3`, 0 to 255; or one channel of it."""
Colour = tuple[float, float, float]


class Canvas:
    """A float picture with soft-edged ellipses, in height units around the middle."""

    def __init__(self, pixels: Field, width: int, height: int) -> None:
        self._pixels = pixels
        self._width, self._height = width, height

    def ellipse(
        self,
        centre: tuple[float, float],
        radii: tuple[float, float],
        colour: Colour,
        *,
        tilt: float = 0.0,
        shade: float = 0.0,
        below: float | None = None,
        above: float | None = None,
        inner: float = 0.0,
        opacity: float = 1.0,
        soft: float = 1.0,
    ) -> None:
        """Blend one ellipse in.

        `shade` darkens it from the upper left to the lower right; `below` and `above` keep only
        what lies under or over that height; `inner` cuts a hole, for a ring; `soft` is the width
        of its edge in pixels.
        """
        reach = max(radii) if tilt else 0.0
        reach_x, reach_y = max(radii[0], reach), max(radii[1], reach)
        window = self._window(centre, reach_x + 0.02 * soft, reach_y + 0.02 * soft)
        if window is None:
            return
        rows, columns, y, x = window
        dx, dy = x - np.float32(centre[0]), y - np.float32(centre[1])
        cos, sin = np.float32(math.cos(tilt)), np.float32(math.sin(tilt))
        u, v = (dx * cos + dy * sin) / radii[0], (dy * cos - dx * sin) / radii[1]
        distance: Field = np.sqrt(u * u + v * v)
        alpha = _edge((1 - distance) * (min(radii) * self._height / soft)) * np.float32(opacity)
        if inner:
            alpha *= _edge((distance - inner) * (min(radii) * self._height / soft))
        if below is not None:
            alpha = alpha * _edge((y - below) * self._height)
        if above is not None:
            alpha = alpha * _edge((above - y) * self._height)
        paint: Field = np.array(colour, np.float32)
        if shade:
            light = np.float32(1) - np.float32(shade) * (np.float32(0.6) * u + np.float32(0.5) * v)
            paint = (paint * light[:, :, None]).astype(np.float32)
        target = self._pixels[rows, columns]
        target += (paint - target) * alpha[:, :, None]

    def _window(
        self, centre: tuple[float, float], reach_x: float, reach_y: float
    ) -> tuple[slice, slice, Field, Field] | None:
        """Return the pixels a shape can touch, and their coordinates; None outside the picture."""
        scale, width, height = self._height, self._width, self._height
        left = max(0, math.floor((centre[0] - reach_x) * scale + width / 2))
        right = min(width, math.ceil((centre[0] + reach_x) * scale + width / 2))
        top = max(0, math.floor((centre[1] - reach_y) * scale + height / 2))
        bottom = min(height, math.ceil((centre[1] + reach_y) * scale + height / 2))
        if left >= right or top >= bottom:
            return None
        x: Field = ((np.arange(left, right) + 0.5 - width / 2) / scale).astype(np.float32)[None, :]
        y: Field = ((np.arange(top, bottom) + 0.5 - height / 2) / scale).astype(np.float32)[:, None]
        return slice(top, bottom), slice(left, right), y, x

    def picture(self) -> Rgb:
        """Return the finished picture."""
        return np.clip(self._pixels, 0, 255).astype(np.uint8)


def _edge(pixels_inside: Field) -> Field:
    """Coverage, 0 to 1, of a pixel so far inside an edge."""
    coverage: Field = np.clip(pixels_inside + np.float32(0.5), 0, 1)
    return coverage
