"""The port itself: what a browser, an old client or a hostile one gets, over real TLS."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import Server, ServerConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from e2ee.link import key_pin
from rooms import listening, wire
from rooms.certificate import ServerCertificate
from rooms.errors import NetworkError
from rooms.listening import bind, listen

CERTIFICATE = ServerCertificate.ephemeral()


def trusting() -> ssl.SSLContext:
    """A client's context that checks nothing: what is pinned is tested by itself."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@dataclass
class Door:
    """A port that only listens; `ended` counts the connections that are over."""

    port: int
    server: Server | None = None
    ended: int = 0
    clients: list[ClientConnection] = field(default_factory=list)

    async def serve(self, connection: ServerConnection) -> None:
        """Read until the connection ends."""
        with contextlib.suppress(ConnectionClosed):
            async for _ in connection:
                pass
        self.ended += 1

    async def connect(self, **options) -> ClientConnection:
        uri = f"wss://127.0.0.1:{self.port}/ws"
        self.clients.append(await connect(uri, ssl=trusting(), compression=None, **options))
        return self.clients[-1]

    async def over(self) -> None:
        """Wait until a connection is over on the server's side."""
        async with asyncio.timeout(5):
            while not self.ended:
                await asyncio.sleep(0.005)

    async def http(self, request: bytes, *, alpn: list[str] | None = None) -> tuple[bytes, bytes]:
        """Send raw bytes over TLS; return head and body of what comes until the end."""
        context = trusting()
        if alpn:
            context.set_alpn_protocols(alpn)
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, ssl=context)
        writer.write(request)
        async with asyncio.timeout(5):
            answer = await reader.read()
        writer.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        return head, body


@pytest.fixture
async def opened() -> AsyncIterator[Callable[[], Awaitable[Door]]]:
    """Open doors; all close at the end."""
    doors: list[Door] = []

    async def make() -> Door:
        sock = bind(["127.0.0.1"], 0)[0]
        door = Door(sock.getsockname()[1])
        doors.append(door)
        door.server = await listen(door.serve, sock, CERTIFICATE.context())
        return door

    yield make
    for door in doors:
        for client in door.clients:
            client.transport.abort()
            await client.wait_closed()
        assert door.server is not None
        door.server.close()
        await door.server.wait_closed()


@pytest.fixture
async def door(opened) -> Door:
    return await opened()


# --- HTTP ---


async def test_a_browser_is_told_how_to_join(door) -> None:
    head, body = await door.http(b"GET /r/ HTTP/1.1\r\nHost: x\r\n\r\n", alpn=["h2", "http/1.1"])
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert b"Cache-Control: no-store" in head
    assert b"Content-Security-Policy: default-src 'none'" in head
    assert b"Server:" not in head
    assert b"sotto join" in body


@pytest.mark.parametrize(
    ("path", "status"),
    [(b"/healthz", b"200 OK"), (b"/", b"404 Not Found"), (b"/ws/", b"404 Not Found")],
)
async def test_other_paths(door, path, status) -> None:
    head, _ = await door.http(b"GET " + path + b" HTTP/1.1\r\nHost: x\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 " + status)


async def test_a_plain_request_for_the_websocket_is_refused(door) -> None:
    head, _ = await door.http(b"GET /ws HTTP/1.1\r\nHost: x\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 426")


async def test_attack_a_web_page_connects_from_somebodys_browser(door) -> None:
    with pytest.raises(InvalidStatus) as error:
        await door.connect(origin="https://evil.example")
    assert error.value.response.status_code == 403


# --- TLS ---


async def test_the_certificate_shown_is_the_pinned_one(door) -> None:
    client = await door.connect()
    tls = client.transport.get_extra_info("ssl_object")
    shown = x509.load_der_x509_certificate(tls.getpeercert(binary_form=True)).public_key()
    spki = shown.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert key_pin(spki) == CERTIFICATE.pin
    assert tls.version() == "TLSv1.3"


async def test_attack_downgrade_to_tls_1_2(door) -> None:
    old = trusting()
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await asyncio.open_connection("127.0.0.1", door.port, ssl=old)


async def test_attack_without_tls_nothing_is_answered(door) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    async with asyncio.timeout(5):
        with contextlib.suppress(ConnectionError):
            assert b"HTTP" not in await reader.read()
    writer.close()


# --- hostile peers ---


def frame(head: int, payload: bytes) -> bytes:
    """A WebSocket frame of less than 126 bytes, masked with zeros (RFC 6455 section 5.2)."""
    return bytes([head, 0x80 | len(payload)]) + bytes(4) + payload


