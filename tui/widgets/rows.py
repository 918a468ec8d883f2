"""A list of settings: one line each, its value, and what the value costs where there is room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

TITLE = 28
"""Cells of the first column, the space after it included."""


@dataclass(frozen=True)
class Row:
    """One setting as it is drawn; `id` says which. All of it is plain text, never markup.

    `mind`: what it costs is worth a thought, because another value would be more private.
    """

    id: str
    title: str
    value: str
    costs: str = ""
    mind: bool = False


def line(row: Row, width: int) -> Content:
    """Return one line of at most `width` cells."""
    title = Content(row.title).truncate(TITLE - 1, ellipsis=True)
    text = title + Content(" " * (TITLE - title.cell_length))
    text += Content("! " if row.mind else "  ").stylize("bold $warning") + Content(row.value)
    costs = Content(f", {row.costs}" if row.costs else "")
    if text.cell_length + costs.cell_length <= width:
        text += costs.stylize("$warning" if row.mind else "$foreground-muted")
    return text.truncate(width, ellipsis=True)


class Rows(OptionList):
    """Up and down mark one, enter chooses it (`OptionList.OptionSelected`, by the row's id)."""

    DEFAULT_CSS = """
    Rows, Rows:focus { height: auto; padding: 0; border: none; background: transparent;
        scrollbar-size-vertical: 1; }
    Rows > .option-list--option { padding: 0 1; }
    Rows > .option-list--option-highlighted { background: $panel; color: $foreground;
        text-style: none; }
    Rows:focus > .option-list--option-highlighted { background: $panel; text-style: bold; }
    """

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._rows: tuple[Row, ...] = ()

    @property
    def marked(self) -> str:
        """The id of the row the cursor is on; empty for none."""
        index = self.highlighted
        return self._rows[index].id if index is not None and index < len(self._rows) else ""

    def show(self, rows: Sequence[Row]) -> None:
        """Draw these rows; the cursor stays on the same one."""
        marked = self.marked
        same = [row.id for row in rows] == [row.id for row in self._rows]
        self._rows = tuple(rows)
        if same:
            self._draw()
            return
        self.set_options(Option(self._line(row), id=row.id) for row in rows)
        places = {row.id: index for index, row in enumerate(rows)}
        self.highlighted = places.get(marked, 0 if rows else None)

    def on_resize(self) -> None:
        """Draw the rows at their new width."""
        self._draw()

    def _draw(self) -> None:
        for index, row in enumerate(self._rows):
            self.replace_option_prompt_at_index(index, self._line(row))

    def _line(self, row: Row) -> Content:
        width = self.scrollable_content_region.width - 2
        return line(row, max(width, 1))
