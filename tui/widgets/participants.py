"""The participants panel: who is here, who speaks, and how well their keys are known."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.ports import Participant

_KEYS = {
    "verified": ("verified", "$success"),
    "known": ("known", "$foreground-muted"),
    "new": ("new key", "$warning"),
    "changed": ("KEY CHANGED", "bold $error"),
}

SHORTEST = 4
"""Cells a name keeps at least; the role goes first where there is less."""


def mark(person: Participant) -> Content:
    """Return the mark in front of a name: speaking, microphone open, or muted."""
    if person.muted:
        return Content("×").stylize("$foreground-muted")
    if person.speaking:
        return Content("●").stylize("bold $success")
    return Content("○").stylize("$foreground-muted")


def row(person: Participant, width: int) -> Content:
    """Return one line of `width` cells: mark, name, role, recording; the key state at the right."""
    key = Content("you").stylize("$foreground-muted") if person.me else _key(person)
    role = Content(f" {person.role}" if person.role != "member" else "").stylize("$primary")
    records = Content(" rec" if person.recording else "").stylize("bold $error")
    room = width - 3 - key.cell_length - records.cell_length
    if room - role.cell_length < SHORTEST:
        role = Content("")
    name = Content(person.name).truncate(max(room - role.cell_length, 1), ellipsis=True)
    if person.speaking and not person.muted:
        name = name.stylize("bold")
    left = mark(person) + Content(" ") + name + role + records
    gap = max(width - left.cell_length - key.cell_length, 1)
    return (left + Content(" " * gap) + key).truncate(width, ellipsis=True)


def _key(person: Participant) -> Content:
    text, style = _KEYS[person.key_state]
    if not person.confirmed and person.key_state != "changed":
        text, style = "unconfirmed", "bold $warning"
    if not person.connected:
        text, style = "gone", "$warning"
    return Content(text).stylize(style)


class ParticipantsPanel(OptionList):
    """A list with one row a participant; up and down mark one once it has the focus."""

    DEFAULT_CSS = """
    ParticipantsPanel, ParticipantsPanel:focus { height: auto; max-height: 40%; padding: 0;
        border: none; border-top: solid $panel; border-title-color: $foreground-muted;
        background: transparent; scrollbar-size-vertical: 1; }
    ParticipantsPanel:focus { border-top: solid $primary; }
    ParticipantsPanel > .option-list--option { padding: 0 1; }
    ParticipantsPanel > .option-list--option-highlighted { background: transparent;
        color: $foreground; text-style: none; }
    ParticipantsPanel:focus > .option-list--option-highlighted { background: $panel; }
    """

    def __init__(self) -> None:
        super().__init__(markup=False)
        self.people: tuple[Participant, ...] = ()

    @property
    def marked(self) -> Participant | None:
        """The participant the cursor is on."""
        index = self.highlighted
        return self.people[index] if index is not None and index < len(self.people) else None

    def show(self, people: Sequence[Participant]) -> None:
        """Draw these participants; the cursor stays on the same one."""
        before = self.marked
        shown, self.people = self.people, tuple(people)
        if shown and [one.leaf for one in people] == [one.leaf for one in shown]:
            for index, (old, new) in enumerate(zip(shown, people, strict=True)):
                if new != old:
                    self.replace_option_prompt_at_index(index, self._row(new))
            return
        self.border_title = Content(f"{len(people)} in the room")
        self.set_options(Option(self._row(person)) for person in people)
        if before is not None:
            same = (i for i, person in enumerate(people) if person.leaf == before.leaf)
            self.highlighted = next(same, None)

    def on_resize(self) -> None:
        """Draw the rows at their new width."""
        for index, person in enumerate(self.people):
            self.replace_option_prompt_at_index(index, self._row(person))

    def _row(self, person: Participant) -> Content:
        width = self.scrollable_content_region.width - 2
        return row(person, width if width > 0 else 28)
