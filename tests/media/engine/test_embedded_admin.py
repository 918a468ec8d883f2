"""The server side, with clients that behave and clients that do not.

Sessions, server, ICE, DTLS and SRTP are the real ones, over loopback.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct

import msgspec
import pytest

from media.engine.embedded_admin import FEEDBACK_BURST, EmbeddedAdmin
from media.engine.embedded_session import EmbeddedSession
from media.engine.ports import AUDIO_SLOTS, VIDEO_SLOTS, EngineAdmin, EngineSession
from media.errors import TransportError
from media.forwarding.forwarder import AUDIO_PACKETS_PER_SECOND
from media.rtp import feedback
from media.rtp.demux import Datagram
from media.rtp.packet import HEADER, RtpPacket, parse, serialise


async def test_the_ports_are_implemented() -> None:
    # Checked by mypy; here so that a missing method fails a test as well.
    session: EngineSession = EmbeddedSession()
    admin: EngineAdmin = EmbeddedAdmin(["127.0.0.1"])
    await session.close()
    await admin.close()


@pytest.mark.parametrize("people", [2, 3])
async def test_frames_arrive_intact_at_everybody_else(call, people: int) -> None:
    peers = [await call.join() for _ in range(people)]
    # The first packets claim slots; frames sent from here on must all arrive.
    sent: dict[int, dict[str, set[bytes]]] = {}
    for peer in peers:
        audio = [os.urandom(151) for _ in range(5)]
        video = [os.urandom(size) for size in (1, 900, 1100, 5000)]
        for number, payload in enumerate(audio):
            peer.session.send_audio(payload, number * 960, 2)
        for number, payload in enumerate(video):
            peer.session.send_video(payload, number * 9000, key_frame=number == 0)
        sent[peer.number] = {"audio": set(audio), "video": set(video)}
    for peer in peers:
        for kind in ("audio", "video"):
            expected = set().union(
                *(frames[kind] for number, frames in sent.items() if number != peer.number)
            )
            await call.until(lambda p=peer, k=kind, e=expected: p.payloads(k) == e)


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.parametrize(
    "addresses",
    [
        pytest.param(["::1"], marks=pytest.mark.skipif(not has_ipv6(), reason="no IPv6 here")),
        ["127.0.0.1", "127.0.0.2"],  # more than one pair: nominated after the checks
        ["0.0.0.0"],
    ],
)
async def test_other_listening_addresses(addresses: list[str]) -> None:
    admin = EmbeddedAdmin(addresses)
    await admin.start()
    sessions = [EmbeddedSession() for _ in range(2)]
    arrived = asyncio.Event()
    sessions[1].on_frame = lambda _frame: arrived.set()
    for number, session in enumerate(sessions, start=1):
        await session.connect(await admin.join("room", number, await session.offer()))
    async with asyncio.timeout(5.0):
        timestamp = 0
        while not arrived.is_set():
            sessions[0].send_audio(b"hello", timestamp, 1)
            timestamp += 960
            await asyncio.sleep(0.01)
    for session in sessions:
        await session.close()
    await admin.close()


async def test_timestamps_and_slots_reach_the_receiver(call) -> None:
    first, second = await call.join(), await call.join()
    first.session.send_audio(b"a", 48_000, 1)
    first.session.send_video(b"v", 0xFFFF_FFF0, key_frame=True)
    await call.until(lambda: len(second.frames) == 2)
    by_kind = {frame.kind: frame for frame in second.frames}
    assert (by_kind["audio"].timestamp, by_kind["audio"].slot) == (48_000, 0)
    assert (by_kind["video"].timestamp, by_kind["video"].slot) == (0xFFFF_FFF0, 0)


async def test_rooms_do_not_hear_each_other(call) -> None:
    here, there = await call.join("here"), await call.join("there")
    here.session.send_audio(b"secret", 0, 3)
    await call.settle()
    assert there.frames == []


async def test_nobody_gets_its_own_media(call) -> None:
    alone = await call.join()
    alone.session.send_audio(b"hello", 0, 3)
    alone.session.send_video(b"face", 0, key_frame=True)
    await call.settle()
    assert alone.frames == []


async def test_leaving_stops_forwarding_at_once(call) -> None:
    first, second, third = [await call.join() for _ in range(3)]
    first.session.send_audio(b"before", 0, 2)
    await call.until(lambda: second.frames and third.frames)
    leaving = call.admin.leave("room", second.number)
    first.session.send_audio(b"during", 960, 2)
    second.session.send_audio(b"from the leaver", 0, 3)
    await leaving
    first.session.send_audio(b"after", 1920, 2)
    await call.until(lambda: b"after" in third.payloads("audio"))
    assert second.payloads("audio") == {b"before"}
    assert b"from the leaver" not in first.payloads("audio") | third.payloads("audio")
    await call.until(lambda: second.closed)


async def test_a_late_joiner_makes_the_server_ask_for_key_frames(call) -> None:
    first, second = await call.join(), await call.join()
    first.session.send_video(b"key", 0, key_frame=True)
    await call.until(lambda: first.requests == 1 and second.payloads("video"))
    late = await call.join()
    # Requests to one publisher are coalesced to two a second, so keep sending until it is due.
    await call.repeat(
        lambda: first.session.send_video(b"inter", 9000, key_frame=False),
        lambda: first.requests == 2,
    )
    assert late.payloads("video") == {b"inter"}


async def test_a_receiver_can_ask_for_a_key_frame(call) -> None:
    first, second = await call.join(), await call.join()
    first.session.send_video(b"key", 0, key_frame=True)
    await call.until(lambda: second.frames)
    await call.until(lambda: first.requests == 1)
    second.session.request_key_frame(0)
    second.session.request_key_frame(7)  # nobody there
    second.session.request_key_frame(99)  # no such slot
    await call.repeat(lambda: first.session.send_audio(b"-", 0, 0), lambda: first.requests == 2)
    assert second.requests == 0


async def test_the_server_closing_is_reported_once(call) -> None:
    first, second = await call.join(), await call.join()
    await call.admin.close()
    await call.until(lambda: first.closed and second.closed)
    await call.settle()
    assert first.closed == second.closed == ["the server ended the media connection"]
    first.session.send_audio(b"into the void", 0, 1)  # dropped, not an error


async def test_closing_a_session_is_noticed_by_the_server_and_not_called_back(call) -> None:
    first, second = await call.join(), await call.join()
    await first.session.close()
    await first.session.close()
    await call.until(lambda: call.admin.participants("room") == {second.number})
    assert first.closed == []


async def test_an_answer_gives_every_slot_its_own_ssrc(call) -> None:
    peer = await call.join()
    slots = [*peer.answer.audio_slots, *peer.answer.video_slots]
    assert (len(peer.answer.audio_slots), len(peer.answer.video_slots)) == (
        AUDIO_SLOTS,
        VIDEO_SLOTS,
    )
    assert len({*slots, peer.offer.audio_ssrc, peer.offer.video_ssrc}) == len(slots) + 2
    assert peer.answer.transport.lite


async def test_one_ssrc_for_audio_and_video_is_refused(call) -> None:
    session = EmbeddedSession()
    offer = await session.offer()
    with pytest.raises(TransportError, match="SSRC"):
        await call.admin.join(
            "room", 1, msgspec.structs.replace(offer, video_ssrc=offer.audio_ssrc)
        )
    await session.close()


async def test_malformed_credentials_are_refused(call) -> None:
    session = EmbeddedSession()
    offer = await session.offer()
    transport = msgspec.structs.replace(offer.transport, ufrag="not ice")
    with pytest.raises(TransportError, match="credentials"):
        await call.admin.join("room", 1, msgspec.structs.replace(offer, transport=transport))
    await session.close()


async def test_a_client_with_another_certificate_is_refused(call) -> None:
    peer = await call.join()
    impostor = EmbeddedSession()
    offer = await impostor.offer()
    transport = msgspec.structs.replace(offer.transport, fingerprint=bytes(32))
    answer = await call.admin.join("room", 9, msgspec.structs.replace(offer, transport=transport))
    await impostor.connect(answer)
    impostor.send_audio(b"let me in", 0, 3)
    await call.until(lambda: ("room", 9) not in call.admin._legs)
    assert peer.frames == []
    assert call.admin.participants("room") == {peer.number}
    await impostor.close()


async def test_the_tap_sees_ciphertext_as_it_came_and_as_it_goes(call) -> None:
    came: list[bytes] = []
    went: list[bytes] = []
    call.admin.tap = came.append
    call.admin.sent_tap = went.append
    first, second = await call.join(), await call.join()
    payload = os.urandom(100)
    first.session.send_audio(payload, 0, 1)
    await call.until(lambda: second.frames)
    assert [parse(packet).payload for packet in came] == [payload]
    assert [parse(packet).payload for packet in went] == [payload]


async def test_malformed_packets_under_valid_srtp_kill_nothing(call) -> None:
    first, second = await call.join(), await call.join()
    ssrc = first.offer.audio_ssrc
    header = HEADER.pack(0x90, 111, 9, 0, ssrc)
    hostile = [
        header + struct.pack("!HH", 0xBEDE, 1) + b"\x21\x01\x02\x00" + b"x",  # closes aiortc
        header + struct.pack("!HH", 0xBEDE, 1) + b"\x1f\xff\xff\xff" + b"x",
        header + struct.pack("!HH", 0x1000, 1) + b"\x01\xff\x00\x00" + b"x",
        HEADER.pack(0xA0, 111, 10, 0, ssrc) + b"\xff",
        HEADER.pack(0x80, 0, 11, 0, ssrc) + b"x",
        HEADER.pack(0x80, 111, 12, 0, ssrc),
    ]
    for packet in hostile:
        first.session._leg.send(packet)
    for body in (b"", b"\xff" * 4, bytes(40)):
        rtcp = bytes([0x9F, 201]) + struct.pack("!HI", len(body) // 4 + 1, ssrc) + body
        first.session._leg.send(rtcp, Datagram.RTCP)
    first.session.send_audio(b"fine", 0, 1)
    await call.until(lambda: b"fine" in second.payloads("audio"))
    second.session.send_audio(b"fine too", 0, 1)
    await call.until(lambda: b"fine too" in first.payloads("audio"))


async def test_a_foreign_ssrc_is_dropped_before_srtp_keeps_state_for_it(call) -> None:
    came: list[bytes] = []
    call.admin.tap = came.append
    first, second = await call.join(), await call.join()
    for ssrc in range(1, 200):
        first.session._leg.send(serialise(RtpPacket(111, False, 1, 0, ssrc, 3, b"x")))
    first.session._leg.send(
        serialise(RtpPacket(111, False, 1, 0, second.offer.audio_ssrc, 3, b"forged"))
    )
    await call.settle()
    assert came == []
    assert second.frames == []


async def test_a_flooding_client_cannot_flood_others(call) -> None:
    flooder, victim, other = [await call.join() for _ in range(3)]
    for burst in range(10):
        for number in range(50):
            flooder.session.send_audio(b"flood", burst * 50 + number, 3)
        await asyncio.sleep(0.002)
    other.session.send_audio(b"heard all the same", 0, 0)
    await call.until(lambda: b"heard all the same" in victim.payloads("audio"))
    floods = [frame for frame in victim.frames if frame.payload == b"flood"]
    assert len(floods) <= 3 * AUDIO_PACKETS_PER_SECOND
    assert flooder.closed == []


async def test_a_flood_of_key_frame_requests_reaches_a_publisher_coalesced(call) -> None:
    publisher, hostile = await call.join(), await call.join()
    publisher.session.send_video(b"key", 0, key_frame=True)
    await call.until(lambda: hostile.frames and publisher.requests == 1)
    slot = hostile.answer.video_slots[0]
    for _ in range(200):
        request = feedback.key_frame_request(hostile.offer.video_ssrc, slot)
        hostile.session._leg.send(request, Datagram.RTCP)
    await call.settle()
    assert publisher.requests <= 2


async def test_a_flood_of_reports_is_answered_in_part(call) -> None:
    peer = await call.join()
    await call.until(lambda: peer.session.stats().round_trip_ms is not None)
    for _ in range(5 * int(FEEDBACK_BURST)):
        report = feedback.sender_report(peer.session._audio, 1.0)
        peer.session._leg.send(report, Datagram.RTCP)
    await call.settle()
    assert peer.session.stats().received_packets <= 2 * FEEDBACK_BURST


async def test_a_second_join_replaces_the_first_leg(call) -> None:
    first = await call.join()
    again = EmbeddedSession()
    answer = await call.admin.join("room", first.number, await again.offer())
    await again.connect(answer)
    await call.until(lambda: first.closed)
    await call.until(lambda: call.admin.participants("room") == {first.number})
    await again.close()


async def test_leaving_before_connecting_and_leaving_twice(call) -> None:
    session = EmbeddedSession()
    await call.admin.join("room", 1, await session.offer())
    await call.admin.leave("room", 1)
    await call.admin.leave("room", 1)
    await call.admin.leave("nowhere", 7)
    assert call.admin.participants("room") == frozenset()
    assert call.admin._legs == {}
    await session.close()


async def test_nobody_waits_for_a_handshake_whose_cancellation_met_a_packet(call) -> None:
    session = EmbeddedSession()
    answer = await call.admin.join("room", 1, await session.offer())
    leg = call.admin._legs["room", 1]
    receive, heard, leaving = leg.ice._recv, [], []

    async def met_by_a_cancellation() -> bytes:
        heard.append(await receive())
        if len(heard) == 2:  # the first one is waited for without a time limit
            # It begins when this packet is here and nobody has been told: `wait_for` loses the
            # cancellation then. Nothing comes after it: the peer has gone.
            leg.ice.queue = lambda _data: None
            leaving.append(asyncio.create_task(call.admin.leave("room", 1)))
        return heard[-1]

    leg.ice._recv = met_by_a_cancellation
    connecting = asyncio.create_task(session.connect(answer))
    await call.until(lambda: leaving)
    async with asyncio.timeout(5):
        await leaving[0]
    assert leg.setup.done()
    assert not leg.setup.cancelled()  # otherwise it was not lost, and this proves nothing
    assert call.admin.participants("room") == frozenset()
    connecting.cancel()
    await asyncio.wait([connecting])
    await session.close()


async def test_a_room_is_forgotten_with_its_last_participant(call) -> None:
    peer = await call.join()
    await call.admin.leave("room", peer.number)
    assert call.admin._rooms == {}


async def test_consent_that_expires_ends_the_leg(call) -> None:
    peer = await call.join()
    leg = call.admin._legs[("room", peer.number)]
    leg.ice.on_lost()  # what the agent calls when no check came for 30 s
    await call.until(lambda: call.admin._legs == {})
    await call.until(lambda: peer.closed)


async def test_a_taken_port_is_a_transport_error(call) -> None:
    peer = await call.join()
    second = EmbeddedAdmin(["127.0.0.1"], peer.answer.transport.candidates[0].port)
    with pytest.raises(TransportError):
        await second.start()
    await second.close()
