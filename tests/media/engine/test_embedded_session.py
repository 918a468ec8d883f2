"""A session against a server that answers strangely, and its counters."""

from __future__ import annotations

import asyncio
import gc
import itertools

import msgspec
import pytest

from media.engine.embedded_admin import EmbeddedAdmin
from media.engine.embedded_session import MAX_AUDIO_PAYLOAD, EmbeddedSession
from media.errors import TransportError
from media.rtp import feedback
from media.rtp.demux import Datagram
from media.rtp.packet import RtpPacket, parse, serialise

FRAME = bytes(60)


async def test_an_offer_is_fresh_and_lists_no_address() -> None:
    first, second = EmbeddedSession(), EmbeddedSession()
    one, two = await first.offer(), await second.offer()
    assert one.transport.candidates == []
    assert one.audio_ssrc != one.video_ssrc
    assert one.transport.fingerprint != two.transport.fingerprint
    assert (one.transport.ufrag, one.transport.password) != (
        two.transport.ufrag,
        two.transport.password,
    )
    again = await first.offer()
    assert (one.audio_ssrc, one.video_ssrc) == (again.audio_ssrc, again.video_ssrc)
    assert one.transport.fingerprint != again.transport.fingerprint
    assert one.transport.ufrag != again.transport.ufrag
    await first.close()
    await second.close()


async def test_an_answer_that_uses_a_slot_twice_is_refused(call) -> None:
    session = EmbeddedSession()
    answer = await call.admin.join("room", 1, await session.offer())
    twice = msgspec.structs.replace(answer, video_slots=answer.audio_slots)
    with pytest.raises(TransportError, match="slot"):
        await session.connect(twice)
    await session.close()


async def test_connecting_twice_is_refused(call) -> None:
    peer = await call.join()
    with pytest.raises(TransportError, match="already"):
        await peer.session.connect(peer.answer)


async def test_sending_before_and_after_is_dropped(call) -> None:
    session = EmbeddedSession()
    session.send_audio(b"early", 0, 1)
    session.send_video(b"early", 0, key_frame=True)
    session.request_key_frame(0)
    await session.close()
    session.send_audio(b"late", 0, 1)
    assert session.stats().sent_packets == 0


async def test_an_oversized_audio_frame_is_our_own_mistake() -> None:
    session = EmbeddedSession()
    with pytest.raises(TransportError, match="too large"):
        session.send_audio(bytes(MAX_AUDIO_PAYLOAD + 1), 0, 1)
    await session.close()


async def test_counters(call) -> None:
    first, second = await call.join(), await call.join()
    for number in range(5):
        first.session.send_audio(bytes(150), number * 960, 2)
        await asyncio.sleep(0.005)
    await call.until(lambda: len(second.frames) == 5)
    sent, received = first.session.stats(), second.session.stats()
    assert sent.remote.startswith("127.0.0.1:")
    assert sent.sent_packets == 6  # five frames and a report
    assert sent.sent_bytes > 5 * 150
    assert (received.lost_packets, received.received_bytes > 5 * 150) == (0, True)
    await call.until(lambda: first.session.stats().round_trip_ms is not None)
    assert 0 <= first.session.stats().round_trip_ms < 1000


async def test_a_hidden_level_is_not_on_the_wire(call) -> None:
    seen: list[bytes] = []
    call.admin.tap = seen.append
    first, _ = await call.join(), await call.join()
    first.session.send_audio(b"told", 0, 3)
    first.session.send_audio(b"hidden", 960, None)
    first.session.send_audio(b"off the scale", 1920, 99)
    await call.until(lambda: len(seen) == 3)
    assert [parse(packet).level for packet in seen] == [3, None, 3]
    assert [packet[0] for packet in seen] == [0x90, 0x80, 0x90]


async def test_a_gap_in_a_video_slot_asks_for_a_key_frame(call) -> None:
    first, second = await call.join(), await call.join()
    first.session.send_video(b"one", 0, key_frame=True)
    await call.until(lambda: second.payloads("video") and first.requests == 1)
    send, first.session._leg.send = first.session._leg.send, lambda _packet: None
    first.session.send_video(b"lost on the way", 9000, key_frame=False)
    first.session._leg.send = send
    first.session.send_video(b"three", 18_000, key_frame=False)
    await call.until(lambda: b"three" in second.payloads("video"))
    await call.repeat(lambda: first.session.send_audio(b"-", 0, 0), lambda: first.requests == 2)


