"""Scaling to an exact size."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.video.scale import cover, scale


def picture(width: int, height: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


side = st.integers(1, 60)


@given(w=side, h=side, to_w=side, to_h=side, crop=st.floats(0, 1))
def test_the_size_is_exact_and_a_flat_picture_stays_flat(
    w: int, h: int, to_w: int, to_h: int, crop: float
) -> None:
    flat = np.full((h, w, 3), 200, np.uint8)
    out = scale(flat, to_w, to_h, crop=crop)
    assert out.shape == (to_h, to_w, 3)
    assert out.dtype == np.uint8
    assert set(np.unique(out)) <= {0, 200}
    assert (cover(flat, to_w, to_h) == 200).all()


def test_the_same_size_is_returned_as_it_is() -> None:
    rgb = picture(16, 12)
    assert cover(rgb, 16, 12) is rgb


def test_down_scaling_averages_areas() -> None:
    rgb = picture(40, 20)
    expected = rgb.reshape(5, 4, 10, 4, 3).astype(float).mean(axis=(1, 3))
    assert np.abs(cover(rgb, 10, 5).astype(float) - expected).max() <= 0.51


def test_up_scaling_interpolates() -> None:
    rgb = np.array([[[0] * 3, [100] * 3]], np.uint8)
    assert scale(rgb, 4, 2, crop=0.0)[0, :, 0].tolist() == [0, 25, 75, 100]


def test_no_crop_shows_all_with_bars_and_cover_fills() -> None:
    rgb = np.full((120, 160, 3), 255, np.uint8)
    whole = scale(rgb, 160, 60, crop=0.0)
    assert (whole[:, :40] == 0).all()
    assert (whole[:, 40:120] == 255).all()
    assert (whole[:, 120:] == 0).all()
    assert (cover(rgb, 160, 60) == 255).all()


def test_cover_cuts_both_sides_alike() -> None:
    rgb = np.zeros((100, 200, 3), np.uint8)
    rgb[:, 50:150] = 255
    assert (cover(rgb, 50, 50) == 255).all()


def test_a_limited_crop_leaves_smaller_bars() -> None:
    rgb = np.full((120, 160, 3), 255, np.uint8)
    bars = [int((scale(rgb, 160, 60, crop=c)[0, :, 0] == 0).sum()) for c in (0.0, 0.25, 1.0)]
    assert bars[0] > bars[1] > bars[2] == 0


@pytest.mark.parametrize("size", [(0, 0), (0, 5), (5, 0)])
def test_nothing_to_draw_on_gives_an_empty_picture(size: tuple[int, int]) -> None:
    assert cover(picture(4, 4), *size).size == 0


def test_an_empty_picture_gives_black() -> None:
    assert cover(np.zeros((0, 3, 3), np.uint8), 4, 2).tolist() == np.zeros((2, 4, 3)).tolist()
