"""Pictures to an exact size: area averaging down, linear interpolation up.

Both directions are one small matrix each, applied to rows and then to columns.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from media.video import Rgb


def cover(rgb: Rgb, width: int, height: int) -> Rgb:
    """Scale so that the whole target is filled; what stands over is cut off on both sides."""
    return scale(rgb, width, height, crop=1.0)


def scale(rgb: Rgb, width: int, height: int, *, crop: float) -> Rgb:
    """Scale to exactly `width` x `height` pixels, keeping the aspect ratio.

    `crop` (0.0 to 1.0) is the part of the longer side that may be cut off to fill the target;
    what is left over after that is black.
    """
    if width <= 0 or height <= 0 or rgb.shape[0] == 0 or rgb.shape[1] == 0:
        return np.zeros((max(0, height), max(0, width), 3), np.uint8)
    if rgb.shape[:2] == (height, width):
        return rgb
    seen_columns, seen_rows = _seen(rgb, width, height, crop)
    ratio = min(width / seen_columns, height / seen_rows)
    inner_width = min(width, max(1, round(seen_columns * ratio)))
    inner_height = min(height, max(1, round(seen_rows * ratio)))
    cut = _centre(rgb, max(1, round(seen_columns)), max(1, round(seen_rows)))
    scaled = _resample(cut, inner_width, inner_height)
    if (inner_width, inner_height) == (width, height):
        return scaled
    out = np.zeros((height, width, 3), np.uint8)
    top, left = (height - inner_height) // 2, (width - inner_width) // 2
    out[top : top + inner_height, left : left + inner_width] = scaled
    return out


def _seen(rgb: Rgb, width: int, height: int, crop: float) -> tuple[float, float]:
    """Return how many columns and rows stay when the longer side is cut towards the target."""
    rows, columns = rgb.shape[:2]
    keep = 1.0 - crop
    return (
        min(columns, max(columns * keep, rows * width / height)),
        min(rows, max(rows * keep, columns * height / width)),
    )


def _centre(rgb: Rgb, columns: int, rows: int) -> Rgb:
    top, left = (rgb.shape[0] - rows) // 2, (rgb.shape[1] - columns) // 2
    cut: Rgb = rgb[top : top + rows, left : left + columns]
    return cut


def _resample(rgb: Rgb, width: int, height: int) -> Rgb:
    rows, columns = rgb.shape[:2]
    if (columns, rows) == (width, height):
        return rgb
    picture = rgb.astype(np.float32).reshape(rows, columns * 3)
    narrow = (_weights(rows, height) @ picture).reshape(height, columns, 3)
    out = np.matmul(_weights(columns, width), narrow)
    rounded: Rgb = (out + np.float32(0.5)).astype(np.uint8)
    return rounded


@lru_cache(maxsize=64)
def _weights(source: int, target: int) -> NDArray[np.float32]:
    """Return the `target x source` matrix that resamples one axis; every row sums to 1."""
    if target >= source:
        centre = np.clip((np.arange(target) + 0.5) * source / target - 0.5, 0, source - 1)
        weights = np.maximum(0.0, 1.0 - np.abs(centre[:, None] - np.arange(source)[None, :]))
    else:
        edges = np.arange(target + 1) * source / target
        low = np.maximum(edges[:-1, None], np.arange(source)[None, :])
        high = np.minimum(edges[1:, None], np.arange(1, source + 1)[None, :])
        weights = np.maximum(0.0, high - low)
    weights /= weights.sum(axis=1, keepdims=True)
    return weights.astype(np.float32)
