"""RTP headers."""

from __future__ import annotations

import aiortc.rtp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.rtp.packet import HEADER, MAX_PACKET, RtpPacket, parse, serialise

packets = st.builds(
    RtpPacket,
    payload_type=st.integers(0, 127),
    marker=st.booleans(),
    sequence=st.integers(0, 0xFFFF),
    timestamp=st.integers(0, 0xFFFF_FFFF),
    ssrc=st.integers(0, 0xFFFF_FFFF),
    level=st.none() | st.integers(0, 3),
    payload=st.binary(min_size=1, max_size=1200),
)


@given(packets)
def test_round_trip(packet: RtpPacket) -> None:
    assert parse(serialise(packet)) == packet


@given(packets)
def test_an_independent_parser_agrees(packet: RtpPacket) -> None:
    other = aiortc.rtp.RtpPacket.parse(serialise(packet))
    assert (other.sequence_number, other.timestamp, other.ssrc, other.payload) == (
        packet.sequence,
        packet.timestamp,
        packet.ssrc,
        packet.payload,
    )
    assert (other.marker, other.payload_type) == (packet.marker, packet.payload_type)


@given(st.binary(max_size=64))
def test_hostile_bytes_never_raise(data: bytes) -> None:
    parse(data)


HEADER_ONLY = HEADER.pack(0x80, 111, 1, 2, 3)
EXTENDED = HEADER.pack(0x90, 111, 1, 2, 3)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        HEADER_ONLY,  # no payload
        HEADER.pack(0x40, 111, 1, 2, 3) + b"x",  # version 1
        HEADER.pack(0xA0, 111, 1, 2, 3) + b"x\x01",  # padding
        HEADER.pack(0x81, 111, 1, 2, 3) + b"abcdx",  # a CSRC
        EXTENDED + b"\xbe",  # extension cut short
        EXTENDED + b"\xbe\xde\x00\x09" + b"\x10\x02\x00\x00" + b"x",  # longer than the packet
        EXTENDED + b"\xbe\xde\x00\x01" + b"\x10\x02\x00\x00",  # nothing after it
        HEADER_ONLY + bytes(MAX_PACKET),
    ],
)
def test_what_we_never_send_is_refused(data: bytes) -> None:
    assert parse(data) is None


@pytest.mark.parametrize(
    "extension",
    [
        b"\xbe\xde\x00\x00",  # empty
        b"\xbe\xde\x00\x01" + b"\x11\x02\x02\x00",  # the 2-byte level that closes aiortc
        b"\xbe\xde\x00\x01" + b"\x10\x04\x00\x00",  # level out of range
        b"\xbe\xde\x00\x01" + b"\x20\x02\x00\x00",  # another id
        b"\x10\x00\x00\x01" + b"\x10\x02\x00\x00",  # two-byte form
        b"\xbe\xde\x00\x02" + b"\xff" * 8,
    ],
)
def test_a_garbage_extension_is_skipped_unread(extension: bytes) -> None:
    packet = parse(EXTENDED + extension + b"payload")
    assert packet is not None
    assert (packet.level, packet.payload) == (None, b"payload")
