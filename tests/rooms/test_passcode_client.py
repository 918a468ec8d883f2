"""From four words to a link, through a real server, and through those that only claim to be one."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace

import pytest
from websockets.asyncio.server import ServerConnection, serve

from e2ee.identity import DeviceIdentity
from e2ee.link import Link
from e2ee.passcode import Passcode, parse_passcode
from media.control import Configure
from media.engine.embedded_admin import EmbeddedAdmin
from rooms import events, passcode_client, wire
from rooms.certificate import ServerCertificate
from rooms.client import ServerAddress, tls_context
from rooms.errors import (
    NetworkError,
    PasscodeTriesError,
    PasscodeWrongError,
    RoomMissingError,
    ServerIdentityError,
    WireError,
)
from rooms.ledger import Ledger
from rooms.passcode_client import take_link
from rooms.server import RoomServer
from rooms.session import Session, SessionOptions

LOOPBACK = "127.0.0.1"
SILENT = Configure(audio_in="none", audio_out="none", video_in="none")
WRONG = parse_passcode("banana acorn bicycle august")


def asking(*codes: Passcode) -> Callable[[], Awaitable[Passcode]]:
    """Somebody who types these, one after the other."""
    left = list(codes)

    async def ask() -> Passcode:
        return left.pop(0)

    return ask


@dataclass
class Place:
    """A server, and the room of a host there that has a passcode."""

    address: ServerAddress
    link: Link
    code: Passcode

    @property
    def unknown(self) -> ServerAddress:
        """The server as somebody knows it who has no link."""
        return replace(self.address, pin=None)

    @property
    def wrong(self) -> Passcode:
        return replace(WRONG, room=self.code.room)


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    certificate = ServerCertificate.ephemeral()
    server = RoomServer([LOOPBACK], 0, EmbeddedAdmin([LOOPBACK]), certificate)
    await server.start()
    address = ServerAddress(LOOPBACK, server.port, certificate.pin)
    options = SessionOptions("Hana", SILENT, passcode=True, media_process=False)
    session = Session.host(address, DeviceIdentity.generate(), options, Ledger())
    shown: asyncio.Future[events.PasscodeShown] = asyncio.get_running_loop().create_future()
    session.listen(lambda e: shown.set_result(e) if isinstance(e, events.PasscodeShown) else None)
    running = asyncio.create_task(session.run())
    async with asyncio.timeout(20):
        told = await shown
    yield Place(address, Link.parse(session.link), parse_passcode(told.passcode))
    session.leave()
    await running
    await server.stop()


async def test_the_right_words_give_the_link_at_the_server_that_was_named(place: Place) -> None:
    ledger = Ledger()
    assert await take_link(place.unknown, asking(place.code), ledger) == place.link
    (line,) = ledger.snapshot()
    assert line.address == f"{LOOPBACK}:{place.address.port}"
    named = replace(place.unknown, host="localhost")
    link = await take_link(named, asking(place.code), ledger)
    assert link == replace(place.link, server=named.text)


async def test_a_pin_that_is_known_is_kept_to(place: Place) -> None:
    assert await take_link(place.address, asking(place.code), Ledger()) == place.link
    with pytest.raises(ServerIdentityError):
        await take_link(replace(place.address, pin=bytes(16)), asking(place.code), Ledger())


async def test_a_wrong_word_may_be_corrected_and_not_without_end(place: Place) -> None:
    with pytest.raises(PasscodeWrongError):
        await take_link(place.unknown, asking(place.wrong), Ledger())
    right_at_last = asking(place.wrong, place.wrong, place.code)
    assert await take_link(place.unknown, right_at_last, Ledger(), tries=3) == place.link
    too_late = asking(*[place.wrong] * 3, place.code)
    with pytest.raises(PasscodeTriesError):
        await take_link(place.unknown, too_late, Ledger(), tries=4)


async def test_a_name_that_no_room_has(place: Place) -> None:
    other = replace(place.code, room="acorn" if place.code.room != "acorn" else "about")
    with pytest.raises(RoomMissingError) as error:
        await take_link(place.unknown, asking(other), Ledger())
    assert "name" in error.value.hint


@contextlib.asynccontextmanager
async def somebody_in_between(server: ServerAddress) -> AsyncIterator[ServerAddress]:
    """Pass everything on to the real server, under a certificate of one's own."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ssl.SSLError):
            while data := await reader.read(65536):
                writer.write(data)
        writer.close()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        context = tls_context(None, any_key=True)
        onward = await asyncio.open_connection(server.host, server.port, ssl=context)
        await asyncio.gather(pump(reader, onward[1]), pump(onward[0], writer))

    context = ServerCertificate.ephemeral().context()
    async with await asyncio.start_server(relay, LOOPBACK, 0, ssl=context) as listening:
        yield ServerAddress(LOOPBACK, listening.sockets[0].getsockname()[1])


async def test_attack_a_server_in_the_middle_with_another_certificate(place: Place) -> None:
    async with somebody_in_between(place.address) as between:
        with pytest.raises(ServerIdentityError, match="not the one the host is on"):
            await take_link(between, asking(place.code), Ledger())


@contextlib.asynccontextmanager
async def saying(*messages: wire.ServerMessage) -> AsyncIterator[ServerAddress]:
    """Run something that answers each message by the next of these."""

    async def answer(connection: ServerConnection) -> None:
        left = list(messages)
        async for _ in connection:
            if left:
                await connection.send(wire.encode(left.pop(0)))

    context = ServerCertificate.ephemeral().context()
    async with serve(answer, LOOPBACK, 0, ssl=context) as server:
        yield ServerAddress(LOOPBACK, next(iter(server.sockets)).getsockname()[1])


async def test_attack_a_server_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passcode_client, "REPLY_TIMEOUT", 0.05)
    async with saying() as address:
        with pytest.raises(NetworkError, match="does not answer"):
            await take_link(address, asking(WRONG), Ledger())


async def test_attack_a_server_that_answers_something_else() -> None:
    async with saying(wire.RoomOpened(1)) as address:
        with pytest.raises(WireError):
            await take_link(address, asking(WRONG), Ledger())


async def test_attack_a_server_that_refuses_everybody() -> None:
    async with saying(wire.PasscodeRefused()) as address:
        with pytest.raises(PasscodeTriesError):
            await take_link(address, asking(WRONG), Ledger())
