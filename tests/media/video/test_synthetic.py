"""The drawn person."""

from __future__ import annotations

import colorsys
from itertools import pairwise

import numpy as np
import pytest

from media.video.synthetic import SyntheticFace


def hue(rgb: np.ndarray) -> float:
    red, green, blue = rgb[:, :8].reshape(-1, 3).mean(axis=0) / 255
    return colorsys.rgb_to_hsv(red, green, blue)[0]


def test_it_is_a_function_of_seed_and_time() -> None:
    first, second = SyntheticFace(4), SyntheticFace(4)
    first.draw(1.0)
    assert (first.draw(2.5) == second.draw(2.5)).all()


def test_it_moves() -> None:
    face = SyntheticFace(2)
    pictures = [face.draw(i / 10).astype(int) for i in range(60)]
    changes = [np.abs(b - a).max() for a, b in pairwise(pictures)]
    assert min(changes) > 5


def test_seeds_differ_in_hue() -> None:
    hues = sorted(hue(SyntheticFace(seed).draw(0.0)) for seed in range(8))
    assert min(b - a for a, b in pairwise(hues)) > 0.03


@pytest.mark.parametrize("size", [(160, 120), (100, 60), (320, 180), (16, 16), (1, 1)])
def test_every_size_is_drawn(size: tuple[int, int]) -> None:
    picture = SyntheticFace(7, *size).draw(3.0)
    assert picture.shape == (size[1], size[0], 3)
    assert picture.dtype == np.uint8


def test_any_seed_and_time_is_drawn() -> None:
    for seed in (0, 1, 12345, 2**31):
        assert SyntheticFace(seed, 40, 30).draw(1e6 + seed).shape == (30, 40, 3)
