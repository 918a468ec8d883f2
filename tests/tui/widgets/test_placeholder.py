"""The placeholder."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.widgets.placeholder import colours, draw, initials


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ada Lovelace", "AL"),
        ("ada", "A"),
        ("Ada King Lovelace", "AL"),
        ("[b]x[/b] {y}", ""),
        ("\x1b[31m", ""),
        ("", ""),
        ("田中 太郎", ""),
        ("ß", "SS"),
    ],
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_they_stand_in_the_middle() -> None:
    grid = draw("Ada Lovelace", 20, 9)
    text = "".join(map(chr, grid.codepoints[4].tolist()))
    assert text[9:11] == "AL"


@given(name=st.text(max_size=30), width=st.integers(0, 30), height=st.integers(0, 12))
def test_any_name_is_drawn_at_any_size(name: str, width: int, height: int) -> None:
    assert draw(name, width, height).size == (width, height)


def test_a_name_keeps_its_colours_and_they_can_be_read() -> None:
    assert colours("Ada") == colours("Ada")
    assert colours("Ada") != colours("Bob")
    for number in range(50):
        _, disc, ink = colours(f"name {number}")
        assert np.mean(ink) - np.mean(disc) > 100


@pytest.mark.parametrize("name", ["Ada", "Grace", "Noor", ""])
def test_on_a_light_screen_the_wall_is_light_and_the_letters_dark(name: str) -> None:
    (wall, disc, ink), (dark_wall, _, dark_ink) = colours(name, light=True), colours(name)
    assert sum(wall) > sum(disc) > sum(ink)
    assert sum(wall) > 2 * sum(dark_wall)
    assert sum(dark_ink) > 2 * sum(ink)
