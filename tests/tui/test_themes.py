from __future__ import annotations

from tui.themes import THEMES


def test_every_theme_has_a_name_of_its_own_and_one_is_light() -> None:
    assert len({theme.name for theme in THEMES}) == len(THEMES)
    assert {theme.dark for theme in THEMES} == {True, False}
