"""DTLS-SRTP: both of our ends, and each of them against an independent one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiortc.rtcdtlstransport import (
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
)
from cryptography.hazmat.primitives import hashes

from media.errors import TransportError
from media.rtp.demux import Datagram
from media.rtp.packet import RtpPacket, serialise
from media.transport.dtls import PROFILES, Certificate, DtlsSession, new_certificate

PACKET = serialise(RtpPacket(111, False, 1, 2, 77, None, b"payload"))
REPORT = bytes.fromhex("81ce00020000000100000002")


class Pipe:
    """One end of a datagram pipe in memory; it may lose what is sent."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.peer: Pipe
        self.drop = 0

    async def receive_dtls(self) -> bytes:
        data = await self.queue.get()
        if data is None:
            raise ConnectionError("closed")
        return data

    def send_dtls(self, data: bytes) -> None:
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
        mine, theirs = (one.fingerprint for one in self.certificates)
        await asyncio.gather(self.client.start(theirs), self.server.start(mine))


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    made = Pair()
    yield made
    await made.client.stop()
    await made.server.stop()


async def test_dtls_runs_over_any_pipe_with_recv_and_send(pair: Pair) -> None:
    await pair.connect()
    assert pair.client.connected
    assert pair.server.connected


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


async def test_a_wrong_fingerprint_is_refused(pair: Pair) -> None:
    right = pair.certificates[0].fingerprint
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


async def test_each_way_has_keys_of_its_own_and_nothing_is_taken_twice(pair: Pair) -> None:
    await pair.connect()
    for kind, packet in ((Datagram.RTP, PACKET), (Datagram.RTCP, REPORT)):
        data = pair.client.protect(packet, kind)
        assert packet not in data
        assert pair.client.unprotect(data, kind) is None  # reflected
        assert pair.server.unprotect(data[:-1] + bytes([data[-1] ^ 1]), kind) is None
        assert pair.server.unprotect(data, kind) == packet
        assert pair.server.unprotect(data, kind) is None  # replayed
        back = pair.server.protect(packet, kind)
        assert back != data
        assert pair.client.unprotect(back, kind) == packet


async def test_who_shows_no_certificate_is_refused(pair: Pair, monkeypatch) -> None:
    monkeypatch.setattr("OpenSSL.SSL.Context.use_certificate", lambda _context, _shown: None)
    monkeypatch.setattr("OpenSSL.SSL.Context.use_privatekey", lambda _context, _key: None)
    nobody = DtlsSession(pair.pipes[0], pair.certificates[0], "client")
    starts = [
        asyncio.create_task(nobody.start(pair.certificates[1].fingerprint)),
        asyncio.create_task(pair.server.start(pair.certificates[0].fingerprint)),
    ]
    with pytest.raises(TransportError):
        await asyncio.wait_for(starts[1], 5)
    pair.pipes[0].queue.put_nowait(None)
    await asyncio.gather(*starts, return_exceptions=True)
    assert not pair.server.connected


async def test_stopping_leaves_no_task_and_may_be_done_twice(pair: Pair) -> None:
    before = asyncio.all_tasks()
    await pair.connect()
    await asyncio.gather(pair.client.stop(), pair.client.stop())
    await pair.server.stop()
    await pair.client.stop()
    assert asyncio.all_tasks() == before


async def test_garbage_after_the_handshake_changes_nothing(pair: Pair) -> None:
    await pair.connect()
    forged_end = bytes.fromhex("15fefd00010000000000010002") + b"\x01\x00"  # close_notify
    for data in (b"", b"\x16", bytes(40), forged_end, bytes([22, 254, 253]) + bytes(50)):
        pair.pipes[0].queue.put_nowait(data)
    for _ in range(20):
        await asyncio.sleep(0)
    assert pair.pipes[0].queue.empty()
    assert pair.client.connected
    assert pair.server.unprotect(pair.client.protect(PACKET), Datagram.RTP) == PACKET


async def test_a_handshake_can_be_given_up(pair: Pair) -> None:
    start = asyncio.create_task(pair.server.start(bytes(32)))
    await asyncio.sleep(0)
    start.cancel()
    pair.pipes[1].queue.put_nowait(b"\x16" + bytes(20))  # a cancellation that meets a packet
    with pytest.raises(asyncio.CancelledError):
        await start
    await pair.server.stop()


class Independent:
    """aiortc's transport over a pipe of ours; it wants private names of what is below it."""

    def __init__(self, pipe: Pipe, role: str) -> None:
        self.role, self.state = "controlled", "completed"
        self._pipe = pipe
        self.certificate = RTCCertificate.generateCertificate()
        self.fingerprint = self.certificate._cert.fingerprint(hashes.SHA256())
        self.dtls = RTCDtlsTransport(self, [self.certificate])
        self.dtls._set_role(role)

    async def _recv(self) -> bytes:
        return await self._pipe.receive_dtls()

    async def _send(self, data: bytes) -> None:
        self._pipe.send_dtls(data)

    async def start(self, certificate: Certificate) -> None:
        value = certificate.fingerprint.hex(":").upper()
        await self.dtls.start(RTCDtlsParameters([RTCDtlsFingerprint("sha-256", value)]))


@pytest.mark.parametrize(("ours", "theirs"), [("client", "server"), ("server", "client")])
@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name.decode())
async def test_an_independent_end_agrees(ours, theirs, profile, pair: Pair) -> None:
    session = DtlsSession(pair.pipes[0], pair.certificates[0], ours)
    other = Independent(pair.pipes[1], theirs)
    offered = [one for one in other.dtls._srtp_profiles if one.openssl_profile == profile.name]
    other.dtls._srtp_profiles = offered
    await asyncio.gather(session.start(other.fingerprint), other.start(pair.certificates[0]))
    assert other.dtls.state == "connected"
    assert other.dtls._rx_srtp.unprotect(session.protect(PACKET)) == PACKET
    assert session.unprotect(other.dtls._tx_srtp.protect(PACKET), Datagram.RTP) == PACKET
    ended = asyncio.Event()
    session.on_closed = ended.set
    await other.dtls.stop()
    await asyncio.wait_for(ended.wait(), 2)
    await session.stop()


def test_a_certificate_keeps_its_key_out_of_what_is_printed() -> None:
    certificate = new_certificate()
    assert certificate.fingerprint == certificate.certificate.fingerprint(hashes.SHA256())
    assert "key" not in repr(certificate)
    assert new_certificate().fingerprint != certificate.fingerprint
