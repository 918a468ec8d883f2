"""The participants panel: who is here, who speaks, and how well their keys are known."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.cast import Seen
from tui.ports import Participant
from tui.widgets import person as draw

SHORTEST = 4
"""Cells a name keeps at least; loudness and role go where there is less."""

BRIEF = 24
"""Cells; shorter rows have shorter words for the key state."""


def row(one: Seen, width: int) -> Content:
    """Return one line of `width` cells: digit, mark, name, role; at the right what is to know.

    What is declared (recording) and the key state are never left out.
    """
    person = one.person
    digit = Content(str(one.digit) if one.digit else " ").stylize("$foreground-muted")
    left = digit + Content(" ") + draw.mark(person) + Content(" ")
    brief = width < BRIEF
    must = _joined([draw.declared(person), draw.key_state(person, brief=brief)])
    loud, role = draw.loudness(one.volume), draw.role(person)
    room = width - left.cell_length - 1
    if room - _joined([loud, must]).cell_length < SHORTEST:
        loud = Content("")
    right = _joined([loud, must])
    if room - right.cell_length - role.cell_length - 1 < min(len(person.name), 3 * SHORTEST):
        role = Content("")
    taken = right.cell_length + (role.cell_length + 1 if role.plain else 0)
    name = Content(person.name).truncate(max(room - taken, 1), ellipsis=True)
    left += _joined([name.stylize("bold") if one.speaks else name, role])
    gap = max(width - left.cell_length - right.cell_length, 1)
    return (left + Content(" " * gap) + right).truncate(width, ellipsis=True)


def _joined(parts: list[Content]) -> Content:
    return Content(" ").join(part for part in parts if part.plain)


class ParticipantsPanel(OptionList):
    """A list with one row a participant; up and down mark one once it has the focus."""

    DEFAULT_CSS = """
    ParticipantsPanel, ParticipantsPanel:focus { height: 1fr; max-height: 100%; padding: 0;
        border: none; border-top: solid $panel; border-title-color: $foreground-muted;
        background: transparent; scrollbar-size-vertical: 1; }
    ParticipantsPanel:focus { border-top: solid $primary; }
    ParticipantsPanel > .option-list--option { padding: 0 1; }
    ParticipantsPanel > .option-list--option-highlighted,
    ParticipantsPanel:focus > .option-list--option-highlighted { background: $panel;
        color: $foreground; text-style: none; }
    """

    def __init__(self) -> None:
        super().__init__(markup=False)
        self.people: tuple[Seen, ...] = ()
        self._fitted = 0

    @property
    def marked(self) -> Participant | None:
        """The participant the cursor is on."""
        index = self.highlighted
        return self.people[index].person if index is not None and index < len(self.people) else None

    def mark(self, leaf: int) -> None:
        """Put the cursor on somebody."""
        self.highlighted = self._index(leaf)

    def show(self, people: Sequence[Seen]) -> None:
        """Draw these participants, those rows that changed; the cursor stays on the same one."""
        marked, before = self.marked, self.people
        self.people = tuple(people)
        if before and [one.person.leaf for one in people] == [one.person.leaf for one in before]:
            for index, (old, new) in enumerate(zip(before, people, strict=True)):
                if new != old:
                    self.replace_option_prompt_at_index(index, self._row(new))
            return
        self.border_title = Content(f"{len(people)} in the room")
        self._fitted = self._width
        self.set_options(Option(self._row(one)) for one in people)
        if marked is not None:
            self.highlighted = self._index(marked.leaf)

    def _index(self, leaf: int) -> int | None:
        return next((i for i, one in enumerate(self.people) if one.person.leaf == leaf), None)

    def on_resize(self) -> None:
        """Draw the rows at their new width, if that is another."""
        if self._width == self._fitted:
            return
        self._fitted = self._width
        for index, one in enumerate(self.people):
            self.replace_option_prompt_at_index(index, self._row(one))

    @property
    def _width(self) -> int:
        """Cells of a row."""
        width = self.scrollable_content_region.width - 2
        return width if width > 0 else 28

    def _row(self, one: Seen) -> Content:
        return row(one, self._width)
