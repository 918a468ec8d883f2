"""Servers that are as they should be, and servers that are not."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec.structs import replace
from websockets.asyncio.server import ServerConnection, serve

from media.engine.embedded_admin import EmbeddedAdmin
from media.engine.ports import MediaAnswer
from rooms import trying, wire
from rooms.certificate import ServerCertificate
from rooms.client import ServerAddress
from rooms.errors import NetworkError, ServerIdentityError, WireError
from rooms.ledger import MEDIA_PURPOSE, Ledger
from rooms.server import RoomServer
from rooms.trying import PURPOSE, try_server

LOOPBACK = "127.0.0.1"
CERTIFICATE = ServerCertificate.ephemeral()


@contextlib.asynccontextmanager
async def serving(media: EmbeddedAdmin | None = None) -> AsyncIterator[ServerAddress]:
    """Run a server."""
    admin = media or EmbeddedAdmin([LOOPBACK])
    server = RoomServer([LOOPBACK], 0, admin, CERTIFICATE)
    await server.start()
    yield ServerAddress(LOOPBACK, server.port, CERTIFICATE.pin)
    await server.stop()


@contextlib.asynccontextmanager
async def answering(*answers: bytes) -> AsyncIterator[ServerAddress]:
    async def answer(connection: ServerConnection) -> None:
        await connection.recv()
        for data in answers:
            await connection.send(data)
        await connection.wait_closed()

    async with serve(answer, LOOPBACK, 0, ssl=CERTIFICATE.context()) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield ServerAddress(LOOPBACK, port, CERTIFICATE.pin)


async def test_media_gets_through_and_all_of_it_is_in_the_ledger() -> None:
    ledger = Ledger()
    async with serving() as server:
        assert await try_server(server, ledger)
    lines = {line.purpose: line for line in ledger.snapshot()}
    assert set(lines) == {PURPOSE, MEDIA_PURPOSE}
    assert all(line.sent and line.received and not line.live for line in lines.values())


class Shielded(EmbeddedAdmin):
    """Media behind a firewall: what is sent to the port it names gets nowhere."""

    def __init__(self, port: int) -> None:
        super().__init__([LOOPBACK])
        self._port = port

    async def join(self, *arguments: Any, **how: Any) -> MediaAnswer:
        answer = await super().join(*arguments, **how)
        candidates = [replace(one, port=self._port) for one in answer.transport.candidates]
        return replace(answer, transport=replace(answer.transport, candidates=candidates))


async def test_a_firewall_that_lets_no_udp_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trying, "MEDIA_PATIENCE", 0.3)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind((LOOPBACK, 0))
        async with serving(Shielded(silent.getsockname()[1])) as server:
            assert not await try_server(server, Ledger())


async def test_attack_another_server_at_that_address() -> None:
    async with serving() as server:
        other = ServerAddress(server.host, server.port, bytes(16))
        with pytest.raises(ServerIdentityError):
            await try_server(other, Ledger())


async def test_what_answers_is_of_another_version_or_no_server_of_ours() -> None:
    error = wire.encode(wire.ServerError("wire.version", "this server speaks version 2"))
    for answer in (error, wire.encode(wire.RoomCount(1)), b"\xff"):
        async with answering(answer) as server:
            with pytest.raises(WireError):
                await try_server(server, Ledger())


async def test_a_server_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trying, "PATIENCE", 0.1)
    async with answering() as server:
        with pytest.raises(WireError, match="does not answer"):
            await try_server(server, Ledger())


async def test_where_nothing_listens() -> None:
    with pytest.raises(NetworkError, match="nothing listens"):
        await try_server(ServerAddress(LOOPBACK, 1, bytes(16)), Ledger())
