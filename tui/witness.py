"""Who heard, saw and read whom: the verdict of a headless demo. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from rooms.events import AnyEvent, ChatReceived, FirstAudio, FirstPicture, Joined

SENSES = ("heard", "saw", "read")


@dataclass
class Observer:
    """What one participant reported; leaves are the same for everybody in a group."""

    name: str
    leaf: int | None = None
    heard: set[int] = field(default_factory=set)
    saw: set[int] = field(default_factory=set)
    read: set[int] = field(default_factory=set)

    def on_event(self, event: AnyEvent) -> None:
        """Take in one event of this participant."""
        match event:
            case Joined():
                self.leaf = event.leaf
            case FirstAudio():
                self.heard.add(event.leaf)
            case FirstPicture():
                self.saw.add(event.leaf)
            case ChatReceived(mine=False):
                self.read.add(event.leaf)
            case _:
                pass

    def noticed(self, other: Observer) -> list[str]:
        """Return which senses reached the other one."""
        return [sense for sense in SENSES if other.leaf in getattr(self, sense)]


def complete(observers: list[Observer]) -> bool:
    """Say whether everybody is in and heard, saw and read everybody else."""
    met = len(observers) > 1 and all(observer.leaf is not None for observer in observers)
    return met and all(
        len(one.noticed(other)) == len(SENSES)
        for one in observers
        for other in observers
        if one is not other
    )


def table(observers: list[Observer]) -> str:
    """Return a table: a row an observer, a column for whom it noticed and how."""
    header = ["", *(observer.name for observer in observers)]
    rows = [header]
    for one in observers:
        cells = [
            "-" if one is other else " ".join(one.noticed(other)) or "nothing"
            for other in observers
        ]
        rows.append([one.name, *cells])
    widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
