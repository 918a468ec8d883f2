"""A room in simulated time: the real server logic, real participants, real keys, a bad network.

Deterministic up to key material: every choice comes from one seed. Connections keep their order, as
TCP does, and differ in how long they take; they stall, and break if they stall for too long. Frames
of media come in any order, twice or never. Everybody who ever was in the room keeps all keys it was
given, and tries them on everything that is sent.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Final

from e2ee import sframe
from e2ee.errors import KeysError, SottovoceError
from e2ee.identity import DeviceIdentity
from e2ee.link import Link, host_hash, new_secret
from e2ee.media_keys import MediaKeyring, Stream
from e2ee.mls.cipher_suite import CLASSIC
from media.control import InstallKey, ResumeSending, StopSending
from rooms import events, wire
from rooms.errors import NetworkError
from rooms.hall import Hall
from rooms.limits import Limits
from rooms.membership import SEND_AFTER_REMOVAL
from rooms.phases import Phase
from rooms.protocol import RoomProtocol
from rooms.roles import Appoint, Lock

STALL: Final = 8.0
"""Seconds after which either end gives a silent connection up, as pings do."""
FRAME_EVERY: Final = 0.2
"""Seconds between two frames of a participant; far fewer than in a call."""
LIMITS: Final = Limits(source_knock_rate=10.0, source_room_rate=10.0)
"""Of the server, to which all come from one address."""
LATE: Final = 0.01
"""Seconds a timer may be late."""


class Outcast(AssertionError):
    """Somebody who is not in the room read what was meant for it."""


Queue = deque[tuple[float, Callable[[], None]]]


@dataclass(eq=False)
class Line:
    """One connection, in order both ways; `conn` is the server's number of it."""

    conn: int
    stalled: float = 0.0
    """Until when nothing passes, either way."""
    under_way: tuple[Queue, Queue] = field(default_factory=lambda: (deque(), deque()))
    """What was sent to the server, and back, and when it arrives at the earliest."""


@dataclass(eq=False)
class Client:
    """One participation: a process that is running or has crashed, with all it ever learned."""

    name: str
    identity: DeviceIdentity
    protocol: RoomProtocol
    line: Line
    keyring: MediaKeyring = field(default_factory=MediaKeyring)
    running: bool = True
    wants_in: bool = True
    """Whether the person tries again if this ends."""
    keys: list[bytes] = field(default_factory=list)
    """Base keys of all epochs, kept although an honest client wipes them."""
    shut_out: dict[bytes, float] = field(default_factory=dict)
    """Since when somebody who was in our group is not, by MLS signature key."""
    heard: set[str] = field(default_factory=set)
    """Whose frames were opened lately."""
    opened: set[bytes] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)

    @property
    def inside(self) -> bool:
        """Whether it runs and is in the room."""
        return self.running and self.protocol.phase is Phase.INSIDE

    @property
    def members(self) -> dict[bytes, int]:
        """MLS signature key -> leaf, of all in its group."""
        membership = self.protocol.membership
        if membership is None:
            return {}
        return {member.signature_key: member.leaf for member in membership.group.members}

    @property
    def signature_key(self) -> bytes | None:
        """Its own MLS signature key, once it was inside."""
        membership = self.protocol.membership
        if membership is None:
            return None
        return next(key for key, leaf in self.members.items() if leaf == membership.group.leaf)


