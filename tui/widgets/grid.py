"""The faces: a tile each, all of one size or one of them large, as large as they fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from weakref import WeakKeyDictionary

from textual.containers import Container
from textual.content import Content
from textual.geometry import NULL_OFFSET, NULL_SPACING, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget

from tui.cast import MAX_TILES, Scene, Seen
from tui.ports import Picture
from tui.widgets import person as draw
from tui.widgets.tiling import arrange_speaker, arrange_tiles
from tui.widgets.video import VideoTile

CORNERS = 6
"""Cells of a border that text on it leaves free."""


def caption(one: Seen, room: int, *, marked: bool = False) -> Content:
    """Return what stands on the upper border: digit, mark, name, and the role if it fits."""
    name = Content("you" if one.person.me else one.person.name)
    name = name.stylize("bold $success" if one.speaks else "$foreground")
    said = [draw.mark(one.person), name]
    if one.digit:
        digit = Content(f"{one.digit}")
        said.insert(0, digit.stylize("bold reverse" if marked else "$foreground-muted"))
    with_role = _spaced([*said, draw.role(one.person)])
    return with_role if with_role.cell_length <= room else _spaced(said)


def footing(one: Seen, room: int) -> Content:
    """Return what stands on the lower border: declarations, loudness, key state; the last longest.

    What does not fit into `room` cells goes, loudness first.
    """
    if one.person.me:
        return _spaced([draw.declared(one.person)])
    declared, loud = draw.declared(one.person), draw.loudness(one.volume)
    long, brief = draw.key_state(one.person), draw.key_state(one.person, brief=True)
    choices = ([declared, loud, long], [declared, long], [declared, loud, brief])
    fitting = (said for said in map(_spaced, choices) if said.cell_length <= room)
    return next(fitting, _spaced([declared, brief]))


def _spaced(said: list[Content]) -> Content:
    return Content(" ").join(part for part in said if part.plain)


class TileLayout(Layout):
    """Places the tiles in a grid, or around the one who leads where that is asked or all fits."""

    name = "tiles"

    def __init__(self) -> None:
        super().__init__()
        self.lead: int | None = None
        self.large = False

    def arrange(
        self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True
    ) -> ArrangeResult:
        """Return the placements of the tiles there is room for."""
        parent.pre_layout(self)
        regions = [] if self.large else arrange_tiles(len(children), *size)
        if not regions:
            regions = arrange_speaker(len(children), *size)
            children = sorted(children, key=self._follows)
        return [
            WidgetPlacement(region, NULL_OFFSET, NULL_SPACING, child)
            for child, region in zip(children, regions, strict=False)
        ]

    def _follows(self, child: Widget) -> bool:
        return not (isinstance(child, VideoTile) and child.leaf == self.lead)


class VideoGrid(Container):
    """Holds one tile a participant; asks for pictures in the size they are drawn."""

    DEFAULT_CSS = """
    VideoGrid { width: 1fr; height: 1fr; content-align: center middle;
                color: $foreground-muted; }
    VideoGrid > VideoTile { border: round $panel; border-subtitle-align: right;
                border-title-color: $foreground; border-subtitle-color: $foreground; }
    VideoGrid > VideoTile.-speaking { border: heavy $success; }
    """

    def __init__(self, ask: Callable[[int, int, int], None]) -> None:
        super().__init__()
        self._ask = ask
        self._tiles: dict[int, VideoTile] = {}
        self._drawn: WeakKeyDictionary[VideoTile, tuple[Seen, bool, int]] = WeakKeyDictionary()
        self._cameras: set[int] = set()
        self._scene = Scene()
        self._marked: int | None = None
        self._tile_layout = TileLayout()
        self._waiting = ""

    @property
    def layout(self) -> TileLayout:
        """Return how the tiles are placed; style sheets know Textual's own layouts only."""
        return self._tile_layout

    def wait(self, text: str) -> None:
        """Say, while there is nobody to show, what is waited for."""
        self._waiting = text
        self.refresh()

    def render(self) -> Content:
        """Return what is waited for; tiles cover it."""
        return Content("" if self._tiles else self._waiting)

    def show(self, scene: Scene, marked: int | None = None) -> None:
        """Have a tile for each of those who have one in the scene, none for anybody else."""
        self._scene, self._marked = scene, marked
        for leaf in self._tiles.keys() - {one.person.leaf for one in scene.tiles}:
            self._tiles.pop(leaf).remove()
            self._ask(leaf, 0, 0)
        self._cameras = {one.person.leaf for one in scene.tiles if one.person.camera}
        for one in scene.tiles:
            self._draw(one)
        self._order([self._tiles[one.person.leaf] for one in scene.tiles])
        if (scene.lead, scene.large) != (self._tile_layout.lead, self._tile_layout.large):
            self._tile_layout.lead, self._tile_layout.large = scene.lead, scene.large
            for tile in self._tiles.values():
                tile.refresh(layout=True)  # the layout of a parent is kept until a child asks

    def _order(self, tiles: Sequence[VideoTile]) -> None:
        """Put the tiles in this order, if they are in another one: it costs a layout."""
        order: dict[Widget, int] = {tile: place for place, tile in enumerate(tiles)}
        if [child for child in self.children if child in order] != list(tiles):
            self.sort_children(key=lambda child: order.get(child, MAX_TILES))

    def renew(self, leaf: int | None = None) -> None:
        """Give a leaf, or each, another tile at the next `show`.

        Whoever came in at a leaf that had a tile is somebody whose pictures were not asked for.
        """
        for number in list(self._tiles) if leaf is None else [leaf]:
            if number in self._tiles:
                self._tiles.pop(number).remove()

    def _draw(self, one: Seen) -> None:
        """Draw a tile anew, if anything that is seen on it changed."""
        person = one.person
        tile = self._tiles.get(person.leaf)
        if tile is None:
            tile = self._tiles[person.leaf] = VideoTile(person.leaf, person.name)
            self.mount(tile)
        drawn = (one, person.leaf == self._marked, tile.outer_size.width)
        if self._drawn.get(tile) == drawn:
            return
        self._drawn[tile] = drawn
        if tile.person != person.name:
            tile.person = person.name
        if not person.camera:
            tile.clear()
        room = tile.outer_size.width - CORNERS
        tile.border_title = caption(one, room, marked=drawn[1])
        tile.border_subtitle = footing(one, room)
        tile.set_class(one.speaks, "-speaking")

    def picture(self, picture: Picture) -> None:
        """Draw a picture on its participant's tile, unless it comes after the camera went off.

        There is no tile between `renew` and `show`.
        """
        tile = self._tiles.get(picture.leaf)
        if tile is not None and picture.leaf in self._cameras:
            tile.show(picture)

    def on_video_tile_resized(self, event: VideoTile.Resized) -> None:
        """Ask for pictures in the size they are drawn; 0 x 0 for tiles nobody sees."""
        event.stop()
        if self._tiles.get(event.leaf) is event.tile:
            self._ask(event.leaf, event.width, event.height)
            self._refit(event.leaf)

    def _refit(self, leaf: int) -> None:
        """Write on the borders what fits now."""
        for one in self._scene.tiles:
            if one.person.leaf == leaf:
                self._draw(one)
