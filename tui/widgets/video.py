"""One participant's video: pictures as half blocks, a placeholder when there are none."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from rich.text import Text
from textual import events
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from media.cells import half
from media.cells.depth import Depth
from media.cells.grid import Grid
from media.cells.hysteresis import Hysteresis
from media.cells.palette import paint
from media.video import Rgb
from media.video.scale import scale
from tui.ports import Picture
from tui.widgets import placeholder
from tui.widgets.cell_strip import Painting

MAX_CROP = 0.3
"""Part of a picture that may be cut off to fill a tile of another shape."""
_COVERED_SECONDS = 0.5
"""Time between pictures under a modal screen, where every cell costs a segment."""


def terminal_depth(app: App[Any]) -> Depth:
    """Return which colours the terminal of an app shows; NO_COLOR means none."""
    if app.no_color:
        return Depth.MONO
    match app.console.color_system:
        case "truecolor":
            return Depth.TRUE
        case "256":
            return Depth.COLOURS_256
        case "standard" | "windows":
            return Depth.COLOURS_16
        case _:
            return Depth.MONO


class VideoTile(Widget):
    """One participant. Names and marks belong in the border title and subtitle, set from outside.

    `leaf` is whose pictures these are; `person` is plain text.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    VideoTile { border: round $surface-lighten-2; border-title-align: left; }
    """

    class Resized(Message):
        """The tile shows this many pixels now; 0 x 0 while it is not on the screen."""

        def __init__(self, tile: VideoTile, width: int, height: int) -> None:
            super().__init__()
            self.tile, self.width, self.height = tile, width, height

        @property
        def leaf(self) -> int:
            """Whose pictures the tile shows."""
            return self.tile.leaf

        @property
        def control(self) -> VideoTile:
            """The tile, for `@on` with a selector."""
            return self.tile

    def __init__(
        self,
        leaf: int = 0,
        person: str = "",
        *,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.leaf = leaf
        self._area = VideoArea(person)

    def compose(self) -> ComposeResult:
        """Fill the tile with its picture."""
        yield self._area

    @property
    def person(self) -> str:
        """Whose placeholder is drawn when there is no picture."""
        return self._area.person

    @person.setter
    def person(self, person: str) -> None:
        self._area.rename(person)

    def show(self, picture: Picture) -> None:
        """Draw a picture of any size; one that is not what it says is left out."""
        width, height = picture.width, picture.height
        if min(width, height) <= 0 or len(picture.rgb) != width * height * 3:
            return
        rgb = np.frombuffer(picture.rgb, np.uint8).reshape(height, width, 3)
        self._area.show(rgb)

    def clear(self) -> None:
        """Go back to the placeholder."""
        self._area.clear()


class VideoArea(Widget):
    """The picture inside a tile's border, or the placeholder."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    VideoArea { width: 1fr; height: 1fr; padding: 0; border: none; }
    """

    def __init__(self, person: str) -> None:
        super().__init__()
        self.person = person
        self._rgb: Rgb | None = None
        self._hysteresis = Hysteresis()
        self._painting: Painting | None = None
        self._layout: tuple[object, int] | None = None
        self._healing = 0
        self._next_covered = 0.0

    def on_mount(self) -> None:
        """Draw the placeholder anew in the colours of another theme."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self._paint())

    def rename(self, person: str) -> None:
        """Draw the placeholder of another name."""
        self.person = person
        if self._rgb is None:
            self._paint()

    def show(self, rgb: Rgb) -> None:
        """Draw a picture, cut and scaled to the area."""
        self._rgb = rgb
        if self.is_attached and not self.screen.is_active:
            now = time.monotonic()
            if now < self._next_covered:
                return
            self._next_covered = now + _COVERED_SECONDS
        self._paint()

    def clear(self) -> None:
        """Draw the placeholder."""
        self._rgb = None
        self._paint()

    def _paint(self) -> None:
        if not self.is_attached or not self.size:
            return
        cells = paint(self._grid(), terminal_depth(self.app))
        old = self._painting
        if old is None or (old.cells.size, old.cells.depth) != (cells.size, cells.depth):
            self._painting = Painting(cells)
            self.refresh()
            return
        old.show(cells)
        # One row a picture is drawn whole, so that whatever another program wrote over it, or a
        # terminal lost, is put right within seconds.
        self._healing = (self._healing + 1) % self.size.height
        old.forget(self._healing)
        self.refresh(*_row_regions(old.stale_rows(), self.size.width))

    def _grid(self) -> Grid:
        width, height = self.size
        if self._rgb is None:
            # Mixed of shades or of characters, a light wall would be the densest there is.
            coloured = terminal_depth(self.app) in (Depth.TRUE, Depth.COLOURS_256)
            light = coloured and not self.app.current_theme.dark
            return placeholder.draw(self.person, width, height, light=light)
        fitted = scale(self._rgb, width, 2 * height, crop=MAX_CROP)
        return half.render(self._hysteresis.steady(fitted))

    def render(self) -> Text:
        """Return nothing: what there is to see comes from `render_lines`."""
        return Text()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the picture's rows.

        Overrides the line cache, which would turn every cell into a segment.
        """
        painting = self._painting
        if painting is None or painting.cells.size != self.size:
            return super().render_lines(crop)
        # The compositor makes its cuts anew whenever anything moved, appeared or went away, and
        # the screen counts how often it came back from under another: only while both stay the
        # same do we know what is on the terminal.
        compositor = self.screen._compositor
        layout = (compositor.cuts, self.screen.stack_updates)
        if self._layout is None or layout[0] is not self._layout[0] or layout[1] != self._layout[1]:
            self._layout = layout
            painting.forget()
        strips = painting.strips()[crop.y : crop.bottom]
        if (crop.x, crop.width) == (0, self.size.width):
            return list(strips)
        return [strip.crop(crop.x, crop.right) for strip in strips]

    def on_resize(self, _event: events.Resize) -> None:
        """Fit the last picture to the new size and tell the tile's owner."""
        self._paint()
        self._announce(self.size.width, 2 * self.size.height)

    def on_show(self, _event: events.Show) -> None:
        """Ask for pictures again."""
        self._announce(self.size.width, 2 * self.size.height)

    def on_hide(self, _event: events.Hide) -> None:
        """Ask for no pictures while nobody sees them."""
        self._announce(0, 0)

    def _announce(self, width: int, height: int) -> None:
        tile = self.parent
        if isinstance(tile, VideoTile):
            tile.post_message(VideoTile.Resized(tile, width, height))


def _row_regions(rows: list[int], width: int) -> list[Region]:
    """Join neighbouring rows into regions."""
    regions: list[Region] = []
    for row in rows:
        if regions and regions[-1].bottom == row:
            last = regions.pop()
            regions.append(Region(0, last.y, width, last.height + 1))
        else:
            regions.append(Region(0, row, width, 1))
    return regions
