from __future__ import annotations

from typing import get_args

import pytest
from textual.color import Color
from textual.theme import Theme

from media.cells.depth import Depth
from tui.themes import DAY, NIGHT, PAPER, QUIET, THEMES, Name, chosen

INKS = ("foreground", "foreground-muted", "primary", "secondary", "success", "warning", "error")
PAPERS = ("background", "surface", "panel")


def luminance(colour: Color) -> float:
    """Return the relative luminance of a colour (WCAG 2.1)."""
    parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.normalized]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(ink: Color, ground: Color) -> float:
    dark, light = sorted((luminance(ink), luminance(ground)))
    return (light + 0.05) / (dark + 0.05)


def contrasts(theme: Theme) -> dict[tuple[str, str], float]:
    """Return the contrast of everything that is read on everything it stands on."""
    colours = theme.to_color_system().generate()
    found = {}
    for paper in PAPERS:
        ground = Color.parse(colours[paper])
        for ink in INKS:
            found[ink, paper] = contrast(ground + Color.parse(colours[ink]), ground)
    return found


def test_every_theme_has_a_name_of_its_own_and_one_is_light() -> None:
    assert len({theme.name for theme in THEMES}) == len(THEMES)
    assert {theme.dark for theme in THEMES} == {True, False}


@pytest.mark.parametrize(("theme", "least"), [(QUIET, 4.5), (PAPER, 4.5), (NIGHT, 7.0), (DAY, 7.0)])
def test_everything_can_be_read(theme: Theme, least: float) -> None:
    assert {pair: ratio for pair, ratio in contrasts(theme).items() if ratio < least} == {}


def test_the_setting_names_each() -> None:
    assert [chosen(name) for name in get_args(Name)] == list(THEMES)


@pytest.mark.parametrize("depth", [Depth.COLOURS_16, Depth.MONO])
def test_few_colours_are_used_with_a_high_contrast(depth: Depth) -> None:
    assert chosen("dark", depth) is NIGHT
    assert chosen("light", depth) is DAY
