"""RTCP: key frame requests (RFC 4585 section 6.3.1) and reports (RFC 3550 section 6.4).

Times are seconds of any clock that only grows; the NTP fields carry that clock, which RFC 3550
section 6.4.1 allows, so no wall clock leaves this machine.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from media.rtp.streams import IncomingStream, OutgoingStream

MAX_PARTS = 8
"""Packets of a compound that are looked at."""
VERSION, COUNT_MASK = 2 << 6, 0x1F
SENDER_REPORT, RECEIVER_REPORT, PAYLOAD_FEEDBACK, PICTURE_LOSS = 200, 201, 206, 1
"""Packet types, and the format of a PLI."""
_HEADER = struct.Struct("!BBH")
"""Version, padding and count or format; packet type; length in words, this one not counted."""
_PAIR = struct.Struct("!LL")
_SENDER = struct.Struct("!LQLLL")
"""SSRC, NTP time, RTP time, packets, octets."""
_RECEPTION = struct.Struct("!LLLLLL")
"""SSRC; fraction lost (8 bits) and packets lost (24, signed); highest, jitter, LSR, DLSR."""


@dataclass(frozen=True)
class KeyFrameRequest:
    """Somebody needs a key frame of the stream `media_ssrc`."""

    media_ssrc: int


@dataclass(frozen=True)
class SenderReport:
    """A sender's clock; `stamp` is what a receiver report returns (NTP, middle 32 bits)."""

    ssrc: int
    stamp: int


@dataclass(frozen=True)
class ReceptionReport:
    """What the other side received of our stream `ssrc`; times in 1/65536 s."""

    ssrc: int
    lost: int
    stamp: int
    delay: int

    def round_trip(self, now: float) -> float | None:
        """Return the round trip in seconds, None before the first sender report arrived."""
        if not self.stamp:
            return None
        return ((_short_time(now) - self.stamp - self.delay) & 0xFFFF_FFFF) / 65536


Feedback = KeyFrameRequest | SenderReport | ReceptionReport


def key_frame_request(sender_ssrc: int, media_ssrc: int) -> bytes:
    """Return a PLI for the stream `media_ssrc`."""
    return _packet(PICTURE_LOSS, PAYLOAD_FEEDBACK, _PAIR.pack(sender_ssrc, media_ssrc))


def sender_report(stream: OutgoingStream, now: float) -> bytes:
    """Return a sender report for one of our streams."""
    body = _SENDER.pack(
        stream.ssrc,
        int(now * 4294967296) & 0xFFFF_FFFF_FFFF_FFFF,
        stream.timestamp,
        stream.packets & 0xFFFF_FFFF,
        stream.octets & 0xFFFF_FFFF,
    )
    return _packet(0, SENDER_REPORT, body)


def receiver_report(
    sender_ssrc: int, report: SenderReport, stream: IncomingStream, clock_rate: int
) -> bytes:
    """Answer a sender report at once (so without delay) with what arrived of that stream."""
    block = _RECEPTION.pack(
        report.ssrc,
        min(stream.lost, 0x7F_FFFF),
        stream.highest & 0xFFFF_FFFF,
        min(int(stream.jitter * clock_rate), 0xFFFF_FFFF),
        report.stamp,
        0,
    )
    return _packet(1, RECEIVER_REPORT, sender_ssrc.to_bytes(4, "big") + block)


def parse(data: bytes) -> list[Feedback]:
    """Read a compound packet; what is malformed or of no use here is left out."""
    found: list[Feedback] = []
    rest = memoryview(data)
    for _ in range(MAX_PARTS):
        if len(rest) < _HEADER.size:
            break
        first, kind, words = _HEADER.unpack_from(rest)
        end = _HEADER.size + 4 * words
        if first & 0xC0 != VERSION or len(rest) < end:
            break
        found += _read(kind, first & COUNT_MASK, rest[_HEADER.size : end])
        rest = rest[end:]
    return found


def _packet(count: int, kind: int, body: bytes) -> bytes:
    return _HEADER.pack(VERSION | count, kind, len(body) // 4) + body


def _read(kind: int, count: int, body: memoryview) -> list[Feedback]:
    if kind == PAYLOAD_FEEDBACK and count == PICTURE_LOSS and len(body) >= _PAIR.size:
        return [KeyFrameRequest(_PAIR.unpack_from(body)[1])]
    if kind == SENDER_REPORT and len(body) >= _SENDER.size:
        ssrc, ntp, *_counters = _SENDER.unpack_from(body)
        return [SenderReport(ssrc, (ntp >> 16) & 0xFFFF_FFFF)]
    if kind == RECEIVER_REPORT and len(body) >= 4 + count * _RECEPTION.size:
        return [_reception(body[4 + number * _RECEPTION.size :]) for number in range(count)]
    return []


def _reception(block: memoryview) -> ReceptionReport:
    ssrc, lost, _highest, _jitter, stamp, delay = _RECEPTION.unpack_from(block)
    lost &= 0xFF_FFFF
    return ReceptionReport(ssrc, lost - (1 << 24) if lost >> 23 else lost, stamp, delay)


def _short_time(now: float) -> int:
    """Return the middle 32 bits of an NTP timestamp: 1/65536 s, wrapping."""
    return int(now * 65536) & 0xFFFF_FFFF
