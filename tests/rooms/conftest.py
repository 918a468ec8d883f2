"""A room without sockets: the real hall and real participants at one table, in virtual time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import pytest

from e2ee.identity import DeviceIdentity
from e2ee.link import Link, host_hash, new_secret
from media.control import Command
from media.engine.ports import MediaAnswer, MediaOffer, TransportParameters
from rooms import events, wire
from rooms.hall import Hall, JoinMedia
from rooms.protocol import RoomProtocol

T = TypeVar("T")
Tamper = Callable[[wire.ServerMessage], list[wire.ServerMessage]]

TRANSPORT = TransportParameters(
    ufrag="u", password="p" * 22, candidates=[], fingerprint=bytes(32), lite=True
)
OFFER = MediaOffer(transport=TRANSPORT, audio_ssrc=1, video_ssrc=2)
ANSWER = MediaAnswer(transport=TRANSPORT, audio_slots=[3], video_slots=[4])


@dataclass
class Seat:
    """One participant: what it was told, and what the server made of it."""

    conn: int
    protocol: RoomProtocol
    identity: DeviceIdentity
    events: list[events.AnyEvent] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    tamper: Tamper | None = None
    """A hostile server between the hall and this participant: what it delivers instead."""

    def told(self, kind: type[T]) -> list[T]:
        """Every event (or media command) of a kind, oldest first."""
        return [item for item in [*self.events, *self.commands] if isinstance(item, kind)]

    def last(self, kind: type[T]) -> T:
        """The latest event (or media command) of a kind."""
        return self.told(kind)[-1]

    @property
    def names(self) -> list[str]:
        """The names on the roster, by leaf."""
        assert self.protocol.roster is not None
        return [person.name for person in self.protocol.roster.participants()]

    @property
    def leaf(self) -> int:
        """Our own leaf."""
        assert self.protocol.roster is not None
        return self.protocol.roster.me

    @property
    def lines(self) -> list[str]:
        """The chat as it was read."""
        return [f"{line.name}: {line.text}" for line in self.told(events.ChatReceived)]


class Table:
    """The hall and those around it. `settle` passes messages on until nobody says anything."""

    def __init__(self) -> None:
        self.hall = Hall()
        self.now = 1_800_000_000.0
        self.seats: dict[int, Seat] = {}
        self.log: list[tuple[int, wire.ClientMessage | wire.ServerMessage]] = []
        host = DeviceIdentity.generate()
        self.link = Link("rooms.example", new_secret(), host_hash(host.public_blob))
        self.host_identity = host

    def sit(
        self,
        name: str,
        *,
        hosting: bool = False,
        identity: DeviceIdentity | None = None,
        link: Link | None = None,
        muted: bool = False,
    ) -> Seat:
        """Add a participant whose connection stands; it has not said anything yet."""
        identity = identity or DeviceIdentity.generate()
        protocol = RoomProtocol(link or self.link, identity, name, hosting=hosting, muted=muted)
        seat = Seat(len(self.seats) + 1, protocol, identity)
        self.seats[seat.conn] = seat
        self.hall.connected(seat.conn, self.now)
        return seat

    def host(self, name: str = "Hana") -> Seat:
        """Open the room of the link."""
        seat = self.sit(name, hosting=True, identity=self.host_identity)
        seat.protocol.start(self.now)
        self.settle()
        return seat

    def knock(self, name: str, **options: object) -> Seat:
        """Have somebody knock."""
        seat = self.sit(name, **options)  # type: ignore[arg-type]
        seat.protocol.start(self.now)
        self.settle()
        return seat

    def join(self, host: Seat, name: str, **options: object) -> Seat:
        """Have somebody knock and be admitted."""
        seat = self.knock(name, **options)
        host.protocol.admit(host.last(events.Knock).knock, self.now)
        self.settle()
        return seat

    def leave(self, seat: Seat) -> None:
        """Break a connection off."""
        self.hall.disconnected(seat.conn, self.now)
        self.settle()

    def say(self, seat: Seat, text: str) -> None:
        """Write a line and deliver it."""
        seat.protocol.say(text, self.now)
        self.settle()

    def settle(self) -> None:
        """Deliver everything, in the server's order."""
        while True:
            self.now += 1.0
            for seat in self.seats.values():
                self.send(seat)
            for action in self.hall.media:
                if isinstance(action, JoinMedia):
                    self.hall.media_answered(action.conn, ANSWER)
            self.hall.media.clear()
            outbox, self.hall.outbox = self.hall.outbox, []
            self.hall.closings.clear()
            if not outbox:
                break
            for conn, message in outbox:
                self.deliver(self.seats[conn], message)

    def send(self, seat: Seat) -> None:
        """Pass what one participant wants to say to the hall, and take its events."""
        seat.events += seat.protocol.events
        seat.commands += seat.protocol.commands
        outbox, seat.protocol.outbox = seat.protocol.outbox, []
        seat.protocol.events, seat.protocol.commands = [], []
        for message in outbox:
            self.log.append((seat.conn, message))
            self.hall.received(seat.conn, wire.encode(message), self.now)

    def deliver(self, seat: Seat, message: wire.ServerMessage) -> None:
        """Let one message of the server reach a participant, over the wire."""
        for told in [message] if seat.tamper is None else seat.tamper(message):
            self.log.append((seat.conn, told))
            seat.protocol.received(wire.decode_server(wire.encode(told)), self.now)


@pytest.fixture
def table() -> Table:
    """An empty table."""
    return Table()
