"""The colour of a palette that looks most like another: a table, made once.

Distances are taken in Oklab (https://bottosson.github.io/posts/oklab/). In plain RGB, greys are
nearest to most dull colours, and faces fall apart into grey and coloured patches.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

HUE = 3.0
"""How much more an error in colour is seen than one in brightness."""
GAUDY = 8.0
"""How much more it is seen if the colour shown is the stronger one."""

_AT_ONCE = 200_000
"""Pairs compared at a time, so that they fit a cache."""

Floats = NDArray[np.float32]
_TO_CONES = np.array(
    [
        [0.4122214708, 0.2119034982, 0.0883024619],
        [0.5363325363, 0.6806995451, 0.2817188376],
        [0.0514459929, 0.1073969566, 0.6299787005],
    ],
    np.float32,
)
_TO_LAB = np.array(
    [
        [0.2104542553, 1.9779984951, 0.0259040371],
        [0.7936177850, -2.4285922050, 0.7827717662],
        [-0.0040720468, 0.4505937099, -0.8086757660],
    ],
    np.float32,
)


def oklab(rgb: NDArray[np.generic]) -> Floats:
    """Return lightness and two opponent colours of sRGB colours, levels 0 to 255, `... x 3`."""
    level = np.asarray(rgb, np.float32) / 255
    linear = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.cbrt(linear.astype(np.float32) @ _TO_CONES) @ _TO_LAB, np.float32)


class Nearest:
    """Finds the nearest of `palette` (`n x 3`); `handicap` makes some of them less welcome."""

    def __init__(
        self, palette: NDArray[np.generic], bits: int, handicap: Floats | None = None
    ) -> None:
        self._shift = 8 - bits
        self._bits = bits
        levels = (np.arange(1 << bits) * 255 / ((1 << bits) - 1)).astype(np.float32)
        axes = np.meshgrid(levels, levels, levels, indexing="ij")
        asked = oklab(np.stack(axes, axis=-1).reshape(-1, 3))
        known = oklab(palette)
        extra = np.zeros(len(known), np.float32) if handicap is None else handicap
        parts = np.array_split(asked, max(1, len(asked) * len(known) // _AT_ONCE))
        found = [_unlikeness(part, known, extra).argmin(axis=1) for part in parts]
        self._table = np.concatenate(found).astype(np.uint32)

    def __call__(self, rgb: NDArray[np.uint8]) -> NDArray[np.uint32]:
        """Return the places in the palette, of colours `... x 3`."""
        top = np.asarray(rgb >> self._shift, np.uint32)
        index = (top[..., 0] << 2 * self._bits) | (top[..., 1] << self._bits) | top[..., 2]
        return np.take(self._table, index)


def _unlikeness(asked: Floats, known: Floats, extra: Floats) -> Floats:
    """Return how unlike each pair is, `asked x known`, but for what is the same for all known."""
    scale = np.array([1, HUE, HUE], np.float32)
    error = asked @ (known * scale * -2).T
    error += np.square(known) @ scale + extra
    gaudy = np.hypot(known[:, 1], known[:, 2])[None] - np.hypot(asked[:, 1], asked[:, 2])[:, None]
    np.maximum(gaudy, 0, out=gaudy)
    gaudy *= gaudy
    gaudy *= GAUDY
    error += gaudy
    return np.asarray(error, np.float32)
