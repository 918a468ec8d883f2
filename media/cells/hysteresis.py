"""Cells that hardly changed stay as they are: most of a picture then costs no bytes.

A cell is redrawn when the error of keeping it outweighs its cost. The error allowed shrinks while
a cell is kept, so that what is still wrong becomes right within seconds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from media.video import Rgb

ALLOWED_ERROR = 25.0
"""Mean square error of a cell's colours that is not worth redrawing; costs 0.3 dB, saves 4/5."""
PATIENCE = 45
"""Pictures after which a kept cell has to be right."""
ALWAYS_ALLOWED = 0.25
"""Less than half a level: nobody sees it."""


class Hysteresis:
    """Remembers what was last drawn of one stream of pictures."""

    def __init__(self) -> None:
        self._shown: Rgb = np.zeros((0, 0, 3), np.uint8)
        self._age: NDArray[np.float32] = np.zeros((0, 0), np.float32)

    def steady(self, rgb: Rgb) -> Rgb:
        """Return the picture (`2h x w x 3`) with the cells kept that need not be redrawn."""
        height, width = rgb.shape[0] // 2, rgb.shape[1]
        if self._shown.shape != rgb.shape or rgb.shape[0] % 2:
            self._age = np.zeros((height, width), np.float32)
            self._shown = rgb
            return rgb
        difference = rgb.astype(np.int32) - self._shown
        squares = np.square(difference, out=difference).sum(axis=2)
        error = (squares[0::2] + squares[1::2]) / np.float32(6)
        allowed = ALLOWED_ERROR * np.maximum(0, 1 - self._age / PATIENCE) + ALWAYS_ALLOWED
        redraw = error > allowed
        self._age = np.where(redraw, 0, self._age + 1).astype(np.float32)
        self._shown = np.where(redraw.repeat(2, axis=0)[:, :, None], rgb, self._shown)
        return self._shown
