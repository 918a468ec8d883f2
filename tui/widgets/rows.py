"""A list of one line each; of settings: its value, and what that costs where there is room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

TITLE = 28
"""Cells of the first column, the space after it included."""


class Drawn(Protocol):
    """One line of a list; `id` says which."""

    @property
    def id(self) -> str: ...

    def line(self, width: int) -> Content:
        """Return it as text of at most `width` cells."""


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

    def line(self, width: int) -> Content:
        """Return title, value and, if there is room, costs."""
        title = Content(self.title).truncate(TITLE - 1, ellipsis=True)
        text = title + Content(" " * (TITLE - title.cell_length))
        text += Content("! " if self.mind else "  ").stylize("bold $warning")
        text += Content(self.value)
        costs = Content(f", {self.costs}" if self.costs else "")
        if text.cell_length + costs.cell_length <= width:
            text += costs.stylize("$warning" if self.mind else "$foreground-muted")
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
        self._rows: tuple[Drawn, ...] = ()

    @property
    def marked(self) -> str:
        """The id of the row the cursor is on; empty for none."""
        index = self.highlighted
        return self._rows[index].id if index is not None and index < len(self._rows) else ""

    def show(self, rows: Sequence[Drawn]) -> None:
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

    def _line(self, row: Drawn) -> Content:
        width = self.scrollable_content_region.width - 2
        return row.line(max(width, 1))
