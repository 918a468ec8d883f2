"""A client's leg against the real server side, and against servers that are not what they say."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from media.engine.ports import IceCandidate, TransportParameters
from media.errors import TransportError
from media.rtp.demux import Datagram
from media.rtp.packet import RtpPacket, serialise
from media.transport import webrtc
from media.transport.ice_lite import IceLiteAgent, IceLiteLeg
from media.transport.seams import DtlsSession, certificate_fingerprint, new_certificate
from media.transport.webrtc import ClientLeg

PACKET = serialise(RtpPacket(111, False, 1, 2, 77, None, b"payload"))


class Server:
    """An agent with one leg."""

    def __init__(self, agent: IceLiteAgent, client: ClientLeg) -> None:
        self.agent = agent
        self.certificate = new_certificate()
        self.client = client.parameters()
        self.leg: IceLiteLeg = agent.open(self.client.ufrag, self.client.password)
        self.dtls = DtlsSession(self.leg, self.certificate, "server")
        self.received: list[bytes | None] = []
        self.leg.on_secure = self._secure

    def _secure(self, data: bytes, kind: Datagram) -> bool:
        self.received.append(self.dtls.unprotect(data, kind))
        return True

    def parameters(self) -> TransportParameters:
        return TransportParameters(
            self.leg.ufrag,
            self.leg.password,
            list(self.agent.candidates),
            certificate_fingerprint(self.certificate),
            True,
        )

    async def connect(self, client: ClientLeg) -> None:
        await asyncio.gather(
            client.connect(self.parameters()), self.dtls.start(self.client.fingerprint)
        )


@pytest.fixture
async def agent() -> AsyncIterator[IceLiteAgent]:
    made = IceLiteAgent(["127.0.0.1"])
    await made.start()
    yield made
    await made.close()


@pytest.fixture
async def client() -> AsyncIterator[ClientLeg]:
    made = ClientLeg()
    yield made
    await made.close()


@pytest.fixture
async def server(agent: IceLiteAgent, client: ClientLeg) -> AsyncIterator[Server]:
    made = Server(agent, client)
    yield made
    await made.dtls.stop()


async def settle() -> None:
    """Let everything under way on loopback arrive: the loop reads one datagram a turn."""
    await asyncio.sleep(0.01)
    for _ in range(500):
        await asyncio.sleep(0)


def test_an_offer_lists_no_address_of_this_machine() -> None:
    assert ClientLeg().parameters().candidates == []


async def test_packets_both_ways(server, client) -> None:
    got: list[tuple[bytes, Datagram]] = []
    client.on_packet = lambda data, kind: got.append((data, kind))
    client.expected = frozenset({77})
    client.send(PACKET)  # dropped: not connected yet
    await server.connect(client)
    assert client.remote == "{0.ip}:{0.port}".format(server.agent.candidates[0])
    client.send(PACKET)
    server.leg.send(server.dtls.protect(PACKET))
    await settle()
    assert server.received == [PACKET]
    assert got == [(PACKET, Datagram.RTP)]
    assert (client.sent_packets, client.received_packets) == (1, 1)
    assert client.sent_bytes > len(PACKET)


async def test_on_the_wire_nothing_is_readable(server, client) -> None:
    seen: list[bytes] = []
    await server.connect(client)
    server.leg.on_secure = lambda data, kind: seen.append(data) is None
    client.send(PACKET)
    await settle()
    assert len(seen) == 1
    assert b"payload" not in seen[0]


async def test_a_server_with_another_certificate_is_refused(server, client) -> None:
    server.certificate = new_certificate()  # what is announced; the handshake uses the first one
    with pytest.raises(TransportError, match="DTLS"):
        await asyncio.gather(
            client.connect(server.parameters()), server.dtls.start(server.client.fingerprint)
        )
    client.send(PACKET)
    await settle()
    assert server.received == []


async def test_a_client_with_another_certificate_is_refused(server, client) -> None:
    async def refused() -> None:
        with pytest.raises(TransportError):
            await server.dtls.start(bytes(32))

    await asyncio.gather(client.connect(server.parameters()), refused())
    client.send(PACKET)
    await settle()
    assert server.received == [None]


async def test_wrong_ice_credentials_fail(server, client, monkeypatch) -> None:
    monkeypatch.setattr(webrtc, "CONNECT_TIMEOUT", 0.2)
    wrong = msgspec.structs.replace(server.parameters(), password="x" * 22)
    with pytest.raises(TransportError, match="does not answer"):
        await client.connect(wrong)


async def test_closing_while_connecting_ends_the_attempt(server, client) -> None:
    server.agent.drop(server.leg)  # nobody will answer
    attempt = asyncio.create_task(client.connect(server.parameters()))
    await settle()
    await client.close()
    with pytest.raises(TransportError):
        await asyncio.wait_for(attempt, 2)


async def test_a_cancelled_attempt_frees_its_sockets(server, client) -> None:
    server.agent.drop(server.leg)
    attempt = asyncio.create_task(client.connect(server.parameters()))
    await settle()
    attempt.cancel()
    with pytest.raises(asyncio.CancelledError):
        await attempt
    assert client._ice.expired
    assert client._ice.local_candidates == []


@pytest.mark.parametrize("ip", ["224.0.0.1", "not-an-address", "0.0.0.0"])
async def test_a_server_nowhere_fails_at_once(server, client, ip: str) -> None:
    nowhere = msgspec.structs.replace(
        server.parameters(), candidates=[IceCandidate("f", 1, 1, ip, 9, "host")]
    )
    with pytest.raises(TransportError, match="no network leads"):
        await client.connect(nowhere)


async def test_ssrcs_that_were_not_agreed_are_dropped_before_any_key_is_used(
    server, client
) -> None:
    await server.connect(client)
    server.leg.send(server.dtls.protect(PACKET))
    await settle()
    assert client.received_packets == 0


async def test_forged_and_replayed_packets_are_dropped(server, client) -> None:
    got: list[bytes] = []
    client.on_packet = lambda data, _kind: got.append(data)
    client.expected = frozenset({77})
    await server.connect(client)
    data = server.dtls.protect(PACKET)
    for packet in (data, data, data[:-1] + bytes([data[-1] ^ 1]), data[:20], bytes(13), b""):
        server.leg.send(packet)
    await settle()
    assert got == [PACKET]


async def test_a_goodbye_of_the_server_is_reported_once(server, client) -> None:
    closed: list[str] = []
    client.on_closed = closed.append
    await server.connect(client)
    await server.dtls.stop()
    await settle()
    assert closed == ["the server ended the media connection"]
    client.send(PACKET)
    await client.close()
    assert len(closed) == 1


async def test_a_dead_server_is_reported(server, client) -> None:
    closed: list[str] = []
    client.on_closed = closed.append
    await server.connect(client)
    # What aioice does when six consent checks in a row (30 s) stay unanswered.
    await client._ice.close()
    await settle()
    assert closed == ["the server stopped answering"]


async def test_our_own_goodbye_is_not_reported_to_us(server, client) -> None:
    closed: list[str] = []
    gone = asyncio.Event()
    client.on_closed = closed.append
    server.dtls.on_closed = gone.set
    await server.connect(client)
    await client.close()
    await asyncio.wait_for(gone.wait(), 2)
    assert closed == []
