from __future__ import annotations

import numpy as np
import pytest

from media.cells.nearest import Nearest, oklab


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [
        ((0, 0, 0), (0, 0, 0)),
        ((255, 255, 255), (1, 0, 0)),
        ((255, 0, 0), (0.628, 0.225, 0.126)),
        ((0, 0, 255), (0.452, -0.032, -0.312)),
    ],
)
def test_oklab_is_what_its_author_says(rgb: tuple[int, ...], lab: tuple[float, ...]) -> None:
    assert oklab(np.array(rgb)) == pytest.approx(lab, abs=2e-3)


def test_a_palette_finds_its_own_colours() -> None:
    palette = np.array([(0, 0, 0), (255, 255, 255), (255, 0, 0), (0, 0, 255)], np.uint8)
    assert Nearest(palette, 4)(palette).tolist() == [0, 1, 2, 3]


def test_a_dull_colour_is_not_shown_as_a_gaudy_one() -> None:
    palette = np.array([(128, 128, 128), (205, 0, 0)], np.uint8)
    assert Nearest(palette, 5)(np.array([150, 110, 110], np.uint8)) == 0


def test_what_is_less_welcome_is_taken_only_where_it_is_much_nearer() -> None:
    palette = np.array([(100, 100, 100), (110, 110, 110)], np.uint8)
    handicap = np.array([1.0, 0.0], np.float32)
    assert Nearest(palette, 5)(np.array([99, 99, 99], np.uint8)) == 0
    assert Nearest(palette, 5, handicap)(np.array([99, 99, 99], np.uint8)) == 1
