"""The client's WebSocket to a room server: by TLS only, to the pinned key if there is a pin."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import logging
import socket
import ssl
from asyncio.staggered import staggered_race
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import zip_longest
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from e2ee.link import Link, key_pin
from rooms import wire
from rooms.errors import NetworkError, RoomsError, ServerIdentityError, WireError
from rooms.ledger import Ledger, LedgerEntry

DEFAULT_PORT: Final = 443
OPEN_TIMEOUT: Final = 10.0
"""Seconds for name, TCP, TLS and the WebSocket handshake together."""
PING_INTERVAL: Final = 5.0
PING_TIMEOUT: Final = 8.0
"""A server that is gone without closing is noticed after at most the sum of both, seconds."""
CLOSE_TIMEOUT: Final = 1.0
NEXT_ADDRESS_AFTER: Final = 0.25
"""Seconds until a name's next address is tried beside the first (RFC 8305 section 5)."""
PURPOSE: Final = "room server"
NAME_SERVICE: Final = "this system's name service"
"""The system asks it for us, and does not say whom, nor in how many bytes."""
READS: Final = "room number, who is connected, times and sizes; no names, words, sound or pictures"

_Place = tuple[Any, ...]
"""What a socket connects to: host, port, and more for some families."""

# The library's log names addresses and headers.
_silent = logging.getLogger(f"{__name__}.websockets")
_silent.disabled = True


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where a server is. `pin` is None when its certificate is to be checked the public way."""

    host: str
    port: int
    pin: bytes | None = field(repr=False, default=None)

    @classmethod
    def of_link(cls, link: Link) -> ServerAddress:
        """Return the address in a link."""
        if link.server.endswith("]") or ":" not in link.server:
            host, port = link.server, DEFAULT_PORT
        else:
            host, _, digits = link.server.rpartition(":")
            port = int(digits)
        return cls(host.strip("[]"), port, link.server_pin)

    @property
    def text(self) -> str:
        """The address as links write it: `host[:port]`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORT else f"{host}:{self.port}"


class WrongPinError(ssl.SSLCertVerificationError):
    """The handshake ended because the server's key is another one than the link's."""


class _PinnedObject(ssl.SSLObject):
    """A TLS connection that is not up before the peer's key was compared with the pin.

    asyncio sends and delivers nothing before `do_handshake` returns, so no byte of ours ever
    reaches the wrong server.
    """

    def do_handshake(self) -> None:
        super().do_handshake()
        context = self.context
        certificate = self.getpeercert(binary_form=True)
        if not isinstance(context, _PinnedContext) or certificate is None:
            raise WrongPinError("the server shows no certificate")
        if not hmac.compare_digest(_pin_of(certificate), context.pin):
            raise WrongPinError("the server's key is not the pinned one")


class _PinnedContext(ssl.SSLContext):
    """TLS by which only the holder of one key is trusted, whatever its certificate says."""

    sslobject_class = _PinnedObject
    pin = b""


async def _reach(
    server: ServerAddress, ledger: Ledger, purpose: str, reads: str
) -> tuple[socket.socket, LedgerEntry]:
    """Connect to whichever of a server's addresses answers first; each that is tried is entered.

    Raises OSError.
    """
    loop = asyncio.get_running_loop()

    async def reach(family: int, place: _Place) -> tuple[socket.socket, LedgerEntry]:
        reaching = socket.socket(family, socket.SOCK_STREAM)
        entry = ledger.open(f"{place[0]}:{place[1]}", purpose, reads)
        try:
            reaching.setblocking(False)
            await loop.sock_connect(reaching, place)
        except BaseException:
            reaching.close()
            entry.live = False
            raise
        return reaching, entry

    tries = [partial(reach, *found) for found in await _look_up(server, ledger)]
    reached: tuple[socket.socket, LedgerEntry] | None
    reached, _, errors = await staggered_race(tries, NEXT_ADDRESS_AFTER)
    if reached is None:
        raise errors[-1] or OSError
    return reached


async def _look_up(server: ServerAddress, ledger: Ledger) -> list[tuple[int, _Place]]:
    """Return a server's addresses with their families, which take turns (RFC 8305 section 4).

    The lookup of a name is entered. Raises OSError for a name nobody knows.
    """
    host, port = server.host, server.port
    lookup = None
    if not _is_address(host):
        lookup = ledger.open(NAME_SERVICE, "name lookup", f"that you look for {host}")
    try:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    finally:
        if lookup is not None:
            lookup.live = False
    families: dict[int, list[_Place]] = {}
    for family, *_, place in found:
        families.setdefault(family, []).append(place)
    turns = zip_longest(*([(family, place) for place in all_] for family, all_ in families.items()))
    return [one for turn in turns for one in turn if one is not None]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


async def _shake_hands(
    server: ServerAddress, reached: socket.socket, context: ssl.SSLContext
) -> ClientConnection:
    """Begin TLS, and in it a WebSocket, on a TCP connection, which is closed if that fails."""
    host = f"[{server.host}]" if ":" in server.host else server.host
    return await connect(
        f"wss://{host}:{server.port}/ws",
        # With it, the server cannot redirect us to an address nobody entered.
        sock=reached,
        ssl=context,
        proxy=None,
        compression=None,  # sizes of what is compressed together would tell its contents
        user_agent_header=None,
        max_size=wire.MAX_MESSAGE,
        open_timeout=None,
        ping_interval=PING_INTERVAL,
        ping_timeout=PING_TIMEOUT,
        close_timeout=CLOSE_TIMEOUT,
        logger=_silent,
    )


