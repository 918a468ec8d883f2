"""Contracts with the private parts of aiortc and aioice, one test for each that is touched.

When one fails after an upgrade, read the named place in the library and adapt `seams.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import logging
import socket
from collections.abc import AsyncIterator
from importlib import metadata

import aioice
import aioice.ice
import pylibsrtp
import pytest
from aioice import stun
from aiortc.rtcdtlstransport import RTCDtlsTransport, State

from media.errors import TransportError
from media.rtp.demux import Datagram
from media.rtp.packet import RtpPacket, serialise
from media.transport.binding import Challenge
from media.transport.seams import (
    DtlsSession,
    IceConnection,
    certificate_fingerprint,
    new_certificate,
)

PACKET = serialise(RtpPacket(111, False, 1, 2, 77, None, b"payload"))


class Pipe:
    """One end of a datagram pipe in memory; it may lose what is sent."""

    role = "controlled"
    state = "completed"

    def __init__(self) -> None:
        self.queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.peer: Pipe
        self.drop = 0

    async def _recv(self) -> bytes:
        data = await self.queue.get()
        if data is None:
            raise ConnectionError("closed")
        return data

    async def _send(self, data: bytes) -> None:
        if self.drop:
            self.drop -= 1
        else:
            self.peer.queue.put_nowait(data)


class Pair:
    """Two DTLS sessions over pipes."""

    def __init__(self) -> None:
        self.pipes = (Pipe(), Pipe())
        self.pipes[0].peer, self.pipes[1].peer = self.pipes[1], self.pipes[0]
        self.certificates = (new_certificate(), new_certificate())
        self.client = DtlsSession(self.pipes[0], self.certificates[0], "client")
        self.server = DtlsSession(self.pipes[1], self.certificates[1], "server")

    async def connect(self) -> None:
        mine, theirs = map(certificate_fingerprint, self.certificates)
        await asyncio.gather(self.client.start(theirs), self.server.start(mine))


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    made = Pair()
    yield made
    await made.client.stop()
    await made.server.stop()


@pytest.mark.parametrize(("package", "minor"), [("aiortc", "1.16"), ("aioice", "0.13")])
def test_the_versions_are_those_these_contracts_were_read_from(package: str, minor: str) -> None:
    assert metadata.version(package).rsplit(".", 1)[0] == minor


# --- aioice ---


def test_a_connection_has_no_third_party_server_by_default() -> None:
    ice = IceConnection(lambda _data, _kind: None)
    assert ice.stun_server is None
    assert ice.turn_server is None
    parameters = inspect.signature(aioice.Connection.__init__).parameters
    assert parameters["stun_server"].default is None
    assert parameters["turn_server"].default is None


async def test_gathering_asks_get_component_candidates_for_addresses() -> None:
    ice = IceConnection(lambda _data, _kind: None)
    await ice.gather(["127.0.0.1"])
    assert [item.host for item in ice.local_candidates] == ["127.0.0.1"]
    await ice.close()


async def test_received_datagrams_pass_through_data_received() -> None:
    secure: list[Datagram] = []
    ice = IceConnection(lambda _data, kind: secure.append(kind))
    dtls = bytes([22, 254, 253]) + bytes(20)
    await ice.gather(["127.0.0.1"])
    (protocol,) = ice._protocols
    for data in (b"", b"\xff" * 20, dtls, PACKET, dtls[:5]):
        protocol.transport._protocol.datagram_received(data, ("127.0.0.1", 9))
    assert secure == [Datagram.RTP]
    assert ice._queue.get_nowait() == (dtls, 1)
    assert ice._queue.empty()
    await ice.close()


async def test_only_the_servers_own_requests_are_answered() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.setblocking(False)
        ice = IceConnection(lambda _data, _kind: None)
        await ice.gather(["127.0.0.1"])
        ice.remote_username = "server"
        host, port = server.getsockname()
        remote = aioice.Candidate("1", 1, "udp", 1, host, port, "host")
        await ice.add_remote_candidate(remote)
        (protocol,) = ice._protocols
        real = Challenge.make("server", ice.local_username, ice.local_password)
        for challenge, source in (
            (Challenge.make("other", ice.local_username, ice.local_password), (host, port)),
            (Challenge.make("server", ice.local_username, "x" * 22), (host, port)),
            (real, (host, port ^ 1)),
            (real, (host, port)),
        ):
            protocol.datagram_received(challenge.data, source)
        assert real.is_answered_by(server.recv(2048), ice.local_password)
        with pytest.raises(BlockingIOError):
            server.recv(2048)
        await ice.close()


def test_requests_pass_through_request_received(caplog) -> None:
    ice = IceConnection(lambda _data, _kind: None)
    assert "request_received" in inspect.getsource(aioice.ice.StunProtocol.datagram_received)
    message = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    ice.request_received(message, ("192.0.2.1", 9), None)  # would answer through the protocol


async def test_the_nominated_pair_is_the_way_out() -> None:
    ice = IceConnection(lambda _data, _kind: None)
    assert ice.remote_address is None
    with pytest.raises(ConnectionError):
        ice.send_now(b"x")
    loop = asyncio.get_running_loop()
    got: asyncio.Future[bytes] = loop.create_future()

    class Sink(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            got.set_result(data)

    transport, _ = await loop.create_datagram_endpoint(Sink, local_addr=("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    await ice.gather(["127.0.0.1"])
    remote = aioice.Candidate("f", 1, "udp", 1, "127.0.0.1", port, "host")
    await ice.add_remote_candidate(remote)
    ice.set_selected_pair(1, ice.local_candidates[0].foundation, "f")
    ice.send_now(b"hello")
    assert await asyncio.wait_for(got, 2) == b"hello"
    assert ice.remote_address == ("127.0.0.1", port)
    transport.close()
    await ice.close()


async def test_closing_marks_the_connection_expired() -> None:
    ice = IceConnection(lambda _data, _kind: None)
    assert not ice.expired
    await ice.close()
    assert ice.expired


def test_consent_expiry_closes_the_connection() -> None:
    source = inspect.getsource(aioice.Connection.query_consent)
    assert "return await self.close()" in source
    assert aioice.ice.CONSENT_FAILURES * aioice.ice.CONSENT_INTERVAL == 30


# --- aiortc ---


async def test_dtls_runs_over_any_pipe_with_recv_and_send(pair: Pair) -> None:
    await pair.connect()
    assert pair.client.connected
    assert pair.server.connected


async def test_srtp_sessions_are_rx_srtp_and_tx_srtp(pair: Pair) -> None:
    await pair.connect()
    assert isinstance(pair.client._dtls._tx_srtp, pylibsrtp.Session)
    for kind in (Datagram.RTP, Datagram.RTCP):
        packet = PACKET if kind is Datagram.RTP else bytes.fromhex("81ce00020000000100000002")
        data = pair.client.protect(packet, kind)
        assert packet not in data
        assert pair.server.unprotect(data, kind) == packet
        assert pair.server.unprotect(data, kind) is None  # replayed
        back = pair.server.protect(packet, kind)
        assert pair.client.unprotect(back, kind) == packet


async def test_malformed_srtp_is_nothing(pair: Pair) -> None:
    await pair.connect()
    for size in (0, 1, 11, 12, 13, 100, 1500, 4000):
        for kind in (Datagram.RTP, Datagram.RTCP):
            assert pair.server.unprotect(bytes([128, 111] * size)[:size], kind) is None


async def test_nothing_is_protected_without_keys(pair: Pair) -> None:
    with pytest.raises(ConnectionError):
        pair.client.protect(PACKET)
    assert pair.client.unprotect(PACKET, Datagram.RTP) is None
    await pair.connect()
    await pair.client.stop()
    with pytest.raises(ConnectionError):
        pair.client.protect(PACKET)


async def test_the_role_is_set_and_not_guessed(pair: Pair) -> None:
    assert (pair.client._dtls._role, pair.server._dtls._role) == ("client", "server")


async def test_a_wrong_fingerprint_is_refused(pair: Pair) -> None:
    right = certificate_fingerprint(pair.certificates[0])
    results = await asyncio.gather(
        pair.client.start(bytes(32)), pair.server.start(right), return_exceptions=True
    )
    assert isinstance(results[0], TransportError)
    assert not pair.client.connected


async def test_garbage_instead_of_a_handshake_does_not_connect(pair: Pair) -> None:
    start = asyncio.create_task(pair.server.start(bytes(32)))
    for size in range(13, 60):
        pair.pipes[1].queue.put_nowait(bytes([22]) + bytes(size))
    pair.pipes[1].queue.put_nowait(None)
    with pytest.raises(TransportError):
        await start


async def test_a_lost_first_flight_is_sent_again(pair: Pair) -> None:
    pair.pipes[0].drop = 1
    await pair.connect()
    assert pair.client.connected


async def test_the_state_changes_are_announced(pair: Pair) -> None:
    ended: list[str] = []
    pair.client.on_closed = lambda: ended.append("client")
    pair.server.on_closed = lambda: ended.append("server")
    await pair.connect()
    await pair.server.stop()  # close_notify
    for _ in range(50):
        await asyncio.sleep(0)
    assert ended == ["client"]
    assert not pair.client.connected


async def test_a_pipe_that_ends_is_announced(pair: Pair) -> None:
    ended = asyncio.Event()
    pair.client.on_closed = ended.set
    await pair.connect()
    pair.pipes[0].queue.put_nowait(None)
    await asyncio.wait_for(ended.wait(), 2)


async def test_stopping_waits_for_the_librarys_task(pair: Pair) -> None:
    await pair.connect()
    task = pair.client._dtls._task
    assert task is not None
    await pair.client.stop()
    assert task.done()
    await pair.client.stop()


async def test_a_pump_that_breaks_does_not_leave_an_unretrieved_exception(
    pair: Pair, caplog
) -> None:
    await pair.connect()
    with caplog.at_level(logging.CRITICAL, logger="aiortc"):
        pair.pipes[0].queue.put_nowait(b"")  # an empty datagram raises IndexError in aiortc
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2):
                while pair.client.connected:
                    await asyncio.sleep(0.005)
    assert not pair.client.connected
    await pair.client.stop()


def test_the_state_names() -> None:
    assert {state.name for state in State} == {"NEW", "CONNECTING", "CONNECTED", "CLOSED", "FAILED"}
    assert isinstance(RTCDtlsTransport.state, property)


def test_a_fingerprint_is_the_sha256_of_the_certificate() -> None:
    from cryptography.hazmat.primitives import hashes

    certificate = new_certificate()
    expected = certificate._cert.fingerprint(hashes.SHA256())
    assert certificate_fingerprint(certificate) == expected