async def test_attack_connections_that_say_nothing_are_held_open(opened, monkeypatch) -> None:
    monkeypatch.setattr(listening, "HANDSHAKE_TIMEOUT", 0.1)
    door = await opened()
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    with contextlib.suppress(ConnectionError):
        async with asyncio.timeout(5):
            assert await reader.read() == b""
    writer.close()


async def test_attack_a_message_larger_than_allowed(door) -> None:
    stranger = await door.connect()
    with contextlib.suppress(ConnectionClosed):
        await stranger.send(bytes(wire.MAX_MESSAGE + 1))
    await stranger.wait_closed()
    assert stranger.close_code == 1009


async def test_attack_a_message_that_never_ends_is_held_in_memory(opened, monkeypatch) -> None:
    monkeypatch.setattr(listening, "MESSAGE_TIMEOUT", 0.1)
    door = await opened()
    stranger = await door.connect()
    stranger.transport.write(frame(0x02, b"half"))  # not the last; the client answers pings still
    await door.over()


async def test_attack_a_frame_that_never_ends_is_held_in_memory(opened, monkeypatch) -> None:
    for name in ("PING_INTERVAL", "PING_TIMEOUT", "CLOSE_TIMEOUT"):
        monkeypatch.setattr(listening, name, 0.05)
    door = await opened()
    stranger = await door.connect()
    stranger.transport.write(frame(0x82, bytes(100))[:-1])
    await door.over()  # pongs would be in the middle of it


async def test_a_message_in_frames_that_has_ended_ends_nothing(opened, monkeypatch) -> None:
    monkeypatch.setattr(listening, "MESSAGE_TIMEOUT", 0.1)
    door = await opened()
    client = await door.connect()
    client.transport.write(frame(0x02, b"half") + frame(0x80, b"whole"))
    await asyncio.sleep(0.15)
    await (await client.ping())
    assert not door.ended


async def test_attack_pings_whose_answers_nobody_reads_fill_the_memory(door) -> None:
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.connect(("127.0.0.1", door.port))
    attacker = await door.connect(sock=sock)
    attacker.transport.pause_reading()
    ping = frame(0x89, bytes(125))
    for _ in range(2_000):
        if door.ended:
            break
        attacker.transport.write(ping * 100)
        await asyncio.sleep(0)
    await door.over()


async def test_a_silent_peer_is_noticed(opened, monkeypatch) -> None:
    for name in ("PING_INTERVAL", "PING_TIMEOUT", "CLOSE_TIMEOUT"):
        monkeypatch.setattr(listening, name, 0.05)
    door = await opened()
    stopped = await door.connect()
    stopped.transport.pause_reading()  # a process that was stopped answers no ping
    await door.over()


async def test_a_vanished_peer_is_noticed_at_once(door) -> None:
    client = await door.connect()
    client.transport.abort()
    await door.over()


# --- sockets ---


def test_one_port_on_every_address() -> None:
    sockets = bind(["127.0.0.1", "127.0.0.2"], 0)
    names = [sock.getsockname() for sock in sockets]
    for sock in sockets:
        sock.close()
    assert [name[0] for name in names] == ["127.0.0.1", "127.0.0.2"]
    assert len({name[1] for name in names}) == 1


def test_small_messages_do_not_wait_for_acknowledgements() -> None:
    listening = bind(["127.0.0.1"], 0)[0]
    with listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_an_address_of_another_machine() -> None:
    with pytest.raises(NetworkError) as error:
        bind(["127.0.0.1", "192.0.2.1"], 0)
    assert "port" not in f"{error.value.message} {error.value.hint}"
    assert error.value.hint


def test_a_taken_port_is_not_replaced_by_another_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(NetworkError, match=f"TCP port {port}"):
            bind(["127.0.0.1"], port)
        # Nothing is left bound on the address that was free.
        with pytest.raises(NetworkError):
            bind(["127.0.0.2", "127.0.0.1"], port)
    for sock in bind(["127.0.0.2", "127.0.0.1"], port):
        sock.close()


async def test_attack_a_peer_that_reads_no_more_holds_up_a_close(opened, monkeypatch) -> None:
    for name, seconds in (("PING_INTERVAL", 0.01), ("PING_TIMEOUT", 60.0), ("CLOSE_TIMEOUT", 0.1)):
        monkeypatch.setattr(listening, name, seconds)
    door = await opened()
    attacker = await door.connect()
    attacker.transport.pause_reading()
    connection = next(iter(door.server.connections))

    async def fill() -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await connection.send(bytes(100_000))

    filling = asyncio.create_task(fill())
    async with asyncio.timeout(5):
        while not (connection.paused and connection.pending_pings):  # a full buffer, and no pong
            await asyncio.sleep(0.005)
        await connection.close()
        await filling
    await door.over()
