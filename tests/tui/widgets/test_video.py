"""Video tiles in a real Textual application, its output read by a terminal emulator.

The oracle is Textual itself: after every step, each cell of the emulated terminal must be the
one the compositor would draw from nothing.
"""

from __future__ import annotations

import inspect
import random

import numpy as np
import pyte
import pytest
from rich.color import ColorSystem
from textual import _compositor, events
from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.drivers.headless_driver import HeadlessDriver
from textual.geometry import Region, Size
from textual.pilot import Pilot
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Static

from media.cells.depth import Depth
from media.control import Picture
from media.video.synthetic import SyntheticFace
from tui.widgets import video
from tui.widgets.cell_strip import CellStrip
from tui.widgets.video import VideoArea, VideoTile, terminal_depth

WIDTH, HEIGHT = 44, 14
RESET = (" ", "default", "default")


class TerminalDriver(HeadlessDriver):
    """Writes to an emulated terminal instead of nowhere."""

    terminal: pyte.Screen
    written = 0

    @property
    def is_headless(self) -> bool:
        return False

    def start_application_mode(self) -> None:
        width, height = self._get_terminal_size()
        TerminalDriver.terminal = pyte.Screen(width, height)
        self._stream = pyte.Stream(self.terminal)
        super().start_application_mode()

    def write(self, data: str) -> None:
        TerminalDriver.written += len(data)
        # pyte knows no synchronised output and no private cursor modes with other finals.
        self._stream.feed(data)


class Dialog(ModalScreen[None]):
    CSS = "Dialog { align: center middle; } Dialog Static { width: 20; height: 5; }"

    def compose(self) -> ComposeResult:
        yield Static("admit?")


class Call(App[None]):
    CSS = """
    Screen { layers: base over; }
    VerticalScroll { height: 1fr; }
    #a { width: 30; height: 9; }
    #b { width: 24; height: 11; }
    #over { layer: over; width: 12; height: 4; offset: 5 3; background: red; display: none; }
    #whole { layer: over; width: 44; height: 7; background: blue; display: none; }
    """

    def __init__(self) -> None:
        super().__init__(driver_class=TerminalDriver, watch_css=False)
        self.console._color_system = ColorSystem.TRUECOLOR
        self.sizes: list[tuple[int, int, int]] = []

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield VideoTile(1, "Ada [b]Lovelace[/b]", id="a")
            yield VideoTile(2, "Bob", id="b")
        yield Static("over", id="over")
        yield Static("whole", id="whole")

    def on_video_tile_resized(self, event: VideoTile.Resized) -> None:
        self.sizes.append((event.leaf, event.width, event.height))

    def picture(self, number: int, tile: str = "#a") -> None:
        rgb = SyntheticFace(number % 3, 60, 44).draw(number / 5)
        leaf = self.query_one(tile, VideoTile).leaf
        self.query_one(tile, VideoTile).show(Picture(leaf, 60, 44, rgb.tobytes()))


def seen() -> list[list[tuple[str, str, str]]]:
    screen = TerminalDriver.terminal
    return [
        [(c.data, c.fg, c.bg) for c in (screen.buffer[y][x] for x in range(screen.columns))]
        for y in range(screen.lines)
    ]


def meant(app: App[None]) -> list[list[tuple[str, str, str]]]:
    def colour(value: object) -> str:
        if value is None or getattr(value, "is_default", False):
            return "default"
        triplet = value.get_truecolor()  # type: ignore[attr-defined]
        return f"{triplet.red:02x}{triplet.green:02x}{triplet.blue:02x}"

    lines = []
    _compositor.visible_screen_stack.set(app._background_screens)
    for strip in app.screen._compositor.render_strips():
        line: list[tuple[str, str, str]] = []
        for text, style, _ in strip:
            fg, bg = (style.color, style.bgcolor) if style else (None, None)
            line += [(glyph, colour(fg), colour(bg)) for glyph in text]
        lines.append(line)
    return lines


