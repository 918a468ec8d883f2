"""RTP packets as this product sends them (RFC 3550 section 5.1): no padding, no CSRC, and at most
one header extension (RFC 8285 one-byte form) with a coarse audio level.

The level has four steps on purpose: enough to choose who is heard, too little to guess what is
said. Header extensions travel readable by the network (SRTP does not encrypt them), which is why
a privacy setting can leave the level out; see `parse` for what a server makes of its absence.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

HEADER = struct.Struct("!BBHII")
HEADER_LENGTH = 12
MAX_PACKET = 1350
"""Longest packet made or accepted, bytes before SRTP: fits every path with an MTU of 1400."""
LEVEL_ID = 1
MAX_LEVEL = 3

PLAIN = 0x80
"""First byte: version 2, no padding, no extension, no CSRC."""
EXTENDED = 0x90
"""First byte: as `PLAIN`, with a header extension."""

_EXTENSION = struct.Struct("!HH")
_ONE_BYTE_PROFILE = 0xBEDE
_LEVEL_ELEMENT = LEVEL_ID << 4
_LEVEL_PREFIX = _EXTENSION.pack(_ONE_BYTE_PROFILE, 1) + bytes([_LEVEL_ELEMENT])


class RtpPacket(NamedTuple):
    """One packet. `level` is 0 (silent) to 3 (loud), None when the sender does not tell."""

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    level: int | None
    payload: bytes


def parse(data: bytes) -> RtpPacket | None:
    """Read a packet; None for anything this product does not send.

    A well-delimited extension with other content is skipped unread: nothing a hostile peer puts
    there is ever interpreted.
    """
    if not HEADER_LENGTH < len(data) <= MAX_PACKET:
        return None
    first, second, sequence, timestamp, ssrc = HEADER.unpack_from(data)
    level: int | None = None
    start = HEADER_LENGTH
    if first == EXTENDED:
        if len(data) < HEADER_LENGTH + _EXTENSION.size:
            return None
        profile, words = _EXTENSION.unpack_from(data, HEADER_LENGTH)
        start += _EXTENSION.size + 4 * words
        if start >= len(data):
            return None
        if profile == _ONE_BYTE_PROFILE and words:
            level = _read_level(data)
    elif first != PLAIN:
        return None
    return RtpPacket(second & 0x7F, second >= 0x80, sequence, timestamp, ssrc, level, data[start:])


def serialise(packet: RtpPacket) -> bytes:
    """Return the bytes of a packet; the extension is written only when there is a level."""
    second = packet.payload_type | (0x80 if packet.marker else 0)
    first = PLAIN if packet.level is None else EXTENDED
    header = HEADER.pack(first, second, packet.sequence, packet.timestamp, packet.ssrc)
    if packet.level is None:
        return header + packet.payload
    return header + _LEVEL_PREFIX + bytes([packet.level, 0, 0]) + packet.payload


def _read_level(data: bytes) -> int | None:
    """Return the level if it is the first extension element; `data` holds 4 bytes of it."""
    element = HEADER_LENGTH + _EXTENSION.size
    if data[element] != _LEVEL_ELEMENT or data[element + 1] > MAX_LEVEL:
        return None
    return data[element + 1]
