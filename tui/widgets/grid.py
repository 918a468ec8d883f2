"""The video grid: as many tiles as there are faces, as large as they fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.containers import Container
from textual.content import Content
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget

from tui.ports import Participant, Picture
from tui.widgets.participants import mark
from tui.widgets.video import VideoTile

MAX_TILES = 9
"""Video slots a client is given."""
FRAME = 2
"""Cells a tile's border takes in each direction."""
CELLS_ACROSS = 8 / 3
"""Cells in width for each in height: 4:3 pictures, cells twice as high as wide."""
SMALLEST = 12
"""Cells; narrower pictures show nobody."""


def arrange_tiles(count: int, width: int, height: int) -> list[Region]:
    """Return the regions of `count` tiles, centred, with the largest pictures that fit.

    Empty when even the best arrangement is too small to show anything.
    """
    if count == 0:
        return []
    columns, across = max(
        ((columns, _picture_width(count, columns, width, height)) for columns in _upto(count)),
        key=lambda choice: (choice[1], -choice[0]),
    )
    if across < SMALLEST:
        return []
    down = round(across / CELLS_ACROSS)
    tile = Size(min(across, int(down * CELLS_ACROSS)) + FRAME, down + FRAME)
    rows = -(-count // columns)
    top = (height - rows * tile.height) // 2
    regions = []
    for row in range(rows):
        here = min(columns, count - row * columns)
        left = (width - here * tile.width) // 2
        regions += [
            Region(left + i * tile.width, top + row * tile.height, tile.width, tile.height)
            for i in range(here)
        ]
    return regions


def _upto(count: int) -> range:
    return range(1, count + 1)


def _picture_width(count: int, columns: int, width: int, height: int) -> int:
    rows = -(-count // columns)
    down = height // rows - FRAME
    return max(min(width // columns - FRAME, int(down * CELLS_ACROSS)), 0)


def choose(people: Sequence[Participant]) -> list[Participant]:
    """Return who gets a tile: cameras first, others before ourselves, otherwise by age."""
    ranked = sorted(people, key=lambda person: (not person.camera, person.me, person.leaf))
    shown = {person.leaf for person in ranked[:MAX_TILES]}
    return sorted(
        (person for person in people if person.leaf in shown),
        key=lambda person: (person.me, person.leaf),
    )


def caption(person: Participant) -> Content:
    """Return what stands on a tile's border."""
    name = Content("you" if person.me else person.name)
    if person.speaking and not person.muted:
        name = name.stylize("bold $success")
    return Content(" ") + mark(person) + Content(" ") + name + Content(" ")


class TileLayout(Layout):
    """Places the tiles as `arrange_tiles` says."""

    name = "tiles"

    def arrange(
        self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True
    ) -> ArrangeResult:
        """Return one placement a tile."""
        parent.pre_layout(self)
        regions = arrange_tiles(len(children), size.width, size.height)
        regions = regions or [Region(0, 0, 0, 0)] * len(children)
        return [
            WidgetPlacement(region, NULL_OFFSET, NULL_SPACING, child)
            for child, region in zip(children, regions, strict=True)
        ]


class VideoGrid(Container):
    """Holds one tile a participant; asks for pictures in the size they are drawn."""

    DEFAULT_CSS = """
    VideoGrid { width: 1fr; height: 1fr; content-align: center middle;
                color: $foreground-muted; }
    VideoGrid > VideoTile { border: round $panel; border-title-color: $foreground; }
    VideoGrid > VideoTile.-speaking { border: round $success; }
    """

    def __init__(self, ask: Callable[[int, int, int], None]) -> None:
        super().__init__()
        self._ask = ask
        self._tiles: dict[int, VideoTile] = {}
        self._drawn: dict[int, Participant] = {}
        self._cameras: set[int] = set()
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

    def show(self, people: Sequence[Participant]) -> None:
        """Have a tile for each of these (at most nine), none for anybody else."""
        chosen = choose(people)
        for leaf in self._tiles.keys() - {person.leaf for person in chosen}:
            self._tiles.pop(leaf).remove()
            self._ask(leaf, 0, 0)
        self._cameras = {person.leaf for person in chosen if person.camera}
        for person in chosen:
            self._draw(person)
        order = [self._tiles[person.leaf] for person in chosen]
        if [child for child in self.children if child in order] != order:  # it costs a layout
            self.sort_children(
                key=lambda child: order.index(child) if child in order else MAX_TILES
            )

    def renew(self, leaf: int | None = None) -> None:
        """Give a leaf, or each, another tile at the next `show`.

        Whoever came in at a leaf that had a tile is somebody whose pictures were not asked for.
        """
        for number in list(self._tiles) if leaf is None else [leaf]:
            if number in self._tiles:
                self._tiles.pop(number).remove()

    def _draw(self, person: Participant) -> None:
        tile = self._tiles.get(person.leaf)
        if tile is None:
            tile = self._tiles[person.leaf] = VideoTile(person.leaf, person.name)
            self._drawn.pop(person.leaf, None)
            self.mount(tile)
        if self._drawn.get(person.leaf) == person:
            return
        self._drawn[person.leaf] = person
        if tile.person != person.name:
            tile.person = person.name
        if not person.camera:
            tile.clear()
        tile.border_title = caption(person)
        tile.set_class(person.speaking and not person.muted, "-speaking")

    def picture(self, picture: Picture) -> None:
        """Draw a picture on its participant's tile, unless it comes after the camera went off."""
        if picture.leaf in self._cameras:
            self._tiles[picture.leaf].show(picture)

    def on_video_tile_resized(self, event: VideoTile.Resized) -> None:
        """Ask for pictures in the size they are drawn; 0 x 0 for tiles nobody sees."""
        event.stop()
        if self._tiles.get(event.leaf) is event.tile:
            self._ask(event.leaf, event.width, event.height)