def differences(app: App[None]) -> list[tuple[int, int]]:
    """Return the cells that are not on the terminal as they should be."""
    return [
        (x, y)
        for y, (got, want) in enumerate(zip(seen(), meant(app), strict=True))
        for x, (a, b) in enumerate(zip(got, want, strict=True))
        if (a[0], a[2]) != (b[0], b[2]) or (a[0] != " " and a[1] != b[1])
    ]


@pytest.fixture
def app() -> Call:
    return Call()


def run(app: App[None], size: tuple[int, int] = (WIDTH, HEIGHT)):
    return app.run_test(headless=False, size=size)


async def settle(pilot: Pilot[None]) -> None:
    # The compositor draws by a timer, at most 60 times a second.
    await pilot.pause(0.02)
    await pilot.pause()


async def right(app: App[None], pilot: Pilot[None]) -> bool:
    """Whether the terminal shows what it should, or does so soon on a busy machine."""
    await settle(pilot)
    for _ in range(20):
        if not differences(app):
            return True
        await pilot.pause(0.05)
    return False


async def test_pictures_reach_the_terminal(app: Call) -> None:
    async with run(app) as pilot:
        assert await right(app, pilot)
        for number in range(4):
            app.picture(number)
            app.picture(number + 7, "#b")
            assert await right(app, pilot)
        assert "▀" in {cell[0] for line in seen() for cell in line}


async def test_a_little_change_writes_little(app: Call) -> None:
    async with run(app) as pilot:
        await settle(pilot)
        tile = app.query_one("#a", VideoTile)
        rgb = np.random.default_rng(0).integers(0, 256, (14, 28, 3), np.uint8)
        sizes = []
        for number in range(6):
            rgb[5, 10 + number] ^= 255
            before = TerminalDriver.written
            tile.show(Picture(1, 28, 14, rgb.tobytes()))
            await settle(pilot)
            sizes.append(TerminalDriver.written - before)
            assert await right(app, pilot)
        assert max(sizes[1:]) < sizes[0] / 4


async def test_overlays_come_and_go_over_moving_pictures(app: Call) -> None:
    async with run(app) as pilot:
        app.picture(0)
        await settle(pilot)
        for overlay in ("#over", "#whole"):
            widget = app.query_one(overlay)
            widget.display = True
            assert await right(app, pilot)
            app.picture(1)
            assert await right(app, pilot)
            widget.styles.offset = (9, 2)
            assert await right(app, pilot)
            widget.display = False
            assert await right(app, pilot)


async def test_an_overlay_gone_without_a_new_picture_leaves_no_trace(app: Call) -> None:
    async with run(app) as pilot:
        app.picture(0)
        await settle(pilot)
        overlay = app.query_one("#whole")
        overlay.display = True
        await settle(pilot)
        overlay.display = False
        assert await right(app, pilot)


async def test_a_modal_screen_comes_and_goes(app: Call) -> None:
    async with run(app) as pilot:
        app.picture(0)
        await settle(pilot)
        await app.push_screen(Dialog())
        assert await right(app, pilot)
        app.picture(1)
        assert await right(app, pilot)
        app.pop_screen()
        assert await right(app, pilot)
        app.picture(2)
        assert await right(app, pilot)


async def test_under_a_modal_screen_pictures_are_few(
    app: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video, "_COVERED_SECONDS", 1000.0)
    async with run(app) as pilot:
        app.picture(0)
        await settle(pilot)
        await app.push_screen(Dialog())
        painting = app.query_one("#a VideoArea", VideoArea)._painting
        assert painting is not None
        app.picture(1)
        first = painting.cells
        app.picture(2)
        assert painting.cells is first
        app.pop_screen()
        app.picture(3)
        assert painting.cells is not first
        assert await right(app, pilot)


async def test_another_screen_comes_and_goes(app: Call) -> None:
    async with run(app) as pilot:
        app.picture(0)
        await settle(pilot)
        await app.push_screen(Screen())
        app.picture(1)
        assert await right(app, pilot)
        app.pop_screen()
        assert await right(app, pilot)


async def test_scrolling_and_clipping(app: Call) -> None:
    async with run(app) as pilot:
        app.picture(0)
        app.picture(1, "#b")
        await settle(pilot)
        scroll = app.query_one(VerticalScroll)
        for y in (3, 5, 0):
            scroll.scroll_to(y=y, animate=False)
            assert await right(app, pilot)
            app.picture(y)
            app.picture(y + 1, "#b")
            assert await right(app, pilot)


