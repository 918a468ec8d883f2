"""The server's side of ICE: one UDP socket per address for every leg (RFC 8445 section 2.5).

An ICE-lite agent needs no candidates of its clients: it answers authenticated Binding requests and
sends a leg's packets to where the last valid one came from. Before anything of a leg goes to an
address, whoever is there has answered a challenge: a source address can be forged, what is sent to
it cannot be read. Until then an address gets fewer bytes than came from it. What arrives from an
address that never proved itself is dropped, except STUN, which is rate-limited per source.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
import socket
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

from aioice.candidate import candidate_foundation, candidate_priority

from media.engine.ports import IceCandidate, Traffic
from media.errors import TransportError
from media.limits import KeyedLimiter, TokenBucket
from media.rtp.demux import Datagram, classify
from media.transport.addresses import expand
from media.transport.binding import (
    BindingRequest,
    Challenge,
    answer,
    parse_request,
    transaction_of,
)
from media.transport.seams import DTLS_COPIES

CONSENT_TIMEOUT = 30.0
"""Seconds without a valid Binding request after which a leg is over (RFC 7675 section 5.1)."""
CHECK_INTERVAL = 1.0
QUIET_BEFORE_MOVE = 1.0
"""Seconds the current address must be silent before an unnominated request moves the leg: late
checks on a second path do not pull it away from the one that works."""
QUIET_BEFORE_TAKING = 10.0
"""Seconds an address must be silent before another leg may have it: whoever forges the source of
another participant does not cut it off."""
STRANGER_RATE, STRANGER_BURST = 50.0, 100.0
"""STUN requests a second from one source that belongs to no leg: an office behind one address may
join at once."""
STRANGERS_RATE, STRANGERS_BURST = 500.0, 1000.0
"""The same for all sources together, since sources are easily forged."""
LEG_RATE, LEG_BURST = 20.0, 40.0
MAX_ADDRESSES = 4
"""Addresses of one leg that are listened to at a time."""
MAX_CHALLENGES = 8
"""Addresses of one leg that may have a challenge to answer at a time."""
MAX_TRANSACTIONS = 512
"""Transaction ids remembered per leg: a captured request cannot be replayed from elsewhere."""
MAX_QUEUE = 64
SOCKET_BUFFER = 1 << 20

Address = tuple[str, int]
RESPONSE = b"\x01\x01"
"""How a Binding success response begins (RFC 8489 section 5)."""

Asked = tuple[Challenge, BindingRequest, Address]
"""A challenge, the request that waits for it, and where that came from."""
_UFRAG = re.compile(r"[A-Za-z0-9+/]{4,256}")


class IceLiteLeg:
    """One client's path; the datagram pipe its DTLS runs on."""

    role = "controlled"
    state = "completed"

    def __init__(self, remote_ufrag: str, remote_password: str, now: float) -> None:
        self.on_secure: Callable[[bytes, Datagram], bool] = lambda _data, _kind: False
        """Gets each SRTP or SRTCP packet; returns whether it was authentic."""
        self.on_lost: Callable[[], None] = lambda: None
        """Called when consent has expired; whoever made the leg drops it then."""
        self.ufrag = secrets.token_hex(8)
        self.password = secrets.token_hex(16)
        self.remote_ufrag = remote_ufrag
        self._remote_password = remote_password
        self.address: Address | None = None
        self.addresses: OrderedDict[Address, float] = OrderedDict()
        """Addresses that proved themselves, and when each was last heard."""
        self.challenges: OrderedDict[bytes, Asked] = OrderedDict()
        """Challenges that are out, by transaction id."""
        self.last_consent = now
        self.limit = TokenBucket(LEG_RATE, LEG_BURST)
        self._port: _Port | None = None
        self._transactions: OrderedDict[bytes, Address] = OrderedDict()
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue(MAX_QUEUE)
        self._closed = False

    def send(self, data: bytes) -> None:
        """Send one datagram; dropped while the client's address is unknown."""
        if self._port is not None and self.address is not None and not self._closed:
            self._port.send(data, self.address)

    def queue(self, data: bytes) -> None:
        """Queue a DTLS datagram; a flood beyond the queue is dropped."""
        with contextlib.suppress(asyncio.QueueFull):
            self._queue.put_nowait(data)

    def close(self) -> None:
        """End the pipe; whoever waits on it gets `ConnectionError`."""
        self._closed = True
        while self._queue.full():
            self._queue.get_nowait()
        self._queue.put_nowait(None)

    def challenge(self, request: BindingRequest, address: Address) -> bytes | None:
        """Return what to send to a new address; None if that would be more than came from it.

        Who asks again before answering gets the same challenge, so a lost one costs nothing.
        """
        made = next((made for made, _, where in self.challenges.values() if where == address), None)
        if made is None:
            made = Challenge.make(self.ufrag, self.remote_ufrag, self._remote_password)
        self.challenges[made.transaction] = made, request, address
        if len(self.challenges) > MAX_CHALLENGES:
            self.challenges.popitem(last=False)
        return made.data if len(made.data) <= request.length else None

    def proven_by(self, data: bytes, address: Address) -> BindingRequest | None:
        """Return the request that waited for `data` to prove where it came from, if it does."""
        asked = self.challenges.get(transaction_of(data))
        if asked is None:
            return None
        challenge, request, where = asked
        if where != address or not challenge.is_answered_by(data, self._remote_password):
            return None
        del self.challenges[challenge.transaction]
        return request

    def first_seen(self, transaction: bytes, address: Address) -> bool:
        """Remember a transaction; False if it was used from another address before (a replay)."""
        known = self._transactions.setdefault(transaction, address)
        if len(self._transactions) > MAX_TRANSACTIONS:
            self._transactions.popitem(last=False)
        return known == address

    def consent(self, address: Address, port: _Port, *, nominates: bool, now: float) -> None:
        """A valid request came: keep the leg alive and, where that is right, move it."""
        self.last_consent = now
        current = self.addresses.get(self.address, 0.0) if self.address else 0.0
        if nominates or (self.address is not None and now - current >= QUIET_BEFORE_MOVE):
            self.address = address
            self._port = port
        self.addresses[address] = now
        self.addresses.move_to_end(address)

    async def _recv(self) -> bytes:
        data = None if self._closed else await self._queue.get()
        if data is None:
            raise ConnectionError("the leg was closed")
        return data

    async def _send(self, data: bytes) -> None:
        if self._closed:
            raise ConnectionError("the leg was closed")
        for _ in range(DTLS_COPIES):
            self.send(data)


