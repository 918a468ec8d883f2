"""The server's sockets, poked from real UDP sockets that play client and attacker."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterable

import pytest
from aioice import stun

from media.errors import TransportError
from media.rtp.demux import Datagram
from media.transport import ice_lite
from media.transport.binding import answer, parse_request
from media.transport.ice_lite import Address, IceLiteAgent, IceLiteLeg

CHALLENGE = b"\x00\x01"
DTLS = bytes([22, 254, 253]) + bytes(20)
SRTP = bytes([128, 111]) + bytes(20)


PASSWORD = "the client's own password"


class Client:
    """A UDP socket that speaks STUN to the agent, and proves where it is unless told not to."""

    def __init__(self, agent: IceLiteAgent, source: str = "127.0.0.1") -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((source, 0))
        self.socket.setblocking(False)
        self.address = self.socket.getsockname()
        self.server = (agent.candidates[0].ip, agent.candidates[0].port)

    def send(self, data: bytes) -> None:
        self.socket.sendto(data, self.server)

    def check(
        self, leg: IceLiteLeg, *, nominates: bool = False, password: str | None = None
    ) -> bytes:
        """Send a check for a leg; return its bytes."""
        message = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
        message.attributes["USERNAME"] = f"{leg.ufrag}:{leg.remote_ufrag}"
        if nominates:
            message.attributes["USE-CANDIDATE"] = None
        message.add_message_integrity((password or leg.password).encode())
        data = bytes(message)
        self.send(data)
        return data

    def arrived(self) -> list[bytes]:
        """Return what has arrived, challenges and all."""
        found = []
        while True:
            try:
                found.append(self.socket.recv(2048))
            except BlockingIOError:
                return found

    def received(self) -> list[bytes]:
        """Return what has arrived besides challenges."""
        return [data for data in self.arrived() if data[:2] != CHALLENGE]

    def prove(self, password: str = PASSWORD) -> list[bytes]:
        """Answer the challenges that have arrived; return what else has."""
        others = []
        for data in self.arrived():
            if data[:2] == CHALLENGE:
                self.send(proof(data, password))
            else:
                others.append(data)
        return others


def proof(challenge: bytes, password: str = PASSWORD) -> bytes:
    """Return the answer to a challenge."""
    request = parse_request(challenge)
    assert request is not None
    return answer(request, ("127.0.0.1", 9), password)


async def settle() -> None:
    """Let everything under way on loopback arrive: the loop reads one datagram a turn."""
    await asyncio.sleep(0.01)
    for _ in range(500):
        await asyncio.sleep(0)


async def proven(*clients: Client) -> None:
    """Let everybody answer the challenges their checks brought, and the agent take it."""
    await settle()
    for client in clients:
        assert client.prove() == []
    await settle()


@pytest.fixture
async def agent() -> AsyncIterator[IceLiteAgent]:
    made = IceLiteAgent(["127.0.0.1"])
    await made.start()
    yield made
    await made.close()


@pytest.fixture
def client(agent: IceLiteAgent):
    made = Client(agent)
    yield made
    made.socket.close()


@pytest.fixture
def stranger(agent: IceLiteAgent):
    made = Client(agent, "127.0.0.2")
    yield made
    made.socket.close()


async def nominated(agent: IceLiteAgent, client: Client) -> IceLiteLeg:
    """Return a leg that the client has connected."""
    leg = agent.open("them", PASSWORD)
    client.check(leg, nominates=True)
    await proven(client)
    assert len(client.received()) == 1
    return leg


def age(leg: IceLiteLeg, seconds: float) -> None:
    """Make everything heard on a leg so much older."""
    leg.last_consent -= seconds
    for address in leg.addresses:
        leg.addresses[address] -= seconds


async def test_a_check_is_answered_and_a_nomination_connects(agent, client) -> None:
    leg = agent.open("them", PASSWORD)
    client.check(leg)
    await proven(client)
    (response,) = client.received()
    assert stun.parse_message(response).attributes["XOR-MAPPED-ADDRESS"] == client.address
    assert leg.address is None
    leg.send(b"nowhere to go")
    client.check(leg, nominates=True)
    await settle()
    assert leg.address == client.address
    client.received()
    leg.send(b"hello")
    await settle()
    assert client.received() == [b"hello"]


async def test_spoofed_stun_is_neither_answered_nor_believed(agent, client, stranger) -> None:
    leg = await nominated(agent, client)
    age(leg, 5.0)
    stranger.check(leg, nominates=True, password="x" * 22)
    stranger.send(bytes(20))
    stranger.send(b"\x00\x01\x00\x00\x21\x12\xa4\x42" + bytes(12))
    await settle()
    assert stranger.received() == []
    assert leg.address == client.address


async def test_the_clients_half_of_the_username_must_fit_too(agent, client) -> None:
    leg = agent.open("them", PASSWORD)
    leg.remote_ufrag, real = "someone-else", leg.remote_ufrag
    client.check(leg, nominates=True)
    leg.remote_ufrag = real
    await settle()
    assert client.received() == []
    assert leg.address is None


async def test_a_captured_check_replayed_from_elsewhere_moves_nothing(
    agent, client, stranger
) -> None:
    leg = agent.open("them", PASSWORD)
    captured = client.check(leg, nominates=True)
    await proven(client)
    age(leg, 5.0)
    stranger.send(captured)
    await settle()
    assert stranger.arrived() == []
    assert leg.address == client.address


async def test_a_retransmitted_check_is_answered_again(agent, client) -> None:
    leg = agent.open("them", PASSWORD)
    data = client.check(leg, nominates=True)
    await proven(client)
    client.send(data)
    await settle()
    assert len(client.received()) == 2


async def test_a_challenge_that_was_lost_is_sent_again(agent, client) -> None:
    leg = agent.open("them", PASSWORD)
    data = client.check(leg, nominates=True)
    await settle()
    (lost,) = client.arrived()
    client.send(data)
    await settle()
    (again,) = client.arrived()
    assert again == lost
    client.send(proof(again))
    client.send(proof(again))
    await settle()
    assert len(client.received()) == 1
    assert leg.address == client.address


async def test_a_client_whose_address_changed_is_followed(agent, client, stranger) -> None:
    leg = await nominated(agent, client)
    age(leg, 2 * ice_lite.QUIET_BEFORE_MOVE)
    moved = stranger  # the same person, after the NAT gave out another address
    moved.check(leg)
    await proven(moved)
    assert leg.address == moved.address


async def test_attack_a_participant_turns_its_media_on_a_victim(agent, client, stranger) -> None:
    leg = await nominated(agent, client)
    age(leg, 2 * ice_lite.QUIET_BEFORE_MOVE)
    victim = stranger  # the checks are forged to come from there; the victim answers nothing
    sent = [len(victim.check(leg, nominates=True)) for _ in range(5)]
    await settle()
    got = victim.arrived()
    assert {data[:2] for data in got} == {CHALLENGE}
    assert sum(map(len, got)) <= sum(sent)
    client.send(proof(got[0]))  # as if the forger could read what the victim got
    victim.send(proof(got[0], "not the client's password"))
    victim.send(proof(got[0])[:8] + bytes(12) + proof(got[0])[20:])
    await settle()
    assert leg.address == client.address
    leg.send(b"media")
    await settle()
    assert victim.arrived() == []
    assert client.received() == [b"media"]


async def test_attack_a_leg_is_opened_at_a_victims_address(agent, client) -> None:
    leg = agent.open("them", PASSWORD)
    client.check(leg, nominates=True)  # with a forged source: nobody answers there
    await settle()
    leg.send(b"handshake")
    await settle()
    (challenge,) = client.arrived()
    assert challenge[:2] == CHALLENGE
    assert leg.address is None


async def test_attack_a_small_check_gets_no_larger_challenge(agent, client) -> None:
    leg = agent.open("them", PASSWORD)
    data = client.check(leg)[:-8]  # without the FINGERPRINT, which need not be there
    client.arrived()
    await settle()
    client.arrived()
    client.send(data[:2] + (len(data) - 20).to_bytes(2, "big") + data[4:])
    await settle()
    assert all(len(sent) <= len(data) for sent in client.arrived())


async def test_challenges_of_a_leg_are_bounded(agent, client) -> None:
    leg = agent.open("them", PASSWORD)
    others = [Client(agent, f"127.0.0.{number}") for number in range(3, 15)]
    for other in others:
        other.check(leg)
    await settle()
    assert len(leg.challenges) == ice_lite.MAX_CHALLENGES
    for other in others:
        other.socket.close()


async def test_a_late_check_on_a_second_path_does_not_pull_the_leg_away(
    agent, client, stranger
) -> None:
    leg = await nominated(agent, client)
    stranger.check(leg)  # here: the client's other interface
    await proven(stranger)
    assert len(stranger.received()) == 1
    assert leg.address == client.address


async def test_attack_a_participant_claims_the_address_of_another_one(agent, client) -> None:
    victim = await nominated(agent, client)
    heard: list[bytes] = []
    victim.on_secure = lambda data, _kind: bool(heard.append(data)) or True
    thief = agent.open("thief", PASSWORD)
    client.check(thief, nominates=True)  # as from somebody who forges the source address
    await settle()
    assert client.arrived() == []
    client.send(b"\x80" + bytes(40))
    await settle()
    assert len(heard) == 1
    assert thief.address is None
    age(victim, 11.0)  # silent for long: the address may be somebody else's by now
    client.check(thief, nominates=True)
    await proven(client)
    assert thief.address == client.address


async def test_addresses_of_a_leg_are_bounded(agent, client) -> None:
    leg = await nominated(agent, client)
    others = [Client(agent, f"127.0.0.{number}") for number in range(3, 12)]
    for other in others:
        other.check(leg)
    await proven(*others)
    assert len(leg.addresses) == ice_lite.MAX_ADDRESSES
    for other in others:
        other.socket.close()


async def test_only_proven_addresses_are_listened_to(agent, client, stranger) -> None:
    leg = await nominated(agent, client)
    secure: list[tuple[bytes, Datagram]] = []
    leg.on_secure = lambda data, kind: secure.append((data, kind)) is None
    stranger.send(SRTP)
    stranger.send(DTLS)
    client.send(SRTP)
    client.send(DTLS)
    client.send(b"\xff" * 30)
    client.send(b"")
    await settle()
    assert secure == [(SRTP, Datagram.RTP)]
    assert await leg._recv() == DTLS
    assert leg._queue.empty()


async def test_a_dtls_flood_is_bounded(agent, client) -> None:
    leg = await nominated(agent, client)
    for _ in range(3 * ice_lite.MAX_QUEUE):
        leg.queue(DTLS)
    assert leg._queue.qsize() == ice_lite.MAX_QUEUE
    agent.drop(leg)
    with pytest.raises(ConnectionError):
        await leg._recv()
    with pytest.raises(ConnectionError):
        await leg._send(DTLS)


async def test_a_flood_of_checks_from_a_leg_is_limited(agent, client) -> None:
    leg = await nominated(agent, client)
    for _ in range(3 * int(ice_lite.LEG_BURST)):
        client.check(leg)
    await settle()
    assert len(client.received()) <= 1.5 * ice_lite.LEG_BURST


async def test_a_flood_of_forged_checks_gets_nothing_back_and_holds_up_no_leg(
    agent, client, stranger
) -> None:
    leg = await nominated(agent, client)
    for _ in range(3 * int(ice_lite.STRANGER_BURST)):
        stranger.check(leg, password="x" * 22)
    await settle()
    assert stranger.received() == []
    client.check(leg)
    await settle()
    assert len(client.received()) == 1


def flood(agent: IceLiteAgent, sources: Iterable[Address], monkeypatch: pytest.MonkeyPatch) -> int:
    """Let a datagram of each source arrive in one instant; return how many were looked at."""
    parsed: list[bytes] = []
    port = agent._ports[0][1]
    with monkeypatch.context() as patch:
        patch.setattr(ice_lite, "parse_request", parsed.append)
        patch.setattr(ice_lite.time, "monotonic", lambda: 1000.0)
        for source in sources:
            agent._received(bytes(20), source, port)
    return len(parsed)


async def test_a_flood_from_one_source_is_limited(agent, monkeypatch) -> None:
    sources = [("192.0.2.1", number) for number in range(3 * int(ice_lite.STRANGER_BURST))]
    assert flood(agent, sources, monkeypatch) == ice_lite.STRANGER_BURST


async def test_a_flood_from_many_forged_sources_is_limited_as_a_whole(agent, monkeypatch) -> None:
    count = 3 * int(ice_lite.STRANGERS_BURST)
    sources = [(f"192.0.2.{number % 250}", number) for number in range(count)]
    assert flood(agent, sources, monkeypatch) == ice_lite.STRANGERS_BURST


async def test_consent_expires(agent, client, monkeypatch) -> None:
    monkeypatch.setattr(ice_lite, "CHECK_INTERVAL", 0.01)
    agent._check_consent()
    lost = asyncio.Event()
    leg = await nominated(agent, client)
    leg.on_lost = lost.set
    await settle()
    assert not lost.is_set()
    age(leg, ice_lite.CONSENT_TIMEOUT + 1)
    await asyncio.wait_for(lost.wait(), 2)


async def test_a_dropped_leg_is_forgotten(agent, client) -> None:
    leg = await nominated(agent, client)
    agent.drop(leg)
    agent.drop(leg)
    client.check(leg, nominates=True)
    leg.send(b"too late")
    await settle()
    assert client.received() == []


@pytest.mark.parametrize("ufrag", ["", "abc", "a" * 257, "with space", "semi:colon", "tab\t456"])
async def test_malformed_credentials_are_refused(agent, ufrag: str) -> None:
    with pytest.raises(TransportError):
        agent.open(ufrag, PASSWORD)


async def test_a_taken_port_is_said_clearly(agent) -> None:
    second = IceLiteAgent(["127.0.0.1"], agent.candidates[0].port)
    with pytest.raises(TransportError, match="cannot listen for media on UDP port"):
        await second.start()
    assert second.candidates == []


async def test_an_address_of_another_machine_is_not_blamed_on_a_port() -> None:
    with pytest.raises(TransportError, match="cannot listen for media: ") as caught:
        await IceLiteAgent(["192.0.2.1"]).start()
    assert "address" in caught.value.hint


async def test_one_socket_per_address_and_all_closed_at_the_end() -> None:
    agent = IceLiteAgent(["127.0.0.1", "127.0.0.2"])
    await agent.start()
    assert [item.ip for item in agent.candidates] == ["127.0.0.1", "127.0.0.2"]
    assert agent.candidates[0].priority > agent.candidates[1].priority
    ports = [(item.ip, item.port) for item in agent.candidates]
    await agent.close()
    await agent.close()
    for address in ports:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(address)


async def test_every_datagram_is_counted_the_guests_by_an_address_that_was_answered() -> None:
    told: list[tuple[str, str, int]] = []

    class Told:
        def sent(self, host: str, size: int) -> None:
            told.append(("sent", host, size))

        def received(self, host: str, size: int) -> None:
            told.append(("received", host, size))

    agent = IceLiteAgent(["127.0.0.1"], traffic=Told())
    await agent.start()
    client, stranger = Client(agent, "127.0.0.2"), Client(agent, "127.0.0.3")
    try:
        leg = agent.open("them", PASSWORD)
        stranger.send(SRTP)
        check = client.check(leg, nominates=True)
        await settle()
        (challenge,) = client.arrived()
        assert set(told) == {
            ("received", "127.0.0.3", len(SRTP)),
            ("sent", "127.0.0.2", len(challenge)),
            ("received", "127.0.0.2", len(check)),
        }
        assert told[-2][0] == "sent"  # so that who is answered is known when it is counted
    finally:
        client.socket.close()
        stranger.socket.close()
        await agent.close()
