"""The forwarding core, as transcripts: packets in at given times, packets out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e2ee.sframe import encode_header
from media.engine.ports import AUDIO_SLOTS, VIDEO_SLOTS
from media.forwarding.forwarder import (
    AUDIO_PACKETS_PER_SECOND,
    HOLD,
    MAX_AUDIO_PACKET,
    VIDEO_BYTES_PER_SECOND,
    VIDEO_IDLE,
    VIDEO_PACKETS_PER_SECOND,
    Forwarder,
)
from media.forwarding.keyframes import MIN_INTERVAL
from media.rtp.packet import RtpPacket, parse, serialise
from media.video.packets import packetize


class Room:
    """A forwarder, and per participant the packets it was sent."""

    def __init__(self, people: int) -> None:
        self.forwarder = Forwarder()
        self.sequence: dict[tuple[int, str], int] = {}
        for participant in range(1, people + 1):
            self.add(participant)

    def add(self, participant: int) -> None:
        base = participant * 1000
        self.forwarder.add(
            participant,
            audio_ssrc=base + 1,
            video_ssrc=base + 2,
            audio_slots=range(base + 100, base + 100 + AUDIO_SLOTS),
            video_slots=range(base + 200, base + 200 + VIDEO_SLOTS),
        )

    def packet(self, sender: int, kind: str, *, level: int | None = None, size: int = 50) -> bytes:
        key = (sender, kind)
        self.sequence[key] = self.sequence.get(key, 0) + 1
        payload_type, offset = (111, 1) if kind == "audio" else (96, 2)
        return serialise(
            RtpPacket(
                payload_type,
                True,
                self.sequence[key] & 0xFFFF,
                0,
                sender * 1000 + offset,
                level,
                b"c" * size,
            )
        )

    def audio(self, sender: int, now: float, *, level: int | None = None) -> dict[int, int]:
        """Send one audio packet; return receiver -> SSRC of the slot it came in."""
        out = self.forwarder.forward(sender, self.packet(sender, "audio", level=level), now)
        return {receiver: parse(data).ssrc for receiver, data in out}

    def video(self, sender: int, now: float) -> dict[int, int]:
        out = self.forwarder.forward(sender, self.packet(sender, "video"), now)
        return {receiver: parse(data).ssrc for receiver, data in out}

    def asked(self) -> list[int]:
        """Drain the key frame requests."""
        requests = list(self.forwarder.key_frame_requests)
        self.forwarder.key_frame_requests.clear()
        return requests

    def talk(self, levels: dict[int, int | None], start: float, seconds: float) -> set[int]:
        """Everybody in `levels` sends every 20 ms; return whom participant 1 heard at the end."""
        heard: set[int] = set()
        for tick in range(round(seconds / 0.02)):
            now = start + tick * 0.02
            heard = {who for who, level in levels.items() if 1 in self.audio(who, now, level=level)}
        return heard


def test_everybody_else_gets_a_packet_in_their_own_slot() -> None:
    room = Room(3)
    assert room.audio(1, 0.0) == {2: 2100, 3: 3100}
    assert room.audio(2, 0.0) == {1: 1100, 3: 3101}
    assert room.video(3, 0.0) == {1: 1200, 2: 2200}


def test_the_payload_is_passed_on_untouched_and_the_level_is_not() -> None:
    room = Room(2)
    sent = RtpPacket(111, False, 9, 123_456, 1001, 3, bytes(range(200)))
    ((_, data),) = room.forwarder.forward(1, serialise(sent), 0.0)
    got = parse(data)
    assert (got.payload, got.timestamp, got.level) == (sent.payload, 123_456, None)


def test_up_to_four_publishers_everybody_is_heard_however_quiet() -> None:
    room = Room(5)
    assert room.talk({2: 0, 3: 0, 4: 3, 5: None}, 0.0, 2.0) == {2, 3, 4, 5}


def test_a_fifth_publisher_who_speaks_replaces_somebody_silent() -> None:
    room = Room(6)
    room.talk({2: 3, 3: 0, 4: 3, 5: 3}, 0.0, 3.0)
    assert room.talk({2: 3, 3: 0, 4: 3, 5: 3, 6: 3}, 3.0, 0.5) == {2, 4, 5, 6}


def test_a_fifth_publisher_who_is_silent_replaces_nobody() -> None:
    room = Room(6)
    assert room.talk({2: 3, 3: 0, 4: 3, 5: 3, 6: 0}, 0.0, 3.0) == {2, 3, 4, 5}


def test_a_slot_is_kept_for_a_second_against_somebody_louder() -> None:
    room = Room(6)
    levels = {2: 3, 3: 3, 4: 3, 5: 0}
    room.talk(levels, 0.0, 0.1)
    assert 6 not in room.talk(levels | {6: 3}, 0.1, HOLD - 0.2)
    assert 6 in room.talk(levels | {6: 3}, HOLD + 0.1, 0.5)


def test_equally_loud_speakers_do_not_flap() -> None:
    room = Room(7)
    levels: dict[int, int | None] = dict.fromkeys(range(2, 8), 3)
    first = room.talk(levels, 0.0, 2.0)
    for second in range(2, 8):
        assert room.talk(levels, float(second), 1.0) == first


def test_somebody_who_stopped_sending_makes_room_even_for_the_quiet() -> None:
    room = Room(6)
    room.talk({2: 3, 3: 3, 4: 3, 5: 3}, 0.0, 1.0)
    assert room.talk({2: 3, 3: 3, 4: 3, 6: 0}, 1.0, 1.5) == {2, 3, 4, 6}


def test_hidden_levels_are_replaced_by_speech_but_not_by_silence() -> None:
    room = Room(6)
    hidden = dict.fromkeys((2, 3, 4, 5))
    assert 6 not in room.talk(hidden | {6: 0}, 0.0, 3.0)
    assert 6 in room.talk(hidden | {6: 3}, 3.0, 1.0)


def test_video_slots_are_sticky() -> None:
    room = Room(VIDEO_SLOTS + 2)
    receivers = [room.video(who, 0.0).get(1) for who in range(2, VIDEO_SLOTS + 3)]
    assert receivers == [*range(1200, 1200 + VIDEO_SLOTS), None]
    late = VIDEO_SLOTS + 2
    assert room.video(late, 1.0).get(1) is None
    for who in range(3, VIDEO_SLOTS + 2):  # everybody but 2 goes on
        room.video(who, VIDEO_IDLE)
    assert room.video(late, VIDEO_IDLE).get(1) == 1200


def test_a_new_slot_asks_the_publisher_for_a_key_frame() -> None:
    room = Room(2)
    room.video(1, 0.0)
    assert room.asked() == [1]
    room.video(1, 0.1)
    assert room.asked() == []


def test_a_late_joiner_gets_a_key_frame_from_every_publisher() -> None:
    room = Room(3)
    for who in (1, 2, 3):
        room.video(who, 0.0)
    room.asked()
    room.add(4)
    for who in (1, 2, 3):
        room.video(who, 10.0)
    assert room.asked() == [1, 2, 3]


def test_key_frame_requests_of_many_receivers_are_coalesced() -> None:
    room = Room(8)
    room.video(1, 0.0)
    room.asked()
    for receiver in range(2, 9):
        room.forwarder.request_key_frame(receiver, receiver * 1000 + 200, 0.1)
    assert room.asked() == []
    room.audio(1, MIN_INTERVAL)
    assert room.asked() == [1]
    room.audio(1, 5.0)
    assert room.asked() == []


def test_key_frame_requests_for_nobody_are_ignored() -> None:
    room = Room(2)
    room.forwarder.request_key_frame(2, 2200, 0.0)
    room.forwarder.request_key_frame(2, 1, 0.0)
    room.forwarder.request_key_frame(99, 2200, 0.0)
    assert room.asked() == []


def test_removal_stops_both_directions_at_once_and_frees_slots() -> None:
    room = Room(3)
    room.audio(1, 0.0)
    room.audio(2, 0.0)
    room.forwarder.remove(2, 0.0)
    room.forwarder.remove(2, 0.0)
    assert room.audio(1, 0.02) == {3: 3100}
    assert room.audio(2, 0.02) == {}
    room.add(4)
    assert room.audio(4, 0.04) == {1: 1100, 3: 3101}
    assert room.forwarder.participants == {1, 3, 4}


@pytest.mark.parametrize(
    ("payload_type", "ssrc"),
    [(111, 2001), (111, 1002), (96, 1001), (96, 9999), (0, 1001), (127, 1002)],
)
def test_somebody_elses_ssrc_or_a_wrong_type_goes_nowhere(payload_type: int, ssrc: int) -> None:
    room = Room(2)
    forged = serialise(RtpPacket(payload_type, False, 1, 0, ssrc, None, b"x"))
    assert room.forwarder.forward(1, forged, 0.0) == []


@given(st.binary(max_size=1500))
def test_hostile_packets_never_raise(data: bytes) -> None:
    room = Room(2)
    assert room.forwarder.forward(1, data, 0.0) == []
    assert room.forwarder.forward(99, data, 0.0) == []


def test_a_flooding_participant_cannot_flood_others() -> None:
    room = Room(2)
    audio = sum(len(room.audio(1, tick / 5000)) for tick in range(10_000))
    video = sum(len(room.video(1, tick / 5000)) for tick in range(10_000))
    assert audio <= AUDIO_PACKETS_PER_SECOND * 3 + 1
    assert video <= VIDEO_PACKETS_PER_SECOND * 3 + 1
    assert room.audio(2, 2.0)  # others are not held back by it


def test_a_flood_of_large_packets_is_limited_by_its_bytes() -> None:
    room = Room(2)
    forwarded = 0
    for tick in range(600):
        data = room.packet(1, "video", size=1200)
        forwarded += sum(len(out) for _, out in room.forwarder.forward(1, data, tick / 200))
    assert forwarded <= 4 * VIDEO_BYTES_PER_SECOND + 1400


def test_ordinary_media_is_under_the_limits() -> None:
    room = Room(2)
    for tick in range(500):
        now = tick * 0.02
        assert room.audio(1, now)
        if tick % 5 == 0:  # 10 pictures a second, each a key frame of 20 packets
            assert all(room.video(1, now) for _ in range(20))


def test_an_oversized_audio_packet_goes_nowhere() -> None:
    room = Room(2)
    data = room.packet(1, "audio", size=MAX_AUDIO_PACKET)
    assert room.forwarder.forward(1, data, 0.0) == []


@pytest.mark.parametrize(("stream", "payload_type", "ssrc"), [(0, 111, 1), (1, 96, 2)])
def test_a_member_forging_anothers_media_is_not_forwarded(
    stream: int, payload_type: int, ssrc: int
) -> None:
    room = Forwarder()
    for participant, leaf in ((1, 0), (2, 7)):
        base = participant * 10
        room.add(
            participant, audio_ssrc=base + 1, video_ssrc=base + 2,
            audio_slots=[base + 3], video_slots=[base + 4], leaf=leaf,
        )  # fmt: skip

    def reached(claimed: int, sequence: int) -> bool:
        kid = stream << 20 | claimed << 8 | 1
        frame = encode_header(kid, 9) + bytes(40)
        payload = packetize(b"\x01\0\0" + frame, sequence)[0] if stream else frame
        packet = RtpPacket(payload_type, True, sequence, 0, 20 + ssrc, None, payload)
        return bool(room.forward(2, serialise(packet), sequence / 50))

    assert reached(7, 1)
    assert not reached(0, 2)
    assert not reached(8, 3)
    assert reached(7, 4)
