"""Contracts with the private parts of aioice, one test for each that is touched.

When one fails after an upgrade, read the named place in the library and adapt `seams.py`.
"""

from __future__ import annotations

import asyncio
import inspect
import socket
from importlib import metadata

import aioice
import aioice.ice
import pytest
from aioice import stun

from media.rtp.demux import Datagram
from media.rtp.packet import RtpPacket, serialise
from media.transport.binding import Challenge
from media.transport.seams import IceConnection

PACKET = serialise(RtpPacket(111, False, 1, 2, 77, None, b"payload"))


def test_the_version_is_the_one_these_contracts_were_read_from() -> None:
    assert metadata.version("aioice").rsplit(".", 1)[0] == "0.13"


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
