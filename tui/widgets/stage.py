"""The stage: where faces, the list of people and the chat lie, in a terminal of any size."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

from textual.containers import Container
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget

from tui.widgets.chat import ChatPanel
from tui.widgets.grid import VideoGrid
from tui.widgets.participants import ParticipantsPanel

NOWHERE: Final = Region(0, 0, 0, 0)
NARROW: Final = 72
"""Cells; what is narrower has the chat below the faces, not beside them."""
TINY: Final = Size(40, 10)
"""Cells; what is narrower or lower shows no faces, what is lower one panel only."""
STACKED: Final = 28
"""Rows; a narrow terminal with more has the list below the faces."""
LIST_BESIDE: Final = 31
"""Cells the list has beside the faces, where the chat is below both."""
SIDES: Final = ((200, 60), (120, 46), (0, 32))
"""From which width on the column beside the faces is how wide, in cells."""
GAP: Final = 1


@dataclass(frozen=True)
class Wishes:
    """What a person wants to see, and how many rows the list would fill."""

    rows: int = 1
    people: bool = True
    wide_chat: bool = False
    writing: bool = False


@dataclass(frozen=True)
class Plan:
    """Where each panel lies; `NOWHERE` for those there is no room for, or no wish."""

    video: Region = NOWHERE
    people: Region = NOWHERE
    chat: Region = NOWHERE


def plan(size: Size, wishes: Wishes) -> Plan:
    """Return where everything lies in so many cells."""
    whole = size.region
    if size.height <= TINY.height:
        return Plan(chat=whole) if wishes.writing or not wishes.people else Plan(people=whole)
    if size.width < TINY.width:
        return _column(whole, wishes)
    if size.width < NARROW:
        return _narrow(size, wishes)
    side = next(cells for width, cells in SIDES if size.width >= width)
    side = max(side, size.width // 2) if wishes.wide_chat else side
    video, column = whole.split_vertical(size.width - side)
    return _column(column, wishes, video.shrink((0, GAP, 0, 0)))


def _narrow(size: Size, wishes: Wishes) -> Plan:
    """Put the faces above the chat, which has the whole width; the list between or beside."""
    if wishes.wide_chat:
        return _column(size.region, wishes)
    video, rest = size.region.split_horizontal(size.height * 9 // 20)
    if size.height >= STACKED or not wishes.people:
        return _column(rest, wishes, video)
    video, people = video.split_vertical(size.width - LIST_BESIDE)
    return Plan(video, people, rest)


def _column(column: Region, wishes: Wishes, video: Region = NOWHERE) -> Plan:
    """Put the list above the chat, as high as it needs to be, but not too high."""
    if not wishes.people:
        return Plan(video, NOWHERE, column)
    people, chat = column.split_horizontal(min(wishes.rows + 1, column.height * 2 // 5))
    return Plan(video, people, chat)


class StageLayout(Layout):
    """Places the panels as `plan` says."""

    name = "stage"

    def arrange(
        self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True
    ) -> ArrangeResult:
        """Return one placement a panel."""
        assert isinstance(parent, Stage)
        regions = parent.regions(size)
        return [
            WidgetPlacement(regions[type(child)], NULL_OFFSET, NULL_SPACING, child)
            for child in children
        ]


class Stage(Container):
    """Holds the faces, the list and the chat; hides what there is no room for."""

    DEFAULT_CSS = "Stage { height: 1fr; }"

    def __init__(self, video: VideoGrid, people: ParticipantsPanel, chat: ChatPanel) -> None:
        super().__init__(video, people, chat)
        self.wishes = Wishes()
        self._stage_layout = StageLayout()

    @property
    def layout(self) -> StageLayout:
        """Return how the panels are placed; style sheets know Textual's own layouts only."""
        return self._stage_layout

    def regions(self, size: Size) -> dict[type[Widget], Region]:
        """Return the region of each kind of panel."""
        found = plan(size, self.wishes)
        return {VideoGrid: found.video, ParticipantsPanel: found.people, ChatPanel: found.chat}

    def wish(self, *, rows: int | None = None, writing: bool | None = None) -> None:
        """Have room for so many rows of the list, and for the chat while it is written in."""
        now = self.wishes
        rows = now.rows if rows is None else rows
        self._become(replace(now, rows=rows, writing=now.writing if writing is None else writing))

    def turn(self, wish: Literal["people", "wide_chat"]) -> None:
        """Show the list or not, or give the chat more room or less."""
        now = self.wishes
        if wish == "people":
            self._become(replace(now, people=not now.people))
        else:
            self._become(replace(now, wide_chat=not now.wide_chat))

    def _become(self, wishes: Wishes) -> None:
        if wishes == self.wishes:
            return
        self.wishes = wishes
        self._show()
        for child in self.children:
            child.refresh(layout=True)  # what a parent arranged is kept until a child asks

    def on_resize(self) -> None:
        """Show what there is room for now."""
        self._show()

    def _show(self) -> None:
        regions = self.regions(self.size)
        for child in self.children:
            child.display = regions[type(child)].area > 0
