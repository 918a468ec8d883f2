"""One open room as the server knows it: connections, numbers, an epoch; no key and no name."""

from __future__ import annotations

from dataclasses import dataclass, field

from rooms import wire
from rooms.limits import Allowance
from rooms.states import State


@dataclass(eq=False, slots=True)
class Connection:
    """One connection and its place.

    `leaf` is the host's own, 0, or what the host said with the Welcome.
    `media` is set once it has made an offer, `offering` while the engine has not answered.
    """

    number: int
    allowance: Allowance
    state: State = State.NEW
    room: Room | None = None
    participant: int = 0
    leaf: int = 0
    media: bool = False
    offering: bool = False


@dataclass(eq=False, slots=True)
class Room:
    """One open room. Participant numbers count up and are never given twice in its life."""

    id: bytes
    epoch: int = 0
    members: dict[int, Connection] = field(default_factory=dict)
    waiting: dict[int, Connection] = field(default_factory=dict)
    numbered: int = 0

    @property
    def name(self) -> str:
        """The room as the engine knows it."""
        return self.id.hex()

    @property
    def hosts(self) -> list[Connection]:
        """The members knocks go to."""
        return [member for member in self.members.values() if member.state is State.HOST]

    def others(self, than: Connection) -> list[Connection]:
        """Every member but one."""
        return [member for member in self.members.values() if member is not than]

    def number(self, connection: Connection) -> int:
        """Give a connection its participant number in this room."""
        self.numbered += 1
        connection.room, connection.participant = self, self.numbered
        return self.numbered


def may_name(room: Room, message: wire.SubmitCommit) -> bool:
    """Whether a Commit admits nobody twice and no member.

    The server cannot read a Commit, so it cannot compare its lists with it.
    """
    admitted = {welcome.participant for welcome in message.welcomes}
    return len(admitted) == len(message.welcomes) and room.members.keys().isdisjoint(admitted)
