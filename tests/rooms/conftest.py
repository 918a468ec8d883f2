"""A room without sockets: the real hall and real participants at one table, in virtual time."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest

from e2ee.identity import DeviceIdentity
from e2ee.link import Link, host_hash, new_secret
from e2ee.mls.cipher_suite import SUITES, CipherSuite
from media.control import Command
from media.engine.ports import MediaAnswer, MediaOffer, TransportParameters
from rooms import events, wire
from rooms.errors import NetworkError
from rooms.hall import Hall
from rooms.hosting import GATHER
from rooms.limits import Limits
from rooms.media_actions import JoinMedia, MediaAction
from rooms.protocol import RoomProtocol
from rooms.roles import Appoint
from rooms.roster import Appearance

T = TypeVar("T")
Tamper = Callable[[wire.ServerMessage], list[wire.ServerMessage]]

TRANSPORT = TransportParameters(
    ufrag="u", password="p" * 22, candidates=[], fingerprint=bytes(32), lite=True
)
BROKEN = NetworkError("the connection to the server broke")
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

    offer = OFFER

    def __init__(self) -> None:
        self.hall = Hall()
        self.away: Hall | None = None
        self.parted: set[int] = set()
        self.heartbeats_pass = False
        self.now = 1_800_000_000.0
        self.jitter = 0.5
        self.seats: dict[int, Seat] = {}
        self._numbers = itertools.count(1)
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
        suites: Sequence[CipherSuite] = SUITES,
    ) -> Seat:
        """Add a participant whose connection stands; it has not said anything yet."""
        identity = identity or DeviceIdentity.generate()
        room = link or self.link
        protocol = RoomProtocol(
            room, identity, name, hosting=hosting, suites=suites, jitter=lambda: self.jitter
        )
        protocol.appear(Appearance(muted, False))
        seat = Seat(next(self._numbers), protocol, identity)
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
        self.wait(GATHER + 0.2)
        return seat

    def leave(self, seat: Seat) -> None:
        """Break a connection off."""
        self.hall.disconnected(seat.conn, self.now)
        self.settle()

    def lose(self, *seats: Seat) -> None:
        """Have connections break, as both their ends see it; the protocols wait for another one."""
        for seat in seats:
            self.hall.disconnected(seat.conn, self.now)
            seat.protocol.lost(BROKEN, self.now)
        self.settle()

    def reconnect(self, *seats: Seat) -> None:
        """Have somebody reach the server again, over another connection."""
        for seat in seats:
            del self.seats[seat.conn]
            seat.conn = next(self._numbers)
            self.seats[seat.conn] = seat
            self.hall.connected(seat.conn, self.now)
            seat.protocol.start(self.now)
        self.settle()

    def restart(self) -> None:
        """Have the server end and begin anew: it knows nothing any more."""
        self.hall, seats = Hall(), list(self.seats.values())
        for seat in seats:
            seat.protocol.lost(BROKEN, self.now)
        self.settle()

    def appoint(self, host: Seat, cohost: Seat) -> None:
        """Have the host make somebody cohost."""
        host.protocol.change(Appoint(cohost.leaf), self.now)
        self.settle()

    def part(self, *seats: Seat, heartbeats: bool) -> None:
        """Have a hostile server keep these apart from the others, each side with its own order."""
        self.away, self.heartbeats_pass = copy.deepcopy(self.hall), heartbeats
        self.parted = {seat.conn for seat in seats}

    def hall_of(self, conn: int) -> Hall:
        """The hall that a connection is shown."""
        return self.away if self.away is not None and conn in self.parted else self.hall

    def forge(self, seat: Seat, **change: object) -> None:
        """Have a member make a Commit its client never would, and the server pass it on."""
        membership = seat.protocol.membership
        assert membership is not None
        pending = membership.group.commit(now=int(self.now), **change)  # type: ignore[arg-type]
        room = next(iter(self.hall.rooms.values()))
        room.epoch += 1
        for member in room.others(self.hall.connections[seat.conn]):
            self.deliver(
                self.seats[member.number], wire.CommitDelivered(room.epoch, pending.message)
            )
        self.settle()

    def wait(self, seconds: float) -> None:
        """Let time pass, and everybody do what is due."""
        end = self.now + seconds
        self.settle()
        while self.now < end:
            dues = [seat.protocol.next_tick for seat in self.seats.values()]
            due = min([end, *(due for due in dues if due is not None)])
            self.now = max(self.now, due - 0.1)
            self.settle()

    def say(self, seat: Seat, text: str) -> None:
        """Write a line and deliver it."""
        seat.protocol.say(text, self.now)
        self.settle()

    def settle(self) -> None:
        """Deliver everything, in the server's order."""
        while True:
            self.now += 0.1
            for seat in self.seats.values():
                self.send(seat)
            outboxes = [self.take(hall) for hall in (self.hall, self.away) if hall is not None]
            if not any(outboxes):
                break
            for conn, message in itertools.chain(*outboxes):
                if conn in self.seats:
                    self.deliver(self.seats[conn], message)

    def take(self, hall: Hall) -> list[tuple[int, wire.ServerMessage]]:
        """Return what a hall says to those whom it is shown to; answer media offers."""
        for action in hall.media:
            if isinstance(action, JoinMedia):
                hall.media_answered(action.conn, ANSWER)
        hall.media.clear()
        hall.closings.clear()
        hall.taken.clear()
        outbox, hall.outbox = hall.outbox, []
        return [
            (conn, message)
            for conn, message in outbox
            if self.hall_of(conn) is hall
            or (self.heartbeats_pass and isinstance(message, wire.HeartbeatDelivered))
        ]

    def send(self, seat: Seat) -> None:
        """Pass what one participant wants to say to the hall, and take its events."""
        due = seat.protocol.next_tick
        if due is not None and due <= self.now:
            seat.protocol.tick(self.now)
        taken = seat.protocol.out.take()
        seat.events += taken.events
        seat.commands += taken.commands
        for message in taken.outbox:
            self.log.append((seat.conn, message))
            self.hall_of(seat.conn).received(seat.conn, wire.encode(message), self.now)

    def deliver(self, seat: Seat, message: wire.ServerMessage) -> None:
        """Let one message of the server reach a participant, over the wire."""
        for told in [message] if seat.tamper is None else seat.tamper(message):
            self.log.append((seat.conn, told))
            seat.protocol.received(wire.decode_server(wire.encode(told)), self.now)


