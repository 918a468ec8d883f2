"""What a datagram is, from its first bytes (RFC 7983 section 7, RFC 5761 section 4)."""

from __future__ import annotations

from enum import Enum, auto

MAX_DATAGRAM = 1500
"""Longer datagrams are dropped unread, bytes."""


class Datagram(Enum):
    """The protocols that share one UDP port."""

    STUN = auto()
    DTLS = auto()
    RTP = auto()
    RTCP = auto()
    OTHER = auto()


def classify(data: bytes) -> Datagram:
    """Tell what a datagram is; `OTHER` is dropped by everyone."""
    if not 12 <= len(data) <= MAX_DATAGRAM:
        return Datagram.OTHER
    first = data[0]
    if 128 <= first <= 191:
        return Datagram.RTCP if 192 <= data[1] <= 223 else Datagram.RTP
    if 20 <= first <= 63:
        return Datagram.DTLS
    if first <= 3:
        return Datagram.STUN
    return Datagram.OTHER


def sender_ssrc(data: bytes, kind: Datagram) -> int:
    """Return the SSRC in clear in an SRTP or SRTCP packet, before anything is decrypted.

    libsrtp keeps state for every SSRC it has seen: whoever looks here first and drops SSRCs that
    were never agreed cannot be made to fill its memory.
    """
    start = 4 if kind is Datagram.RTCP else 8
    return int.from_bytes(data[start : start + 4], "big")