async def test_a_hostile_server_cannot_crash_the_client(call) -> None:
    first, second = await call.join(), await call.join()
    leg = call.admin._legs[("room", first.number)]
    audio, video = first.answer.audio_slots[0], first.answer.video_slots[0]
    hostile = [
        serialise(RtpPacket(111, True, 1, 0, video, None, b"audio in a video slot")),
        serialise(RtpPacket(96, True, 1, 0, audio, None, b"video in an audio slot")),
        serialise(RtpPacket(96, True, 2, 0, video, None, b"")),
        serialise(RtpPacket(96, True, 3, 0, video, None, b"\xff" * 1200)),
        bytes([0x90, 111, 0, 9]) + bytes(4) + audio.to_bytes(4, "big") + b"\xbe\xde\xff\xff",
        bytes([0xBF, 111, 0, 9]) + bytes(4) + audio.to_bytes(4, "big") + b"\xff" * 90,
    ]
    for packet in hostile:
        # SRTP itself refuses some of these; a server with another SRTP library need not.
        first.session._received(packet, Datagram.RTP)
    leg.send(feedback.key_frame_request(audio, 12345), Datagram.RTCP)
    first.session._received(bytes([0x9F, 201]) + b"\xff" * 30, Datagram.RTCP)
    assert {frame.payload for frame in first.frames} <= {b""}
    assert first.requests == 0
    second.session.send_audio(b"still here", 0, 1)
    await call.until(lambda: b"still here" in first.payloads("audio"))


async def test_a_server_that_is_gone_is_reported(call) -> None:
    peer = await call.join()
    await peer.session._leg._ice.close()  # what aioice does after 30 s without an answer
    await call.until(lambda: peer.closed)
    assert peer.closed == ["the server stopped answering"]


@pytest.mark.filterwarnings("error::ResourceWarning")
async def test_no_socket_and_no_task_is_left_behind() -> None:
    before = asyncio.all_tasks()
    admin = EmbeddedAdmin(["127.0.0.1"])
    await admin.start()
    session = EmbeddedSession()
    await session.connect(await admin.join("room", 1, await session.offer()))
    await session.close()
    await admin.close()
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before
    del session, admin
    gc.collect()  # an unclosed socket is a ResourceWarning now


@pytest.mark.parametrize("way", ["up", "down"])
async def test_a_lossy_path_is_told_to_both_ends_by_its_share(call, monkeypatch, way: str) -> None:
    """Every fourth packet of sound is lost, before the server or after it."""
    monkeypatch.setattr("media.engine.embedded_session.REPORT_INTERVAL", 0.02)
    first, second = await call.join(), await call.join()
    leg = first.session._leg if way == "up" else second.session._leg
    passed, numbers = (leg.send if way == "up" else leg.on_packet), itertools.count()

    def lossy(packet: bytes, kind: Datagram = Datagram.RTP) -> None:
        if kind is Datagram.RTCP or next(numbers) % 4 != 2:
            passed(packet, kind)

    monkeypatch.setattr(leg, "send" if way == "up" else "on_packet", lossy)
    first.session.stats()
    second.session.stats()
    for number in range(64):  # within what the server forwards at once
        first.session.send_audio(FRAME, number * 960, None)
        await asyncio.sleep(0.004)
    await call.until(lambda: second.session.stats().loss > 0.2)
    assert second.session.stats().loss == pytest.approx(0.25, abs=0.05)
    if way == "up":
        await call.until(lambda: (first.session.stats().sent_loss or 0) > 0.2)
        assert first.session.stats().sent_loss == pytest.approx(0.25, abs=0.05)
    else:
        assert (first.session.stats().sent_loss or 0) < 0.05


async def test_every_datagram_is_counted_from_the_first_check_to_the_goodbye(call) -> None:
    peer = await call.join()
    (address,) = peer.session.stats().traffic
    assert address == peer.session._leg.remote
    sent, received = peer.session.stats().traffic[address]
    assert sent > 1000  # checks, and a handshake in two copies
    assert received > 1000
    peer.session.send_audio(FRAME, 0, None)
    more = peer.session.stats().traffic[address][0] - sent
    assert more >= len(FRAME) + 12
    await peer.session.close()
    assert peer.session.stats().traffic[address][0] > sent + more
