"""Drawing only what is seen puts on the terminal what Textual's own compositor puts there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from itertools import chain
from typing import Any

import pytest
from rich.color import ColorSystem
from rich.style import Style
from textual._compositor import ChopsUpdate, Compositor
from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.geometry import Region
from textual.pilot import Pilot
from textual.screen import ModalScreen, Screen
from textual.strip import Strip
from textual.widgets import Input, RichLog, Static

from tui.compositing import SparingCompositor

Cells = list[tuple[str, Style | None]]


class Sparing(Screen[None]):
    """Panels side by side and behind each other, one scrolled, a layer above, wide characters."""

    CSS = """
    Screen { layers: below above; }
    #left { width: 37%; border: round red; } #left Static { height: 1; margin: 0 1 1 0; }
    #note { layer: above; offset: 9 3; width: 21; height: 4; background: blue 50%; }
    RichLog { height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._compositor = SparingCompositor()

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield VerticalScroll(*(Static(f"{n} 会议 [b]room[/b]") for n in range(30)), id="left")
            with Vertical():
                yield RichLog()
                yield Input("what is typed")
        yield Static("a note\nover the rest", id="note")


class Question(ModalScreen[None]):
    def __init__(self) -> None:
        super().__init__()
        self._compositor = SparingCompositor()

    def compose(self) -> ComposeResult:
        yield Static("really?")


class Shown(App[None]):
    def __init__(self) -> None:
        super().__init__()
        # A style keeps the codes it was first written with, for whichever test comes next.
        self.console._color_system = ColorSystem.TRUECOLOR

    def get_default_screen(self) -> Screen[None]:
        return Sparing()


@pytest.fixture
async def pilot() -> AsyncIterator[Pilot[None]]:
    async with Shown().run_test(size=(57, 17)) as pilot:
        log = pilot.app.query_one(RichLog)
        for number in range(30):
            log.write(f"line {number} 议 of the log")
        pilot.app.query_one("#left").scroll_to(y=3, animate=False)
        await pilot.pause()
        yield pilot


def cells(strips: Iterable[Strip]) -> Cells:
    return [
        (letter, segment.style)
        for segment in chain.from_iterable(strips)
        for letter in segment.text
    ]


def drawn_by(kind: type[Compositor], pilot: Pilot[None], crop: Region) -> list[Cells]:
    compositor = pilot.app.screen._compositor
    chops = kind._render_chops(compositor, crop, lambda y: crop.y <= y < crop.bottom)
    return [cells(chops[y].values()) for y in crop.line_range]


@pytest.mark.parametrize("asked", [False, True])
async def test_a_whole_screen_is_what_textual_draws(pilot: Pilot[None], asked: bool) -> None:
    if asked:
        await pilot.app.push_screen(Question())
        await pilot.pause()
    whole = pilot.app.size.region
    assert drawn_by(SparingCompositor, pilot, whole) == drawn_by(Compositor, pilot, whole)


def written(pilot: Pilot[None], regions: Iterable[Region], kind: type[Compositor]) -> str:
    compositor = pilot.app.screen._compositor
    compositor._dirty_regions = set(regions)
    update = kind.render_partial_update(compositor)
    assert isinstance(update, ChopsUpdate)
    assert compositor._dirty_regions == set()
    return update.render_segments(pilot.app.console)


@pytest.mark.parametrize(
    "regions",
    [
        [Region(30, 16, 27, 1)],
        [Region(0, 0, 4, 2), Region(40, 12, 9, 3)],
        [Region(5, 2, 30, 3), Region(20, 3, 3, 9), Region(0, 16, 57, 1)],
        [Region(0, 0, 57, 17)],
    ],
)
async def test_a_part_of_it_is_what_textual_writes(
    pilot: Pilot[None], regions: list[Region]
) -> None:
    sparing = written(pilot, regions, SparingCompositor)
    pilot.app.screen._compositor.__class__ = Compositor  # `_render_chops` is looked up on it
    assert sparing == written(pilot, regions, Compositor)


async def test_only_what_is_seen_of_what_changed_is_drawn(
    pilot: Pilot[None], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, int]] = []

    def watch(kind: Any) -> None:
        draw = kind.render_lines

        def render_lines(self: Any, crop: Region) -> list[Strip]:
            asked.append((type(self).__name__, crop.height))
            return draw(self, crop)

        monkeypatch.setattr(kind, "render_lines", render_lines)

    watch(type(pilot.app.query_one(Static)).__mro__[1])
    log, line = pilot.app.query_one(RichLog), pilot.app.query_one(Input)
    written(pilot, [log.region, Region(0, 0, 3, 1)], SparingCompositor)
    assert not [found for found in asked if found[0] in ("Screen", "Sparing", "Vertical", "Input")]
    asked.clear()
    written(pilot, [line.region.shrink((1, 0, 1, 0))], SparingCompositor)
    assert asked == [("Input", 1)]


async def test_nothing_changed_is_nothing_drawn(pilot: Pilot[None]) -> None:
    compositor = pilot.app.screen._compositor
    compositor._dirty_regions = set()
    assert compositor.render_partial_update() is None


def test_seam_textual_draws_through_these() -> None:
    names = Compositor.render_update.__code__.co_names
    assert {"render_full_update", "render_partial_update", "_dirty_regions"} <= set(names)
    assert "_render_chops" in Compositor.render_full_update.__code__.co_names
    assert "_compositor" in Screen.__init__.__code__.co_names
