"""The real server on loopback: real TLS, real WebSockets, the real engine."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from e2ee.file_chunks import MAX_FILE, SEALED_LENGTH, chunk_count
from media.engine.embedded_admin import EmbeddedAdmin
from media.engine.embedded_session import EmbeddedSession
from media.engine.ports import EncryptedFrame, MediaOffer
from media.errors import TransportError
from rooms import listening, wire
from rooms import server as server_module
from rooms.certificate import ServerCertificate
from rooms.errors import NetworkError
from rooms.limits import Limits
from rooms.listening import bind
from rooms.server import RoomServer
from rooms.wire import (
    ApplicationAccepted,
    ApplicationDelivered,
    ChunkAccepted,
    ChunkDelivered,
    ChunkTaken,
    CommitAccepted,
    CommitDelivered,
    Joiner,
    Knock,
    KnockReceived,
    KnockWaiting,
    KnockWithdrawn,
    MediaStarted,
    OpenRoom,
    ParticipantGone,
    Removed,
    RoomOpened,
    SendApplication,
    SendChunk,
    ServerError,
    StartMedia,
    SubmitCommit,
    Welcomed,
    WelcomeFor,
)

ROOM = b"r" * 16
CERTIFICATE = ServerCertificate.ephemeral()


def trusting() -> ssl.SSLContext:
    """A client's context that checks nothing: what is pinned is tested by itself."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Client:
    """A WebSocket client that speaks messages."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def send(self, message: wire.ClientMessage) -> None:
        await self.socket.send(wire.encode(message))

    async def next(self) -> wire.ServerMessage:
        async with asyncio.timeout(5):
            data = await self.socket.recv()
        assert isinstance(data, bytes)
        return wire.decode_server(data)

    async def expect(self, *messages: wire.ServerMessage) -> None:
        for message in messages:
            assert await self.next() == message

    async def closed(self) -> None:
        """Wait for the server to close; nothing may come before."""
        with pytest.raises(ConnectionClosed):
            await self.next()


@dataclass
class House:
    """A running server and the clients of it."""

    server: RoomServer
    admin: EmbeddedAdmin
    clients: list[Client] = field(default_factory=list)

    async def connect(self, **options) -> Client:
        uri = f"wss://127.0.0.1:{self.server.port}/ws"
        made = await connect(uri, ssl=trusting(), compression=None, **options)
        self.clients.append(Client(made))
        return self.clients[-1]

    async def host(self) -> Client:
        host = await self.connect()
        await host.send(OpenRoom(ROOM))
        await host.expect(RoomOpened(1))
        return host

    async def admit(self, host: Client, number: int, *others: Client, **options) -> Client:
        """Let somebody in who becomes participant `number`; the epoch is one less after."""
        joiner = await self.connect(**options)
        await joiner.send(Knock(ROOM, b"knock"))
        await joiner.expect(KnockWaiting(number))
        await host.expect(KnockReceived(number, b"knock"))
        await host.send(
            SubmitCommit(number - 2, b"add", WelcomeFor(b"hello", [Joiner(number, number)]))
        )
        await host.expect(CommitAccepted(number - 1))
        await joiner.expect(Welcomed(b"hello"))
        for other in others:
            await other.expect(CommitDelivered(number - 1, b"add"))
        return joiner


Start = Callable[..., Awaitable[House]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Start servers; all stop at the end, and no task of theirs is left."""
    before = asyncio.all_tasks()
    houses: list[House] = []

    async def make(limits: Limits | None = None) -> House:
        admin = EmbeddedAdmin(["127.0.0.1"])
        server = RoomServer(["127.0.0.1"], 0, admin, CERTIFICATE, limits=limits)
        await server.start()
        houses.append(House(server, admin))
        return houses[-1]

    yield make
    for house in houses:
        await house.server.stop()
        for client in house.clients:
            client.socket.transport.abort()
            await client.socket.wait_closed()
    await until(lambda: asyncio.all_tasks() <= before | {asyncio.current_task()})


@pytest.fixture
async def house(start) -> House:
    return await start()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


# --- a call ---


async def test_people_meet_talk_and_are_removed(house) -> None:
    host = await house.host()
    ana = await house.admit(host, 2)
    ben = await house.admit(host, 3, ana)
    await ana.send(SendApplication(b"hello all"))
    await ana.expect(ApplicationAccepted())
    for other in (host, ben):
        await other.expect(ApplicationDelivered(b"hello all"))
    await host.send(SubmitCommit(2, b"remove ana", None, [2]))
    await host.expect(CommitAccepted(3))
    await ben.expect(CommitDelivered(3, b"remove ana"))
    await ana.expect(CommitDelivered(3, b"remove ana"), Removed())
    await ana.closed()
    assert ana.socket.close_code == 1000