@pytest.fixture
def table() -> Table:
    """An empty table."""
    return Table()


# --- the hall alone, in transcripts ---


class Transcript:
    """Plays steps against a hall and fails at the first that is not as written.

    (">>", who, message)  a client sends        (a message may be raw bytes)
    ("xx", who)           its connection breaks
    ("<<", who, message)  the server sends
    ("--", who)           the server closes the connection
    ("**", action)        the server has the engine do something
    ("++", who)           a piece of a file has arrived there

    What the server does has to be written completely and in order, except that closings come
    after what is sent and engine actions come last. Whoever is named first time is connected.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.hall = Hall(limits)
        self.now = 0.0
        self.numbers: dict[str, int] = {}

    def number(self, who: str) -> int:
        """The connection number of somebody, connecting it if need be."""
        if who not in self.numbers:
            self.numbers[who] = len(self.numbers) + 1
            self.hall.connected(self.numbers[who], self.now)
        return self.numbers[who]

    def play(self, *steps: tuple[Any, ...]) -> None:
        """Play a transcript."""
        seen: list[tuple[Any, ...]] = []
        for step in steps:
            match step:
                case (">>", who, message):
                    assert seen == [], f"before {step}"
                    data = message if isinstance(message, bytes) else wire.encode(message)
                    self.hall.received(self.number(who), data, self.now)
                    seen = self.drain()
                case ("xx", who):
                    assert seen == [], f"before {step}"
                    self.hall.disconnected(self.number(who), self.now)
                    seen = self.drain()
                case _:
                    assert seen[:1] == [step], f"expected {step}, then {seen}"
                    seen = seen[1:]
        assert seen == []

    def drain(self) -> list[tuple[Any, ...]]:
        """Take what the hall did, as steps."""
        names = {number: who for who, number in self.numbers.items()}
        sent = [("<<", names[conn], message) for conn, message in self.hall.outbox]
        closed = [("--", names[conn]) for conn in self.hall.closings]
        actions: list[MediaAction] = list(self.hall.media)
        self.hall.outbox.clear()
        self.hall.closings.clear()
        self.hall.media.clear()
        taken = [("++", names[conn]) for conn in self.hall.taken]
        self.hall.taken.clear()
        return [*sent, *closed, *(("**", action) for action in actions), *taken]


@pytest.fixture
def talk() -> Transcript:
    """A fresh hall."""
    return Transcript()


@pytest.fixture
def offer() -> MediaOffer:
    """A media offer that is well-formed and leads nowhere."""
    return OFFER


@pytest.fixture
def answer() -> MediaAnswer:
    """A media answer that is well-formed and leads nowhere."""
    return ANSWER
