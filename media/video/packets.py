"""Encoded frames to RTP payloads, with the VP8 payload descriptor (RFC 7741 section 4.2).

The frame may be encrypted: nothing here looks into it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

MAX_PAYLOAD = 1100
"""Bytes of an RTP payload, descriptor included; below 1200 with SRTP and extensions."""
_DESCRIPTOR = struct.Struct("!BBH")
"""Required octet, extension octet, 15-bit picture id."""
DESCRIPTOR_BYTES = _DESCRIPTOR.size
PICTURE_ID_MODULUS = 1 << 15
_EXTENDED, _STARTS, _PARTITION = 0x80, 0x10, 0x0F
"""X, S and PID of the required octet."""
_PICTURE_ID = 0x80
"""The extension octet with I alone: of all that may be told, only the picture id is."""
_LONG = 0x8000
"""M: the picture id has 15 bits."""


@dataclass(frozen=True)
class VideoPayload:
    """One RTP payload taken apart; `starts` is true for the first packet of a frame."""

    starts: bool
    picture_id: int
    data: bytes = field(repr=False)


def packetize(frame: bytes, picture_id: int) -> list[bytes]:
    """Cut one frame into RTP payloads of at most `MAX_PAYLOAD` bytes and about equal size.

    The last one is to be sent with the RTP marker bit. Equal sizes, so that the number of packets
    says as little about the picture as its size does.
    """
    identifier = picture_id % PICTURE_ID_MODULUS
    count = max(1, -(-len(frame) // (MAX_PAYLOAD - DESCRIPTOR_BYTES)))
    size = max(1, -(-len(frame) // count))
    return [
        _DESCRIPTOR.pack(
            _EXTENDED if offset else _EXTENDED | _STARTS, _PICTURE_ID, _LONG | identifier
        )
        + frame[offset : offset + size]
        for offset in range(0, max(1, len(frame)), size)
    ]


def parse_payload(payload: bytes) -> VideoPayload | None:
    """Take a received RTP payload apart; None if it is not one of ours."""
    if len(payload) <= DESCRIPTOR_BYTES:
        return None
    required, extension, identifier = _DESCRIPTOR.unpack_from(payload)
    if not required & _EXTENDED or extension != _PICTURE_ID or not identifier & _LONG:
        return None
    starts = required & (_STARTS | _PARTITION) == _STARTS
    return VideoPayload(starts, identifier - _LONG, payload[DESCRIPTOR_BYTES:])