async def test_a_killed_peer_is_noticed_at_once(house) -> None:
    host = await house.host()
    ana = await house.admit(host, 2)
    ana.socket.transport.abort()
    await host.expect(ParticipantGone(2))


async def test_one_who_never_speaks_is_closed(start, monkeypatch) -> None:
    monkeypatch.setattr(server_module, "FIRST_MESSAGE_TIMEOUT", 0.05)
    house = await start()
    await (await house.connect()).closed()


async def test_media_passes_through_the_real_engine(house) -> None:
    host = await house.host()
    ana = await house.admit(host, 2)
    legs, frames = [], []
    for client in (host, ana):
        leg = EmbeddedSession()
        legs.append(leg)
        await client.send(StartMedia(await leg.offer()))
        started = await client.next()
        assert isinstance(started, MediaStarted)
        await leg.connect(started.answer)
    await until(lambda: house.admin.participants(ROOM.hex()) == {1, 2})

    def heard(frame: EncryptedFrame) -> None:
        frames.append(frame.payload)

    legs[1].on_frame = heard
    legs[0].send_audio(b"sealed", 0, 2)
    await until(lambda: frames == [b"sealed"])
    await host.send(SubmitCommit(1, b"remove ana", None, [2]))
    await until(lambda: house.admin.participants(ROOM.hex()) == {1})
    for leg in legs:
        await leg.close()


async def test_an_offer_the_engine_refuses_is_answered(house, offer) -> None:
    host = await house.host()
    same = MediaOffer(offer.transport, audio_ssrc=5, video_ssrc=5)
    await host.send(StartMedia(same))
    error = await host.next()
    assert isinstance(error, ServerError)
    assert (error.code, error.fatal) == ("media.transport", False)
    await host.send(SendApplication(b"the call goes on"))
    await host.expect(ApplicationAccepted())


async def test_a_leg_ends_with_its_connection(house) -> None:
    host = await house.host()
    leg = EmbeddedSession()
    closed: list[str] = []
    leg.on_closed = closed.append
    await host.send(StartMedia(await leg.offer()))
    started = await host.next()
    assert isinstance(started, MediaStarted)
    await leg.connect(started.answer)
    host.socket.transport.abort()
    await until(lambda: bool(closed))
    await leg.close()


# --- hostile peers ---


@pytest.mark.parametrize("data", [b"\xff garbage", "text", wire.encode(SendApplication(b"x"))])
async def test_attack_garbage_closes_that_connection_only(house, data) -> None:
    host = await house.host()
    stranger = await house.connect()
    await stranger.socket.send(data)
    error = await stranger.next()
    assert isinstance(error, ServerError)
    assert error.code == "wire.malformed"
    await stranger.closed()
    await house.admit(host, 2)


async def test_attack_a_slow_reader_is_closed_and_delays_nobody(start) -> None:
    fast = 1e9
    house = await start(
        Limits(
            backlog=65_536,
            message_rate=fast,
            message_burst=fast,
            byte_rate=fast,
            byte_burst=fast,
            application_rate=fast,
            application_burst=fast,
        )
    )
    host = await house.host()
    ana = await house.admit(host, 2)
    ben = await house.admit(host, 3, ana)
    ana.socket.transport.pause_reading()
    line = b"x" * 16_000
    delivered = 0
    async with asyncio.timeout(20):
        while delivered < 3_000:
            await host.send(SendApplication(line))
            if await host.next() == ParticipantGone(2):
                break
            assert await ben.next() == ApplicationDelivered(line)
            delivered += 1
    assert 0 < delivered < 3_000


async def test_a_slow_reader_does_not_hold_up_files_and_gets_lines_first(house) -> None:
    host = await house.host()
    ana = await house.admit(host, 2)
    ben = await house.admit(host, 3, ana)
    ana.socket.transport.pause_reading()
    count = chunk_count(MAX_FILE)
    pieces = [b"f" * 16, 2, 0, bytes(SEALED_LENGTH)]
    for index in range(count):
        pieces[2] = index
        await host.send(SendChunk(*pieces))
        assert await host.next() == ChunkAccepted()
        assert await ben.next() == ChunkDelivered(*pieces)
        await ben.send(ChunkTaken())
    await host.send(SendApplication(b"line"))
    assert await host.next() == ApplicationAccepted()
    ana.socket.transport.resume_reading()
    got = []
    while len(got) < count + 1:
        got.append(await ana.next())
        if isinstance(got[-1], ChunkDelivered):
            await ana.send(ChunkTaken())
    assert got.index(ApplicationDelivered(b"line")) == 1
    assert [m.index for m in got if isinstance(m, ChunkDelivered)] == list(range(count))


