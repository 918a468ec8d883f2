"""The head count of a room, asked of a real server, and of those that only claim to be one."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from websockets.asyncio.server import ServerConnection, serve

from e2ee.link import Link, new_secret, room_keys
from media.engine.embedded_admin import EmbeddedAdmin
from rooms import counting, wire
from rooms.certificate import ServerCertificate
from rooms.client import RoomClient, ServerAddress
from rooms.counting import count
from rooms.errors import NetworkError, RoomsError, ServerIdentityError, WireError
from rooms.ledger import Ledger
from rooms.limits import Limits
from rooms.server import RoomServer

LOOPBACK = "127.0.0.1"
CERTIFICATE = ServerCertificate.ephemeral()


def link_to(port: int) -> Link:
    return Link(f"{LOOPBACK}:{port}", new_secret(), bytes(16), CERTIFICATE.pin)


@contextlib.asynccontextmanager
async def serving(limits: Limits | None = None) -> AsyncIterator[Link]:
    """Run a server; give a link to a room that is not open there."""
    server = RoomServer([LOOPBACK], 0, EmbeddedAdmin([LOOPBACK]), CERTIFICATE, limits=limits)
    await server.start()
    yield link_to(server.port)
    await server.stop()


@contextlib.asynccontextmanager
async def answering(*answers: bytes | str) -> AsyncIterator[Link]:
    """Run a server that answers whatever it is told with these, and nothing more."""

    async def answer(connection: ServerConnection) -> None:
        await connection.recv()
        for data in answers:
            await connection.send(data)
        await connection.wait_closed()

    async with serve(answer, LOOPBACK, 0, ssl=CERTIFICATE.context()) as server:
        yield link_to(next(iter(server.sockets)).getsockname()[1])


async def open_room(link: Link) -> RoomClient:
    host = await RoomClient.connect(ServerAddress.of_link(link), Ledger())
    await host.send(wire.OpenRoom(room_keys(link.secret).room_id))
    assert isinstance(await host.receive(), wire.RoomOpened)
    return host


async def test_heads_are_counted_while_a_room_is_open() -> None:
    async with serving() as link:
        assert await count(link, Ledger()) == 0
        host = await open_room(link)
        assert await count(link, Ledger()) == 1
        assert await count(replace(link, secret=new_secret()), Ledger()) == 0
        await host.close()


async def test_the_ledger_says_what_the_server_learns() -> None:
    ledger = Ledger()
    async with serving() as link:
        await count(link, ledger)
    (line,) = ledger.snapshot()
    assert (line.address, line.purpose, line.reads) == (
        link.server,
        "head count",
        "that somebody who has the link asks how many are in the room, and when",
    )
    assert line.sent == len(wire.encode(wire.CountRoom(room_keys(link.secret).room_id)))
    assert line.received == len(wire.encode(wire.RoomCount(0)))
    assert not line.live


async def test_attack_another_server_at_that_address_is_asked() -> None:
    ledger = Ledger()
    async with serving() as link:
        with pytest.raises(ServerIdentityError):
            await count(replace(link, server_pin=bytes(16)), ledger)
    (line,) = ledger.snapshot()
    assert (line.sent, line.live) == (0, False)


async def test_a_server_that_is_gone_is_told_of() -> None:
    async with serving() as link:
        pass
    with pytest.raises(NetworkError, match="nothing listens"):
        await count(link, Ledger())


async def test_who_asks_too_much_hears_why() -> None:
    async with serving(Limits(source_count_burst=1, source_count_rate=0.001)) as link:
        await count(link, Ledger())
        with pytest.raises(RoomsError, match="too many ask"):
            await count(link, Ledger())


@pytest.mark.parametrize(
    "answer",
    [wire.encode(wire.RoomOpened(7)), b"\x81\xa1t\xa7counted", b"\xc1", "seven"],
    ids=["another message", "no number", "garbage", "text"],
)
async def test_attack_a_server_answers_something_else(answer: bytes | str) -> None:
    ledger = Ledger()
    async with answering(answer) as link:
        with pytest.raises(WireError):
            await count(link, ledger)
    assert not any(line.live for line in ledger.snapshot())


async def test_attack_a_server_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "TIMEOUT", 0.2)
    ledger = Ledger()
    async with answering() as link:
        with pytest.raises(NetworkError, match="did not answer in time"):
            await count(link, ledger)
    assert not any(line.live for line in ledger.snapshot())


async def test_attack_something_takes_the_connection_and_never_speaks_tls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(counting, "TIMEOUT", 0.2)
    ledger = Ledger()
    with (
        socket.create_server((LOOPBACK, 0)) as silent,
        pytest.raises(NetworkError, match="did not answer in time"),
    ):
        await count(link_to(silent.getsockname()[1]), ledger)
    (line,) = ledger.snapshot()
    assert (line.sent, line.live) == (0, False)
