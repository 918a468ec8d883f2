"""Encoded frames to RTP payloads, with the VP8 payload descriptor (RFC 7741 section 4.2).

The frame may be encrypted: nothing here looks into it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from aiortc.codecs.vpx import VpxPayloadDescriptor

MAX_PAYLOAD = 1100
"""Bytes of an RTP payload, descriptor included; below 1200 with SRTP and extensions."""
DESCRIPTOR_BYTES = 4
"""Required octet, extension octet, 15-bit picture id."""
PICTURE_ID_MODULUS = 1 << 15


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
        bytes(
            VpxPayloadDescriptor(
                partition_start=int(offset == 0), partition_id=0, picture_id=identifier
            )
        )
        + frame[offset : offset + size]
        for offset in range(0, max(1, len(frame)), size)
    ]


def parse_payload(payload: bytes) -> VideoPayload | None:
    """Take a received RTP payload apart; None if it is not one of ours."""
    try:
        descriptor, data = VpxPayloadDescriptor.parse(payload)
    except ValueError:
        return None
    if not data or descriptor.picture_id is None:
        return None
    starts = descriptor.partition_start == 1 and descriptor.partition_id == 0
    return VideoPayload(starts, descriptor.picture_id, data)