def tls_context(pin: bytes | None, *, any_key: bool = False) -> ssl.SSLContext:
    """Return a client's TLS context: TLS 1.3, and the pin instead of certificate authorities.

    `any_key`: neither; for what tells afterwards who the server was (`rooms.passcode_client`).
    """
    if any_key:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif pin is None:
        context = ssl.create_default_context()
    else:
        # The pin is the whole check: names, dates and issuers in the certificate mean nothing.
        context = _PinnedContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.pin = pin
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_alpn_protocols(["http/1.1"])
    return context


def _pin_of(certificate: bytes) -> bytes:
    try:
        key = x509.load_der_x509_certificate(certificate).public_key()
        return key_pin(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    except Exception as error:  # the parser raises many kinds; all mean that it cannot be the key
        raise WrongPinError("the server's certificate cannot be read") from error


class RoomClient:
    """One connection. `send` and `receive` raise `NetworkError` once it is broken."""

    def __init__(self, connection: ClientConnection, entry: LedgerEntry) -> None:
        self._connection = connection
        self._entry = entry

    @classmethod
    async def connect(
        cls,
        server: ServerAddress,
        ledger: Ledger,
        *,
        open_timeout: float = OPEN_TIMEOUT,
        any_key: bool = False,
        purpose: str = PURPOSE,
        reads: str = READS,
    ) -> RoomClient:
        """Connect. Raises `NetworkError`, or `ServerIdentityError` before anything was sent."""
        try:
            context = tls_context(server.pin, any_key=any_key)
            async with asyncio.timeout(open_timeout):
                reached, entry = await _reach(server, ledger, purpose, reads)
                try:
                    connection = await _shake_hands(server, reached, context)
                except BaseException:
                    entry.live = False
                    raise
        except (OSError, WebSocketException, EOFError, ValueError) as error:
            raise explain(error, server) from error
        return cls(connection, entry)

    @property
    def seen_pin(self) -> bytes:
        """What a link would pin of the key that the server has shown, 16 bytes."""
        tls = self._connection.transport.get_extra_info("ssl_object")
        return _pin_of(tls.getpeercert(binary_form=True))

    async def send(self, message: wire.ClientMessage) -> None:
        """Send one message. Raises `NetworkError`."""
        data = wire.encode(message)
        try:
            await self._connection.send(data)
        except ConnectionClosed as error:
            raise _broken() from error
        self._entry.sent += len(data)

    async def receive(self) -> wire.ServerMessage:
        """Return the next message. Raises `NetworkError`, `WireError`."""
        try:
            data = await self._connection.recv()
        except ConnectionClosed as error:
            raise _broken() from error
        self._entry.received += len(data)
        if isinstance(data, str):
            raise WireError("the server sends text where this protocol has none")
        return wire.decode_server(data)

    async def close(self) -> None:
        """Close the connection; idempotent."""
        await self._connection.close()
        self._entry.live = False


_FAILURES: Final[Sequence[tuple[tuple[type[Exception], ...], type[RoomsError], str, str]]] = (
    (
        (WrongPinError,),
        ServerIdentityError,
        "the server at {place} is not the one in the link",
        "somebody may be in between, or the server was set up anew: get a new link or address",
    ),
    (
        (ssl.SSLCertVerificationError,),
        ServerIdentityError,
        "the certificate of {place} cannot be trusted: {reason}",
        "ask for a link made by the server itself; it carries the server's key",
    ),
    (
        (TimeoutError,),
        NetworkError,
        "{place} did not answer in time",
        "is the address right, and is a firewall in between?",
    ),
    (
        (ConnectionRefusedError,),
        NetworkError,
        "nothing listens at {place}",
        "the server has ended, with its calls, or is another one: ask for the new link or address",
    ),
    (
        (socket.gaierror,),
        NetworkError,
        "the name of {place} cannot be found",
        "check the link and the network",
    ),
    (
        (ssl.SSLError, WebSocketException, EOFError, ValueError, ConnectionResetError),
        NetworkError,
        "what answers at {place} is not a room server",
        "check the link; a proxy or another program may answer there",
    ),
    ((OSError,), NetworkError, "{place} cannot be reached: {reason}", "check the network"),
)
"""Exceptions, what they become, message and hint; the first line that fits counts."""


def explain(error: Exception, server: ServerAddress) -> RoomsError:
    """Return what a failed connection means, in one line for a person."""
    reason = getattr(error, "verify_message", None) or getattr(error, "strerror", None)
    for kinds, meaning, message, hint in _FAILURES:
        if isinstance(error, kinds):
            place = f"{server.host}, port {server.port}"
            text = message.format(place=place, reason=reason or "the network does not lead there")
            return meaning(text, hint=hint)
    return NetworkError("the server cannot be reached", hint="check the network")


def _broken() -> NetworkError:
    return NetworkError(
        "the connection to the server broke", hint="check the network, then join again"
    )
