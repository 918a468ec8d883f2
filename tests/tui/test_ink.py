from __future__ import annotations

import re

import pytest
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from showing import shown
from textual.color import Color
from textual.strip import Strip

from tui.ink import Ink

BLACK = Color(0, 0, 0)


def drawn(style: str, *, dark: bool = True) -> str:
    segments = Ink(dark).apply([Segment("x", Style.parse(style))], BLACK)
    return Strip(segments).render(Console(color_system="standard", force_terminal=True))


@pytest.mark.parametrize(
    ("style", "sequence"),
    [
        ("#8fb0d0 on #14171c", "x"),
        ("bold red on #14171c", "\x1b[1mx\x1b[0m"),
        ("underline #cdd2da", "\x1b[4mx\x1b[0m"),
        ("#14171c on #8fb0d0", "\x1b[7mx\x1b[0m"),
        ("reverse #cdd2da on #14171c", "\x1b[7mx\x1b[0m"),
        ("reverse #14171c on #cdd2da", "x"),
    ],
)
def test_ink_has_weight_but_no_colour(style: str, sequence: str) -> None:
    assert drawn(style) == sequence


def test_on_a_light_theme_dark_paper_is_what_stands_out() -> None:
    assert drawn("#22262c on #f6f5f2", dark=False) == "x"
    assert drawn("#f6f5f2 on #2f5f8f", dark=False) == "\x1b[7mx\x1b[0m"


async def test_no_color_sends_no_colour_at_all(call, monkeypatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with shown(call) as pilot:
        strips = pilot.app.screen._compositor.render_strips()
        sent = "".join(strip.render(pilot.app.console) for strip in strips)
    assert "Me" in sent
    codes = {code for found in re.findall(r"\x1b\[([\d;]*)m", sent) for code in found.split(";")}
    assert codes <= {"0", "1", "3", "4", "7", "9"}