class _Port(asyncio.DatagramProtocol):
    """One bound UDP socket."""

    def __init__(
        self,
        sock: socket.socket,
        received: Callable[[bytes, Address, _Port], None],
        traffic: Traffic | None,
    ) -> None:
        self._socket = sock
        self._received = received
        self._traffic = traffic
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._received(data, addr, self)
        if self._traffic is not None:
            self._traffic.received(addr[0], len(data))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_result(None)

    def send(self, data: bytes, address: Address) -> None:
        """Send at once or not at all: late media is worth nothing, so nothing is buffered."""
        with contextlib.suppress(OSError):
            self._socket.sendto(data, address)
            if self._traffic is not None:
                self._traffic.sent(address[0], len(data))


class IceLiteAgent:
    """All sockets and legs of a server."""

    def __init__(
        self, addresses: Sequence[str], port: int = 0, traffic: Traffic | None = None
    ) -> None:
        self._listen = tuple(addresses)
        self._port = port
        self._traffic = traffic
        self._ports: list[tuple[asyncio.DatagramTransport, _Port]] = []
        self._by_ufrag: dict[str, IceLiteLeg] = {}
        self._by_address: dict[Address, IceLiteLeg] = {}
        self._stranger_limit = KeyedLimiter(STRANGER_RATE, STRANGER_BURST)
        self._strangers_limit = TokenBucket(STRANGERS_RATE, STRANGERS_BURST)
        self._timer: asyncio.TimerHandle | None = None
        self.candidates: list[IceCandidate] = []

    async def start(self) -> None:
        """Bind every address. Raises `TransportError` when one cannot be bound."""
        try:
            for number, address in enumerate(expand(self._listen)):
                await self._bind(address, number)
        except OSError as error:
            await self.close()
            raise _cannot_listen(self._port, error) from error
        self._schedule()

    def open(self, remote_ufrag: str, remote_password: str) -> IceLiteLeg:
        """Make a leg for a client; its password authenticates our challenges and its answers.

        Raises `TransportError` if its ufrag is not one (RFC 8839)."""
        if not _UFRAG.fullmatch(remote_ufrag):
            raise TransportError("a media offer carries malformed ICE credentials")
        leg = IceLiteLeg(remote_ufrag, remote_password, time.monotonic())
        self._by_ufrag[leg.ufrag] = leg
        return leg

    def drop(self, leg: IceLiteLeg) -> None:
        """Forget a leg; idempotent."""
        self._by_ufrag.pop(leg.ufrag, None)
        for address in leg.addresses:
            if self._by_address.get(address) is leg:
                del self._by_address[address]
        leg.close()

    async def close(self) -> None:
        """Drop every leg and close every socket; idempotent."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for leg in list(self._by_ufrag.values()):
            self.drop(leg)
        for transport, port in self._ports:
            transport.close()
            await port.closed
        self._ports.clear()
        self.candidates = []

    async def _bind(self, address: str, number: int) -> None:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_DGRAM)
        try:
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BUFFER)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BUFFER)
            sock.setblocking(False)
            sock.bind((address, self._port))
            transport, port = await asyncio.get_running_loop().create_datagram_endpoint(
                lambda: _Port(sock, self._received, self._traffic), sock=sock
            )
        except BaseException:
            sock.close()
            raise
        self._ports.append((transport, port))
        self.candidates.append(
            IceCandidate(
                foundation=candidate_foundation("host", "udp", address),
                component=1,
                priority=candidate_priority(1, "host", 65535 - number),
                ip=address,
                port=sock.getsockname()[1],
                type="host",
            )
        )

    def _received(self, data: bytes, address: Address, port: _Port) -> None:
        leg = self._by_address.get(address)
        match classify(data):
            case Datagram.STUN if data[:2] == RESPONSE:
                self._answered(data, address, port)
            case Datagram.STUN:
                self._binding(data, address, port, leg)
            case Datagram.DTLS if leg is not None:
                leg.queue(data)
            case Datagram.RTP | Datagram.RTCP as kind if leg is not None:
                if leg.on_secure(data, kind):
                    leg.addresses[address] = time.monotonic()
            case _:
                pass

    def _binding(
        self, data: bytes, address: Address, port: _Port, known: IceLiteLeg | None
    ) -> None:
        now = time.monotonic()
        request = parse_request(data) if self._allowed(address, known, now) else None
        leg = self._by_ufrag.get(request.local_ufrag) if request else None
        if (
            request is None
            or leg is None
            or request.remote_ufrag != leg.remote_ufrag
            or not request.authenticate(leg.password)
            or not leg.first_seen(request.transaction, address)
            or _is_of_another(known, leg, address, now)
        ):
            return
        if address in leg.addresses:
            self._consent(leg, request, address, port, now)
        elif (challenge := leg.challenge(request, address)) is not None:
            port.send(challenge, address)

    def _answered(self, data: bytes, address: Address, port: _Port) -> None:
        """Take a challenge's answer: from here on the leg may be where it asked to be."""
        now, known = time.monotonic(), self._by_address.get(address)
        if not self._allowed(address, known, now):
            return
        legs, transaction = self._by_ufrag.values(), transaction_of(data)
        leg = next((leg for leg in legs if transaction in leg.challenges), None)
        request = leg.proven_by(data, address) if leg is not None else None
        if leg and request and not _is_of_another(known, leg, address, now):
            self._consent(leg, request, address, port, now)

    def _consent(
        self, leg: IceLiteLeg, request: BindingRequest, address: Address, port: _Port, now: float
    ) -> None:
        leg.consent(address, port, nominates=request.nominates, now=now)
        self._by_address[address] = leg
        while len(leg.addresses) > MAX_ADDRESSES:
            oldest, _ = leg.addresses.popitem(last=False)
            if self._by_address.get(oldest) is leg:
                del self._by_address[oldest]
        port.send(answer(request, address[:2], leg.password), address)

    def _allowed(self, address: Address, known: IceLiteLeg | None, now: float) -> bool:
        """Bound the work spent on checks; a flood of strangers never holds up a connected leg."""
        if known is not None:
            return known.limit.take(now)
        return self._stranger_limit.take(address[0], now) and self._strangers_limit.take(now)

    def _schedule(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(CHECK_INTERVAL, self._check_consent)

    def _check_consent(self) -> None:
        now = time.monotonic()
        for leg in list(self._by_ufrag.values()):
            if now - leg.last_consent > CONSENT_TIMEOUT:
                leg.on_lost()
        self._schedule()


def _cannot_listen(port: int, error: OSError) -> TransportError:
    reason = error.strerror or error
    if port == 0:  # the system chooses a free one, so it is not the port
        return TransportError(
            f"cannot listen for media: {reason}",
            hint="is the address to listen on one of this machine?",
        )
    return TransportError(
        f"cannot listen for media on UDP port {port}: {reason}",
        hint="another server may be running there; choose another port",
    )


def _is_of_another(known: IceLiteLeg | None, leg: IceLiteLeg, address: Address, now: float) -> bool:
    """Return whether an address is in use by another leg than the one that asks for it."""
    if known is None or known is leg:
        return False
    return now - known.addresses.get(address, -QUIET_BEFORE_TAKING) < QUIET_BEFORE_TAKING