async def test_any_order_of_events_leaves_the_terminal_right(app: Call) -> None:
    """A seeded walk through what can happen to a tile on a screen."""
    rng = random.Random(5)
    async with run(app) as pilot:

        def toggle(selector: str) -> None:
            widget = app.query_one(selector)
            widget.display = not widget.display

        def step(choice: int) -> None:
            match choice:
                case 0 | 1 | 2:
                    app.picture(rng.randrange(20))
                case 3:
                    app.picture(rng.randrange(20), "#b")
                case 4:
                    toggle(rng.choice(["#over", "#whole"]))
                case 5:
                    app.query_one("#over").styles.offset = (rng.randrange(30), rng.randrange(9))
                case 6:
                    app.query_one("#a").styles.width = rng.randrange(8, 44)
                case 7:
                    app.query_one(VerticalScroll).scroll_to(y=rng.randrange(8), animate=False)
                case 8:
                    app.screen.refresh()
                case 9:
                    app.query_one("#a", VideoTile).clear()
                case 10:
                    app.export_screenshot()
                case 11:
                    toggle("#a")

        for _ in range(25):
            for _ in range(rng.randrange(1, 4)):
                step(rng.randrange(12))
            assert await right(app, pilot)


async def test_what_another_program_wrote_over_a_tile_heals(app: Call) -> None:
    async with run(app) as pilot:
        app.picture(0)
        await settle(pilot)
        TerminalDriver.terminal.erase_in_display(2)
        for _ in range(7):
            app.picture(0)
            await settle(pilot)
        area = app.query_one("#a VideoArea").region
        left = [(x, y) for x, y in differences(app) if area.contains(x, y)]
        assert left == []


async def test_the_size_in_pixels_is_announced(app: Call) -> None:
    async with run(app) as pilot:
        await settle(pilot)
        assert (1, 28, 14) in app.sizes
        assert (2, 22, 18) in app.sizes
        app.sizes.clear()
        app.query_one("#a").styles.width = 20
        await settle(pilot)
        assert app.sizes[-1] == (1, 18, 14)
        app.query_one("#a").display = False
        await settle(pilot)
        assert app.sizes[-1] == (1, 0, 0)
        app.query_one("#a").display = True
        await settle(pilot)
        assert app.sizes[-1] == (1, 18, 14)


async def test_without_a_picture_there_are_initials_and_no_markup(app: Call) -> None:
    async with run(app) as pilot:
        await settle(pilot)
        tile = app.query_one("#a", VideoTile)
        assert "A" in screen_text()
        assert "[" not in screen_text()
        tile.person = "Grace Hopper"
        await settle(pilot)
        assert "GH" in screen_text()
        app.picture(1)
        await settle(pilot)
        assert "GH" not in screen_text()
        tile.clear()
        await settle(pilot)
        assert "GH" in screen_text()
        assert await right(app, pilot)


async def test_the_placeholder_is_light_on_a_light_screen(app: Call) -> None:
    async with run(app) as pilot:
        await settle(pilot)
        area = app.query_one("#a VideoArea", VideoArea)
        dark = area._painting.cells
        app.theme = "textual-light"
        await settle(pilot)
        light = area._painting.cells
        assert light.bg[0, 0] & 0xFF > 2 * (dark.bg[0, 0] & 0xFF)
        assert await right(app, pilot)


def screen_text() -> str:
    return "\n".join(TerminalDriver.terminal.display)


async def test_name_with_markup_or_escapes_is_drawn_as_text() -> None:
    class Hostile(App[None]):
        def compose(self) -> ComposeResult:
            yield VideoTile(1, "[red]x \x1b[31my")

    hostile = Hostile(driver_class=TerminalDriver)
    hostile.console._color_system = ColorSystem.TRUECOLOR
    async with run(hostile) as pilot:
        await settle(pilot)
        assert "\x1b" not in screen_text()
        assert await right(hostile, pilot)


