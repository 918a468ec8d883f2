"""One open room as the server knows it: connections, numbers, an epoch; no key and no name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from rooms import bounds, wire
from rooms.limits import Allowance
from rooms.states import State

OPENER: Final = 1
"""The number of whoever opened the room."""


@dataclass(eq=False, slots=True)
class Connection:
    """One connection and its place.

    `source` is where it comes from (`rooms.limits.source_of`), for limits only.
    `leaf` is what the opener said, or who committed the Welcome; None once it was given to another
    one. `sealed` is its knock, `told` the numbers of those that got it, `attended` whether it was
    told that a doorkeeper is there.
    `chunks` are the pieces of files that went to it and that it has not said it has.
    `media` is set once it has made an offer, `offering` while the engine has not answered.
    """

    number: int
    allowance: Allowance
    source: str = ""
    state: State = State.NEW
    room: Room | None = None
    participant: int = 0
    leaf: int | None = None
    sealed: bytes = b""
    told: set[int] = field(default_factory=set)
    attended: bool | None = None
    chunks: int = 0
    media: bool = False
    offering: bool = False


@dataclass(eq=False, slots=True)
class Room:
    """One open room. Participant numbers count up and are never given twice in its life.

    `named` are the numbers of its doorkeepers, be they here or not; `tickets` the numbers of those
    that brought one, the last of each.
    """

    id: bytes
    epoch: int = 0
    members: dict[int, Connection] = field(default_factory=dict)
    waiting: dict[int, Connection] = field(default_factory=dict)
    numbered: int = 0
    named: frozenset[int] = frozenset({OPENER})
    tickets: dict[bytes, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The room as the engine knows it."""
        return self.id.hex()

    @property
    def doorkeepers(self) -> list[Connection]:
        """The members that keep the door."""
        return [member for number, member in self.members.items() if number in self.named]

    @property
    def listeners(self) -> list[Connection]:
        """The members knocks go to: doorkeepers, or all while there is none.

        Members let in nobody new. But somebody may have lost the connection and come back.
        """
        return self.doorkeepers or list(self.members.values())

    def name_doorkeepers(
        self, by: Connection, named: Iterable[int], dismissed: Iterable[int] = ()
    ) -> list[Connection]:
        """Change who keeps the door; return those members that did not before.

        By difference: whoever says it may not know the numbers of all.
        """
        before, there = self.doorkeepers, self.members.keys() | self.waiting.keys()
        keep = self.named.union(named).difference(dismissed) & there
        self.named = keep | {by.participant, OPENER}
        for knocker in self.waiting.values():
            knocker.told &= self.named  # whoever is named again is told again
        return [member for member in self.doorkeepers if member not in before]

    def others(self, than: Connection) -> list[Connection]:
        """Every member but one."""
        return [member for member in self.members.values() if member is not than]

    def number(self, connection: Connection, ticket: bytes = b"") -> int:
        """Give a connection its participant number in this room.

        Who brings the ticket of a doorkeeper is that one again. Members could not say so for it:
        one that lies would get the means to close others' connections.
        """
        self.numbered += 1
        connection.room, connection.participant = self, self.numbered
        if len(ticket) == bounds.TICKET_LENGTH:
            if self.tickets.get(ticket) in self.named:
                self.named |= {self.numbered}
            self.tickets[ticket] = self.numbered
        return self.numbered


def may_name(room: Room, message: wire.SubmitCommit) -> bool:
    """Whether a Commit admits nobody twice and no member.

    The server cannot read a Commit, so it cannot compare its lists with it.
    """
    admitted = {joiner.participant for joiner in message.joiners}
    return len(admitted) == len(message.joiners) and room.members.keys().isdisjoint(admitted)


def may_commit(room: Room, sender: Connection, message: wire.SubmitCommit, now: float) -> bool:
    """Whether a member's Commit is taken at `now` seconds, and count it if so.

    A doorkeeper's always is. Each Commit that is taken moves the room's count, even one that all
    members refuse. So whoever keeps no door commits seldom; closes no connection; brings nobody in
    while somebody keeps it; and gives nobody the leaf of a connection that stands.
    """
    if sender.participant in room.named:
        return True
    alone = not room.doorkeepers
    taken = {member.leaf for member in room.members.values()}
    leaves = {joiner.leaf for joiner in message.joiners}
    if message.removes or (leaves and not alone) or leaves & taken:
        return False
    return sender.allowance.take_commit(now, alone=alone)
