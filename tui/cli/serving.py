"""The server behind `call`, `demo` and `serve`. Loaded late."""

from __future__ import annotations

import contextlib
import ipaddress
import resource
import socket
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from media.engine.embedded_admin import EmbeddedAdmin
from media.transport.addresses import expand
from rooms.certificate import ServerCertificate
from rooms.client import ServerAddress
from rooms.errors import SettingsError
from rooms.ledger import Ledger
from rooms.own_ledger import own_ledger
from rooms.private_file import read_or_make
from rooms.served import ServedMedia, ServedRoom
from rooms.server import RoomServer
from tui.cli.address import parse_server
from tui.cli.place import Place

LOOPBACK = "127.0.0.1"
_OUTSIDE = ("192.0.2.1", "2001:db8::1")
"""Addresses nobody has (RFC 5737, RFC 3849): only the routing table is asked, nothing is sent."""
MAX_ADDRESSES = 8
PORT_FILE = "port"
PORT_NAME = "the server's port"
OPEN_FILES = 16384
"""Connections may be 1024 (`rooms.limits`), and those that have not finished TLS come on top: what
systems usually allow, 1024 in all, could be used up by one stranger."""


def listen_addresses(asked: Sequence[str]) -> list[str]:
    """Return the addresses to listen on: those asked for, or loopback and this machine's own."""
    if asked:
        return expand(asked)
    own = expand(["0.0.0.0", "::"])  # noqa: S104 - replaced by the machine's addresses
    usable = [address for address in own if not ipaddress.ip_address(address).is_loopback]
    return [LOOPBACK, *usable][:MAX_ADDRESSES]


def link_address(addresses: Sequence[str]) -> str:
    """Return the address others reach us at: on the way out, else any, else loopback."""
    outward = [address for address in map(_own_address_to, _OUTSIDE) if address in addresses]
    others = [a for a in addresses if not ipaddress.ip_address(a).is_loopback]
    return [*outward, *others, *addresses][0]


def _own_address_to(address: str) -> str:
    """Return which of our addresses packets to an address leave from; empty if there is no way."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((address, 9))
            return str(probe.getsockname()[0])
    except OSError:
        return ""


def _allow_open_files() -> None:
    """Have as many open as a server needs, or as the system lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


@contextlib.asynccontextmanager
async def running(place: Place, ledger: Ledger | None = None) -> AsyncIterator[ServerAddress]:
    """Run a server; give its address as links name it. Raises what `RoomServer.start` raises.

    With a ledger, whoever comes to it is entered there by IP address; without, nobody is noted.
    """
    _allow_open_files()
    addresses = listen_addresses(place.listen)
    certificate = _certificate(place.state)
    port = place.port or _kept_port(place.state)
    media = ServedMedia(ledger) if ledger is not None else None
    room = ServedRoom(ledger) if ledger is not None else None
    admin = EmbeddedAdmin(addresses, traffic=media)
    server = RoomServer(addresses, port, admin, certificate, served=room)
    await server.start()
    try:
        if place.state is not None and not place.port:
            read_or_make(place.state / PORT_FILE, str(server.port).encode, PORT_NAME)
        yield ServerAddress(link_address(addresses), server.port, certificate.pin)
    finally:
        await server.stop()
        if media is not None:
            media.close()


@contextlib.asynccontextmanager
async def reaching(server: str | None, place: Place) -> AsyncIterator[ServerAddress]:
    """Give the address of somebody's server, or of one run here meanwhile, for a person."""
    if server is not None:
        yield parse_server(server)
        return
    async with running(place, own_ledger()) as address:
        yield address


def _certificate(state: Path | None) -> ServerCertificate:
    if state is None:
        return ServerCertificate.ephemeral()
    return ServerCertificate.kept(state)


def _kept_port(state: Path | None) -> int:
    """Return the port links of before name, 0 if there are none. Raises `SettingsError`."""
    if state is None or not (path := state / PORT_FILE).exists():
        return 0
    text = read_or_make(path, bytes, PORT_NAME)
    if not (text.isdigit() and len(text) <= 5 and 0 < int(text) <= 0xFFFF):
        raise SettingsError(f"{PORT_NAME} is no port", hint=f"remove {path}")
    return int(text)