async def test_a_picture_that_lies_about_its_size_is_left_out(app: Call) -> None:
    async with run(app) as pilot:
        await settle(pilot)
        before = seen()
        tile = app.query_one("#a", VideoTile)
        for picture in (
            Picture(1, 4, 4, b"short"),
            Picture(1, 0, 0, b""),
            Picture(1, -2, -2, bytes(12)),
        ):
            tile.show(picture)
        await settle(pilot)
        assert seen() == before


@pytest.mark.parametrize(
    ("system", "depth"),
    [
        (ColorSystem.TRUECOLOR, Depth.TRUE),
        (ColorSystem.EIGHT_BIT, Depth.COLOURS_256),
        (ColorSystem.STANDARD, Depth.COLOURS_16),
        (None, Depth.MONO),
    ],
)
async def test_the_depth_is_the_terminals(
    app: Call, system: ColorSystem | None, depth: Depth
) -> None:
    app.console._color_system = system
    assert terminal_depth(app) is depth
    async with run(app) as pilot:
        app.picture(1)
        await settle(pilot)
        painting = app.query_one("#a VideoArea", VideoArea)._painting
        assert painting is not None
        assert painting.cells.depth is depth
        assert not painting.stale_rows()


async def test_no_color_draws_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = Call()
    async with run(app) as pilot:
        app.picture(1)
        await settle(pilot)
        area = app.query_one("#a VideoArea").region
        cells = [seen()[y][x] for y in area.line_range for x in area.column_range]
        assert {cell[1:] for cell in cells} == {RESET[1:]}
        assert len({cell[0] for cell in cells}) > 5


def test_contract_textual_has_the_hooks_used() -> None:
    """Fails when a new Textual changes what the delta drawing stands on."""
    assert list(inspect.signature(Widget.render_lines).parameters) == ["self", "crop"]
    assert isinstance(inspect.getattr_static(_compositor.Compositor, "cuts"), property)
    source = inspect.getsource(_compositor.ChopsUpdate.render_segments)
    assert "strip.render(console)" in source
    assert "strip.crop(0, min(end, x2) - x)" in source
    assert "strip.render(console)" in inspect.getsource(_compositor.LayoutUpdate.render_segments)
    assert "strip.divide(" in inspect.getsource(_compositor.Compositor._render_chops)


async def test_contract_every_layout_makes_new_cuts(app: Call) -> None:
    async with run(app) as pilot:
        await settle(pilot)
        compositor = app.screen._compositor
        cuts = compositor.cuts
        app.screen.refresh()
        await settle(pilot)
        assert compositor.cuts is cuts
        compositor.reflow(app.screen, Size(WIDTH, HEIGHT))
        assert compositor.cuts is not cuts
        cuts = compositor.cuts
        compositor.reflow_visible(app.screen, Size(WIDTH, HEIGHT))
        assert compositor.cuts is not cuts


async def test_contract_a_screen_counts_its_returns(app: Call) -> None:
    async with run(app) as pilot:
        await settle(pilot)
        screen, count = app.screen, app.screen.stack_updates
        await app.push_screen(Dialog())
        app.pop_screen()
        await settle(pilot)
        assert screen.stack_updates > count
        area = app.query_one("#a VideoArea", VideoArea)
        app.picture(1)
        await settle(pilot)
        assert area._painting is not None
        assert area._painting.stale_rows() == []
        screen.stack_updates += 1
        area.render_lines(Region(0, 0, *area.size))
        assert len(area._painting.stale_rows()) == area.size.height


async def test_contract_render_lines_gives_strips_of_cells(app: Call) -> None:
    async with run(app) as pilot:
        app.picture(0)
        await settle(pilot)
        area = app.query_one("#a VideoArea", VideoArea)
        whole = area.render_lines(Region(0, 0, *area.size))
        assert len(whole) == area.size.height
        assert all(type(strip) is CellStrip for strip in whole)
        part = area.render_lines(Region(3, 2, 5, 4))
        assert [strip.cell_length for strip in part] == [5] * 4
        # The mouse asks for styles; that draws nothing and breaks nothing.
        app.post_message(events.MouseMove(None, 5, 5, 0, 0, 0, False, False, False))
        assert await right(app, pilot)
