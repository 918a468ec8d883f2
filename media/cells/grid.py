"""What is drawn: a grid of cells, each a glyph with two colours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Grid:
    """Cells as a renderer makes them: `height x width` glyphs and their true colours."""

    codepoints: NDArray[np.uint32]
    """`height x width`; every glyph is one cell wide."""
    fg: NDArray[np.uint8]
    """`height x width x 3`, red, green, blue."""
    bg: NDArray[np.uint8]
    """`height x width x 3`."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in cells."""
        height, width = self.codepoints.shape
        return width, height