class World:
    """Everybody and everything; `run` lets time pass."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.now = 1_800_000_000.0
        self.hall = Hall(LIMITS)
        self.clients: list[Client] = []
        self.frames = 0
        self.host_identity = DeviceIdentity.generate()
        self.link = Link("rooms.example", new_secret(), host_hash(self.host_identity.public_blob))
        self._conns = itertools.count(1)
        self._order = itertools.count()
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []

    # --- who does what ---

    def arrive(
        self, name: str, identity: DeviceIdentity | None = None, *, opens: bool = False
    ) -> Client:
        """Start a client that opens the room or knocks at it."""
        identity = identity or DeviceIdentity.generate()
        protocol = RoomProtocol(
            self.link,
            identity,
            name,
            hosting=opens,
            suites=[CLASSIC],
            jitter=self.random.random,
        )
        client = Client(name, identity, protocol, Line(0))
        self.clients.append(client)
        self._connect(client)
        self._at(self.now + self.random.uniform(0, FRAME_EVERY), lambda: self._speak(client))
        return client

    def crash(self, client: Client) -> None:
        """End a process without a word; the server notices later."""
        client.running = client.wants_in = False
        line = client.line
        self._at(self.now + self.random.uniform(0.05, STALL), lambda: self._hang_up(line))

    def stall(self, client: Client, seconds: float) -> None:
        """Have nothing pass a connection for a while, or for so long that it is given up."""
        line = client.line
        line.stalled = max(line.stalled, self.now + seconds)
        if seconds > STALL:
            self._at(self.now + STALL, lambda: self._break(client, line))

    def restart(self) -> None:
        """Have the server end and begin anew; it knows nothing any more."""
        self.hall = Hall(LIMITS)
        for client in self.clients:
            self._break(client, client.line)

    def leave(self, client: Client) -> None:
        """Have a person leave."""
        client.wants_in = False
        client.protocol.leave()
        self._after(client)

    def remove(self, by: Client, who: Client) -> None:
        """Have a host or cohost put somebody out."""
        leaf = by.members.get(who.signature_key or b"")
        if leaf is not None:
            who.wants_in = False
            by.protocol.remove(leaf, self.now)
            self._after(by)

    def appoint(self, by: Client, who: Client) -> None:
        """Have the host make somebody cohost."""
        leaf = by.members.get(who.signature_key or b"")
        if leaf is not None:
            by.protocol.change(Appoint(leaf), self.now)
            self._after(by)

    def lock(self, by: Client, *, on: bool) -> None:
        """Have a host or cohost lock or unlock the room."""
        by.protocol.change(Lock(on), self.now)
        self._after(by)

    def say(self, client: Client, text: str) -> None:
        """Have somebody write a line."""
        client.protocol.say(text, self.now)
        self._after(client)

    @property
    def present(self) -> list[Client]:
        """Those who run and are in the room."""
        return [client for client in self.clients if client.inside]

    @property
    def keepers(self) -> list[Client]:
        """Those of them who are host or cohost."""
        return [client for client in self.present if client.protocol.role != "member"]

    # --- time ---

    def run(self, seconds: float) -> None:
        """Let time pass."""
        end = self.now + seconds
        while self._agenda and self._agenda[0][0] <= end:
            at, _, action = heapq.heappop(self._agenda)
            self.now = max(self.now, at)
            action()
        self.now = end

    def _at(self, when: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (when, next(self._order), action))

    # --- messages ---

    def _after(self, client: Client) -> None:
        """Pass on what a client wants sent, done and told, and plan its next tick."""
        taken = client.protocol.out.take()
        for command in taken.commands:
            self._command(client, command)
        line = client.line
        for message in taken.outbox:
            if isinstance(message, wire.SendApplication):
                self._read_by_nobody_else(client, message.message)
            data = wire.encode(message)
            self._pass(line, 0, lambda data=data: self._at_server(line, data))
        for event in taken.events:
            self._told(client, event)
        if client.protocol.phase in (Phase.AWAY, Phase.OVER):
            self._pass(line, 0, lambda: self._hang_up(line))
        if client.protocol.phase is Phase.AWAY:
            self._at(
                self.now + self.random.uniform(0.1, 3.0), lambda: self._reconnect(client, line)
            )
        due = client.protocol.next_tick
        if due is not None and client.running:
            self._at(max(due, self.now + LATE), lambda: self._tick(client, due))

    def _tick(self, client: Client, due: float) -> None:
        if client.running and client.protocol.next_tick == due:
            client.protocol.tick(self.now)
            self._after(client)

    def _pass(self, line: Line, way: int, arrive: Callable[[], None]) -> None:
        """Have a message arrive later, after those that were sent before it."""
        slow = self.random.random() < 0.05
        latency = self.random.uniform(0.005, 1.5 if slow else 0.15)
        line.under_way[way].append((self.now + latency, arrive))
        if len(line.under_way[way]) == 1:
            self._at(self.now + latency, lambda: self._arrive(line, way))

    def _arrive(self, line: Line, way: int) -> None:
        """Have the first of the messages under way arrive, if nothing holds it up any more."""
        queue = line.under_way[way]
        at = max(queue[0][0], line.stalled)
        if self.now >= at:
            queue.popleft()[1]()
        if queue:
            self._at(max(queue[0][0], line.stalled), lambda: self._arrive(line, way))

    def _at_server(self, line: Line, data: bytes) -> None:
        self.hall.received(line.conn, data, self.now)
        self._from_server()

    def _from_server(self) -> None:
        clients = {client.line.conn: client for client in self.clients}
        for conn, message in self.hall.outbox:
            if (client := clients.get(conn)) is not None:
                line = client.line
                self._pass(line, 1, lambda c=client, o=line, m=message: self._at_client(c, o, m))
        for conn in self.hall.closings:
            if (client := clients.get(conn)) is not None:
                line = client.line
                self._pass(line, 1, lambda c=client, o=line: self._lose(c, o))
        self.hall.outbox.clear()
        self.hall.closings.clear()
        self.hall.media.clear()

    def _at_client(self, client: Client, line: Line, message: wire.ServerMessage) -> None:
        if not client.running or client.line is not line:
            return
        before = client.members
        client.protocol.received(message, self.now)
        for gone in before.keys() - client.members.keys():
            client.shut_out.setdefault(gone, self.now)
        self._after(client)

    def _connect(self, client: Client) -> None:
        client.line = Line(next(self._conns), client.line.stalled)
        self.hall.connected(client.line.conn, self.now)
        client.protocol.start(self.now)
        self._after(client)

    def _reconnect(self, client: Client, lost: Line) -> None:
        if client.running and client.line is lost and client.protocol.phase is Phase.AWAY:
            self._connect(client)

    def _hang_up(self, line: Line) -> None:
        """End a connection at the server."""
        self.hall.disconnected(line.conn, self.now)
        self._from_server()

    def _break(self, client: Client, line: Line) -> None:
        """Break a connection at both ends."""
        self._hang_up(line)
        self._lose(client, line)

    def _lose(self, client: Client, line: Line) -> None:
        if client.running and client.line is line:
            client.protocol.lost(NetworkError("the connection broke"), self.now)
            self._after(client)

    # --- what comes of it ---

    def _told(self, client: Client, event: events.AnyEvent) -> None:
        match event:
            case events.Knock():
                when = self.now + self.random.uniform(0.0, 1.0)
                self._at(when, lambda: self._admit(client, event.knock))
            case events.ChatReceived():
                client.lines.append(event.text)
            case events.Ended():
                client.running = False
                if client.wants_in:
                    when = self.now + self.random.uniform(4.0, 12.0)
                    self._at(when, lambda: self._try_again(client))
            case _:
                pass

    def _try_again(self, client: Client) -> None:
        client.wants_in = False
        self.arrive(client.name, client.identity)

    def _admit(self, client: Client, knock: int) -> None:
        if client.running:
            client.protocol.admit(knock, self.now)
            self._after(client)

    def _command(self, client: Client, command: object) -> None:
        match command:
            case InstallKey():
                client.keys.append(command.base_key)
                if command.anew:
                    client.keyring.wipe()
                client.keyring.install(
                    command.epoch,
                    command.base_key,
                    command.leaf,
                    command.members,
                    now=self.now,
                    send_after=command.send_after,
                )
            case StopSending():
                client.keyring.stop()
            case ResumeSending():
                client.keyring.resume()
            case _:
                pass

    # --- media ---

    def _speak(self, client: Client) -> None:
        """Seal a frame, deliver it to all in any order, and see who can read it."""
        if not client.running:
            return
        sealed = client.keyring.seal(Stream.AUDIO, client.name.encode(), now=self.now)
        if sealed is not None:
            self.frames += 1
            self._try_all_keys(client, sealed)
            for other in self.clients:
                for _ in range(self.random.choice((0, 1, 1, 1, 2))):
                    at = self.now + self.random.uniform(0.005, 0.5)
                    self._at(at, lambda o=other: self._hear(o, client, sealed))
        self._at(self.now + FRAME_EVERY, lambda: self._speak(client))

    def _hear(self, client: Client, speaker: Client, sealed: bytes) -> None:
        if client.running and client is not speaker:
            try:
                client.keyring.open(sealed, now=self.now)
            except KeysError:
                return
            assert sealed not in client.opened, "a frame was heard twice"
            client.opened.add(sealed)
            client.heard.add(speaker.name)

    def _read_by_nobody_else(self, speaker: Client, message: bytes) -> None:
        """Let everybody try to read a line whom the speaker's group has shut out."""
        for other in self.clients:
            membership = other.protocol.membership
            if membership is None or (other.signature_key or b"") not in speaker.shut_out:
                continue
            with contextlib.suppress(SottovoceError):
                membership.group.process(message, now=int(self.now))
                raise Outcast(f"{other.name} still reads {speaker.name}")

    def _try_all_keys(self, speaker: Client, sealed: bytes) -> None:
        """Let everybody try that the speaker's group shut out longer ago than the grace."""
        kid = sframe.parse_header(sealed).kid
        for other in self.clients:
            since = speaker.shut_out.get(other.signature_key or b"")
            if since is None or self.now < since + SEND_AFTER_REMOVAL + LATE:
                continue
            for base_key in set(other.keys):
                if _opens(base_key, kid, sealed):
                    raise Outcast(f"{other.name} still hears {speaker.name}")


def _opens(base_key: bytes, kid: int, sealed: bytes) -> bool:
    try:
        sframe.decrypt(sframe.derive_key(base_key, kid), sealed)
    except SottovoceError:
        return False
    return True
