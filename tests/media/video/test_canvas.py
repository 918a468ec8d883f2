"""The painter of ellipses."""

from __future__ import annotations

import numpy as np

from media.video.canvas import Canvas

WHITE = (255.0, 255.0, 255.0)


def canvas() -> Canvas:
    return Canvas(np.zeros((60, 80, 3), np.float32), 80, 60)


def test_an_ellipse_has_the_area_it_should() -> None:
    painter = canvas()
    painter.ellipse((0.0, 0.0), (0.3, 0.2), WHITE)
    area = painter.picture()[:, :, 0].sum() / 255
    assert abs(area - np.pi * 18 * 12) / area < 0.02


def test_it_is_where_it_should_be_and_clipped_at_the_border() -> None:
    painter = canvas()
    painter.ellipse((0.6, 0.4), (0.2, 0.2), WHITE)
    picture = painter.picture()[:, :, 0]
    assert picture[54, 75] == 255
    assert picture[:30].max() == 0
    painter.ellipse((5.0, 5.0), (0.1, 0.1), WHITE)
    assert (painter.picture()[:, :, 0] == picture).all()


def test_below_above_and_inner_cut_it() -> None:
    painter = canvas()
    painter.ellipse((0.0, 0.0), (0.3, 0.3), WHITE, below=0.0)
    painter.ellipse((0.0, 0.0), (0.3, 0.3), WHITE, above=-0.2)
    picture = painter.picture()[:, :, 0]
    assert picture[40, 40] == 255
    assert picture[22, 40] == 0
    assert picture[15, 40] == 255
    ring = canvas()
    ring.ellipse((0.0, 0.0), (0.3, 0.3), WHITE, inner=0.5)
    assert ring.picture()[30, 40, 0] == 0
    assert ring.picture()[30, 54, 0] == 255


def test_tilt_turns_it() -> None:
    painter = canvas()
    painter.ellipse((0.0, 0.0), (0.4, 0.1), WHITE, tilt=np.pi / 2)
    picture = painter.picture()[:, :, 0]
    assert picture[10, 40] == 255
    assert picture[30, 60] == 0


def test_opacity_blends_and_shade_darkens_to_the_lower_right() -> None:
    painter = canvas()
    painter.ellipse((0.0, 0.0), (0.3, 0.3), WHITE, opacity=0.5)
    assert 126 <= painter.picture()[30, 40, 0] <= 128
    shaded = canvas()
    shaded.ellipse((0.0, 0.0), (0.3, 0.3), (200.0, 200.0, 200.0), shade=0.3)
    picture = shaded.picture()[:, :, 0]
    assert picture[22, 32] > picture[30, 40] > picture[38, 48]