async def test_an_engine_that_fails_by_mistake_fails_one_offer(house, offer, monkeypatch) -> None:
    async def broken(*_arguments: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(house.admin, "join", broken)
    host = await house.host()
    await host.send(StartMedia(offer))
    error = await host.next()
    assert isinstance(error, ServerError)
    assert (error.code, error.fatal) == ("media.transport", False)


async def test_a_full_server_says_so(start) -> None:
    house = await start(Limits(connections=1))
    await house.connect()
    second = await house.connect()
    error = await second.next()
    assert isinstance(error, ServerError)
    assert error.code == "room.full"
    await second.closed()


async def test_attack_one_source_begins_connections_and_never_does_tls(start) -> None:
    house = await start(Limits(source_sockets=2))
    where = ("127.0.0.1", house.server.port)
    begun = [await asyncio.open_connection(*where) for _ in range(2)]
    with pytest.raises(OSError):
        await house.connect()
    other = await house.connect(local_addr=("127.0.0.2", 0))
    await other.send(OpenRoom(ROOM))
    await other.expect(RoomOpened(1))
    for _, writer in begun:
        writer.close()
    async with asyncio.timeout(5):
        while len(house.clients) < 2:  # a place is free again once the server has seen the end
            with contextlib.suppress(OSError):
                await house.connect()


async def test_attack_a_knock_waits_for_ever(start) -> None:
    house = await start(Limits(waiting_seconds=0.2, knocks=1))
    host = await house.host()
    idle = await house.connect()
    await idle.send(Knock(ROOM, b"idle"))
    await idle.expect(KnockWaiting(2))
    error = await idle.next()
    assert isinstance(error, ServerError)
    assert (error.code, error.fatal) == ("room.unanswered", True)
    await idle.closed()
    await host.send(SendApplication(b"members stay"))
    await host.expect(KnockReceived(2, b"idle"), KnockWithdrawn(2), ApplicationAccepted())
    other = await house.connect()
    await other.send(Knock(ROOM, b"other"))  # the one place is free
    await other.expect(KnockWaiting(3))


async def test_attack_the_log_learns_who_was_here(house, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    host = await house.host()
    ana = await house.admit(host, 2)
    with pytest.raises(InvalidStatus):
        await connect(f"wss://127.0.0.1:{house.server.port}/secret-path", ssl=trusting())
    await ana.socket.send(b"secret-garbage")
    await host.expect(ParticipantGone(2))
    server_side = [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith(("rooms", "websockets.server"))
    ]
    assert server_side  # otherwise this proves nothing
    for text in server_side:
        assert not any(word in text for word in ("secret", "127.0.0.1", ROOM.hex(), "knock"))


# --- start and stop ---


async def test_stopping_closes_everybody_and_frees_the_port(start) -> None:
    house = await start()
    host = await house.host()
    port = house.server.port
    await house.server.stop()
    await host.closed()
    assert host.socket.close_code == 1001
    bind(["127.0.0.1"], port)[0].close()
    await house.server.stop()


async def test_a_taken_port_is_reported_and_the_engine_closed() -> None:
    taken = socket.create_server(("127.0.0.1", 0))
    closed: list[bool] = []

    class Admin(EmbeddedAdmin):
        async def close(self) -> None:
            await super().close()
            closed.append(True)

    port = taken.getsockname()[1]
    server = RoomServer(["127.0.0.1"], port, Admin(["127.0.0.1"]), CERTIFICATE)
    with taken, pytest.raises(NetworkError, match=f"port {port}") as error:
        await server.start()
    assert error.value.hint
    assert closed == [True]


async def test_an_engine_that_does_not_start_is_reported() -> None:
    server = RoomServer(["127.0.0.1"], 0, EmbeddedAdmin(["not an address"]), CERTIFICATE)
    with pytest.raises(TransportError):
        await server.start()


async def test_attack_a_stranger_in_the_middle_of_a_handshake_holds_up_a_stop(
    start, monkeypatch
) -> None:
    monkeypatch.setattr(listening, "HANDSHAKE_TIMEOUT", 60.0)
    monkeypatch.setattr(server_module, "STOP_GRACE", 0.1)
    house = await start()
    _, stranger = await asyncio.open_connection("127.0.0.1", house.server.port, ssl=trusting())
    port = house.server.port
    async with asyncio.timeout(5):
        await house.server.stop()
    bind(["127.0.0.1"], port)[0].close()
    stranger.close()
