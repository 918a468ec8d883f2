"""What is kept and what is redrawn."""

from __future__ import annotations

import numpy as np

from media.cells import emit
from media.cells.depth import Depth
from media.cells.half import render
from media.cells.hysteresis import PATIENCE, Hysteresis
from media.cells.palette import paint
from media.video import Rgb
from media.video.scale import scale
from media.video.synthetic import SyntheticFace
from media.video.vp8 import Decoder, Encoder


def flat(level: int, width: int = 4, height: int = 4) -> Rgb:
    return np.full((height, width, 3), level, np.uint8)


def test_a_small_change_is_kept_and_a_large_one_drawn() -> None:
    hysteresis = Hysteresis()
    hysteresis.steady(flat(100))
    assert (hysteresis.steady(flat(103)) == 100).all()
    assert (hysteresis.steady(flat(140)) == 140).all()


def test_both_pixels_of_a_cell_go_together() -> None:
    hysteresis = Hysteresis()
    hysteresis.steady(flat(100))
    change = flat(100)
    change[0, 0], change[1, 0], change[2, 1] = 200, 101, 103
    assert (hysteresis.steady(change)[:2] == change[:2]).all()
    assert (hysteresis.steady(change)[2:] == 100).all()


def test_slow_changes_do_not_pile_up() -> None:
    hysteresis = Hysteresis()
    hysteresis.steady(flat(0))
    for level in range(1, 200):
        shown = hysteresis.steady(flat(level))
        assert abs(int(shown[0, 0, 0]) - level) <= 5


def test_what_is_kept_becomes_right_in_the_end() -> None:
    hysteresis = Hysteresis()
    hysteresis.steady(flat(100))
    for _ in range(PATIENCE + 1):
        shown = hysteresis.steady(flat(102))
    assert (shown == 102).all()


def test_another_size_starts_anew() -> None:
    hysteresis = Hysteresis()
    hysteresis.steady(flat(100))
    assert (hysteresis.steady(flat(101, 6, 2)) == 101).all()
    assert (hysteresis.steady(flat(102, 6, 3)) == 102).all()
    assert hysteresis.steady(flat(0, 0, 0)).size == 0


def test_a_call_costs_far_fewer_bytes_and_looks_the_same() -> None:
    face, encoder, decoder, hysteresis = SyntheticFace(1), Encoder(), Decoder(), Hysteresis()
    spent, errors = {"all": 0, "steady": 0}, []
    last = dict.fromkeys(spent, paint(render(flat(0, 80, 48)), Depth.TRUE))
    for number in range(12):
        decoded = decoder.decode(encoder.encode(face.draw(number / 10)).data)
        assert decoded is not None
        picture = scale(decoded, 80, 48, crop=0.0)
        steady = hysteresis.steady(picture)
        errors.append(np.square(picture.astype(float) - steady).mean())
        for kind, rgb in (("all", picture), ("steady", steady)):
            cells = paint(render(rgb), Depth.TRUE)
            text = emit.rows(cells, emit.changes(cells, last[kind]))
            spent[kind] += sum(map(len, text)) if number else 0
            last[kind] = cells
    assert spent["steady"] < 0.4 * spent["all"]
    assert np.mean(errors) < 10
