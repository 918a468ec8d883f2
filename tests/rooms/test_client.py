"""The client's WebSocket: the pin, and what failures are called. Real sockets, real TLS."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Callable

import pytest
from websockets.asyncio.server import ServerConnection, serve

from e2ee.link import Link, new_secret
from rooms import wire
from rooms.certificate import ServerCertificate
from rooms.client import (
    NAME_SERVICE,
    RoomClient,
    ServerAddress,
    WrongPinError,
    _look_up,
    explain,
    tls_context,
)
from rooms.errors import NetworkError, ServerIdentityError, WireError
from rooms.ledger import Ledger

LOOPBACK = "127.0.0.1"
Handler = Callable[[ServerConnection], object]


@contextlib.asynccontextmanager
async def listening(
    certificate: ServerCertificate, handler: Handler, **options: object
) -> AsyncIterator[ServerAddress]:
    """Run a WebSocket server; give its address with the right pin."""
    context = certificate.context()
    async with serve(handler, LOOPBACK, 0, ssl=context, **options) as server:  # type: ignore[arg-type]
        port = next(iter(server.sockets)).getsockname()[1]
        yield ServerAddress(LOOPBACK, port, certificate.pin)


@contextlib.asynccontextmanager
async def answering(
    answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], object],
    context: ssl.SSLContext | None = None,
) -> AsyncIterator[int]:
    """Run something that is no room server; give its port."""
    server = await asyncio.start_server(answer, LOOPBACK, 0, ssl=context)  # type: ignore[arg-type]
    async with server:
        yield server.sockets[0].getsockname()[1]


@pytest.fixture(scope="module")
def certificate() -> ServerCertificate:
    return ServerCertificate.ephemeral()


async def echo_opened(connection: ServerConnection) -> None:
    async for _ in connection:
        await connection.send(wire.encode(wire.RoomOpened(7)))


async def test_messages_go_both_ways_and_are_counted(certificate: ServerCertificate) -> None:
    ledger = Ledger()
    async with listening(certificate, echo_opened) as address:
        client = await RoomClient.connect(address, ledger)
        await client.send(wire.OpenRoom(bytes(16)))
        assert await client.receive() == wire.RoomOpened(7)
        await client.close()
        await client.close()
    (line,) = ledger.snapshot()
    assert line.address == f"{LOOPBACK}:{address.port}"
    assert line.sent == len(wire.encode(wire.OpenRoom(bytes(16))))
    assert line.received == len(wire.encode(wire.RoomOpened(7)))


async def test_a_server_with_another_key_never_gets_a_byte_of_ours(
    certificate: ServerCertificate,
) -> None:
    got: list[bytes] = []
    done = asyncio.Event()

    async def read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            got.append(await reader.read())
        writer.close()
        done.set()

    async with answering(read, certificate.context()) as port:
        impostor = ServerAddress(LOOPBACK, port, bytes(16))
        with pytest.raises(ServerIdentityError) as error:
            await RoomClient.connect(impostor, Ledger())
        assert error.value.code == "network.wrong_server"
        assert isinstance(error.value.__cause__, WrongPinError)
        with contextlib.suppress(TimeoutError):  # the handshake may have failed for it before
            await asyncio.wait_for(done.wait(), 0.2)
    assert not any(got)


async def test_without_a_pin_a_self_signed_certificate_is_not_trusted(
    certificate: ServerCertificate,
) -> None:
    async with listening(certificate, echo_opened) as address:
        with pytest.raises(ServerIdentityError, match="cannot be trusted"):
            await RoomClient.connect(ServerAddress(LOOPBACK, address.port), Ledger())


def test_a_pin_replaces_authorities_and_its_absence_demands_them() -> None:
    pinned, public = tls_context(bytes(16)), tls_context(None)
    assert pinned.verify_mode == ssl.CERT_NONE
    assert public.verify_mode == ssl.CERT_REQUIRED
    assert public.check_hostname
    assert pinned.minimum_version == public.minimum_version == ssl.TLSVersion.TLSv1_3


async def test_any_key_is_taken_where_who_it_was_is_asked_afterwards(
    certificate: ServerCertificate,
) -> None:
    async with listening(certificate, echo_opened) as address:
        unknown = ServerAddress(LOOPBACK, address.port)
        client = await RoomClient.connect(unknown, Ledger(), any_key=True)
        assert client.seen_pin == certificate.pin
        await client.close()


async def test_an_older_tls_is_not_spoken(certificate: ServerCertificate) -> None:
    context = certificate.context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    async with answering(lambda _reader, writer: writer.close(), context) as port:
        with pytest.raises(NetworkError, match="not a room server"):
            await RoomClient.connect(ServerAddress(LOOPBACK, port, certificate.pin), Ledger())


async def test_a_refused_connection_says_that_nothing_listens() -> None:
    with socket.socket() as free:
        free.bind((LOOPBACK, 0))
        port = free.getsockname()[1]
    with pytest.raises(NetworkError, match="nothing listens") as error:
        await RoomClient.connect(ServerAddress(LOOPBACK, port, bytes(16)), Ledger())
    assert error.value.hint


async def test_a_server_that_never_answers_is_given_up() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with answering(silent) as port:
        with pytest.raises(NetworkError, match="did not answer"):
            await RoomClient.connect(
                ServerAddress(LOOPBACK, port, bytes(16)), Ledger(), open_timeout=0.1
            )


async def test_something_else_that_answers_is_not_a_room_server(
    certificate: ServerCertificate,
) -> None:
    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")
        await writer.drain()
        writer.close()

    for context in (None, certificate.context()):
        async with answering(plain, context) as port:
            with pytest.raises(NetworkError, match="not a room server"):
                await RoomClient.connect(ServerAddress(LOOPBACK, port, certificate.pin), Ledger())


@pytest.mark.parametrize("scheme", ["wss", "https", "ws"])
async def test_a_server_cannot_send_us_to_another_address(
    certificate: ServerCertificate, scheme: str
) -> None:
    asked = asyncio.Event()

    async def elsewhere(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        writer.close()

    async with answering(elsewhere) as other:

        async def redirect(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            place = f"{scheme}://{LOOPBACK}:{other}/ws"
            writer.write(f"HTTP/1.1 302 Found\r\nlocation: {place}\r\n\r\n".encode())
            await writer.drain()
            writer.close()

        async with answering(redirect, certificate.context()) as port:
            with pytest.raises(NetworkError):
                await RoomClient.connect(ServerAddress(LOOPBACK, port, certificate.pin), Ledger())
    assert not asked.is_set()


async def test_a_broken_connection_is_a_network_error(certificate: ServerCertificate) -> None:
    async def hang_up(connection: ServerConnection) -> None:
        connection.transport.abort()

    async with listening(certificate, hang_up) as address:
        client = await RoomClient.connect(address, Ledger())
        with pytest.raises(NetworkError, match="broke"):
            await client.receive()
        with pytest.raises(NetworkError, match="broke"):
            await client.send(wire.Leave())


@pytest.mark.parametrize("junk", ["text", b"\xff\xff", b""])
async def test_what_is_no_message_is_a_wire_error(
    certificate: ServerCertificate, junk: str | bytes
) -> None:
    async def babble(connection: ServerConnection) -> None:
        await connection.send(junk)
        await connection.wait_closed()

    async with listening(certificate, babble) as address:
        client = await RoomClient.connect(address, Ledger())
        with pytest.raises(WireError):
            await client.receive()
        await client.close()


async def test_a_message_that_is_too_large_breaks_the_connection(
    certificate: ServerCertificate,
) -> None:
    async def flood(connection: ServerConnection) -> None:
        await connection.send(bytes(wire.MAX_MESSAGE + 1))
        await connection.wait_closed()

    async with listening(certificate, flood) as address:
        client = await RoomClient.connect(address, Ledger())
        with pytest.raises(NetworkError):
            await client.receive()
        await client.close()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (socket.gaierror(-2, "Name or service not known"), "cannot be found"),
        (OSError(101, "Network is unreachable"), "Network is unreachable"),
        (OSError("Multiple exceptions: ..."), "cannot be reached"),
        (TimeoutError(), "in time"),
        (RuntimeError("?"), "cannot be reached"),
    ],
)
def test_failures_are_said_in_one_line(error: Exception, said: str) -> None:
    explained = explain(error, ServerAddress("rooms.example", 443))
    assert said in explained.message
    assert "\n" not in explained.message
    assert explained.hint


@pytest.mark.parametrize(
    ("server", "host", "port"),
    [
        ("rooms.example", "rooms.example", 443),
        ("rooms.example:8443", "rooms.example", 8443),
        ("192.0.2.1:1", "192.0.2.1", 1),
        ("[2001:db8::1]", "2001:db8::1", 443),
        ("[2001:db8::1]:7000", "2001:db8::1", 7000),
    ],
)
def test_addresses_are_read_from_links_and_written_back(server: str, host: str, port: int) -> None:
    address = ServerAddress.of_link(Link(server, new_secret(), bytes(16), bytes(16)))
    assert (address.host, address.port, address.pin) == (host, port, bytes(16))
    assert address.text == server


def test_a_pin_is_not_in_the_repr() -> None:
    assert "pin" not in repr(ServerAddress("h", 1, bytes(16)))


async def test_a_name_is_entered_with_its_lookup_and_each_of_its_addresses(
    certificate: ServerCertificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    look_up = loop.getaddrinfo

    async def two_addresses(host: object, port: object, **options: object) -> list:
        if host != "calls.example":
            return await look_up(host, port, **options)
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port))
            for ip in ("127.0.0.9", LOOPBACK)
        ]

    monkeypatch.setattr(loop, "getaddrinfo", two_addresses)
    ledger = Ledger()
    async with listening(certificate, echo_opened) as address:
        port = address.port
        named = ServerAddress("calls.example", port, address.pin)
        client = await RoomClient.connect(named, ledger)
        await client.send(wire.OpenRoom(bytes(16)))
        lines = {line.address: line for line in ledger.snapshot()}
        await client.close()
    assert list(lines) == [NAME_SERVICE, f"127.0.0.9:{port}", f"{LOOPBACK}:{port}"]
    assert "calls.example" in lines[NAME_SERVICE].reads
    assert [line.live for line in lines.values()] == [False, False, True]
    assert [line.sent > 0 for line in lines.values()] == [False, False, True]
    assert not any(line.live for line in ledger.snapshot())


async def test_a_name_is_looked_up_once_and_what_is_not_tried_is_not_entered(
    certificate: ServerCertificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: list[object] = []
    ledger = Ledger()
    async with listening(certificate, echo_opened) as address:
        port = address.port

        async def first_one_answers(host: object, *_arguments: object, **_options: object) -> list:
            names.append(host)
            return [
                (socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port))
                for ip in (LOOPBACK, "127.0.0.9")
            ]

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", first_one_answers)
        named = ServerAddress("calls.example", port, address.pin)
        client = await RoomClient.connect(named, ledger)
        await client.close()
    assert names == ["calls.example"]
    assert [line.address for line in ledger.snapshot()] == [NAME_SERVICE, f"{LOOPBACK}:{port}"]


async def test_an_address_that_does_not_answer_does_not_keep_the_next_one_waiting(
    certificate: ServerCertificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    connect = loop.sock_connect

    async def silent_at_first(sock: socket.socket, place: tuple) -> None:
        if place[0] != LOOPBACK:
            await asyncio.Event().wait()
        await connect(sock, place)

    async def two_addresses(*_arguments: object, **_options: object) -> list:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, address.port))
            for ip in ("192.0.2.1", LOOPBACK)
        ]

    monkeypatch.setattr(loop, "sock_connect", silent_at_first)
    monkeypatch.setattr(loop, "getaddrinfo", two_addresses)
    ledger = Ledger()
    async with listening(certificate, echo_opened) as address:
        named = ServerAddress("calls.example", address.port, address.pin)
        client = await RoomClient.connect(named, ledger)
        lines = {line.address: line.live for line in ledger.snapshot()}
        await client.close()
    assert not lines[f"192.0.2.1:{address.port}"]
    assert lines[f"{LOOPBACK}:{address.port}"]


async def test_addresses_of_both_kinds_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    async def three_addresses(*_arguments: object, **_options: object) -> list:
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("2001:db8::1", 443, 0, 0)),
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("2001:db8::2", 443, 0, 0)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 443)),
        ]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", three_addresses)
    found = await _look_up(ServerAddress("calls.example", 443), Ledger())
    assert [place[0] for _, place in found] == ["2001:db8::1", "192.0.2.1", "2001:db8::2"]


async def test_a_name_nobody_knows_is_entered_as_looked_up_and_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def unknown(*_arguments: object, **_options: object) -> list:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    ledger = Ledger()
    with pytest.raises(NetworkError, match="cannot be found"):
        await RoomClient.connect(ServerAddress("calls.example", 443), ledger)
    assert [(line.address, line.live) for line in ledger.snapshot()] == [(NAME_SERVICE, False)]
