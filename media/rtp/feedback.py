"""RTCP: key frame requests (RFC 4585 section 6.3.1) and reports (RFC 3550 section 6.4).

Times are seconds of any clock that only grows; the NTP fields carry that clock, which RFC 3550
section 6.4.1 allows, so no wall clock leaves this machine.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from media.aiortc_parts import (
    RTCP_PSFB_PLI,
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpSenderInfo,
    RtcpSrPacket,
)
from media.rtp.streams import IncomingStream, OutgoingStream

MAX_PARTS = 8
"""Packets of a compound that are looked at."""


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
    return bytes(RtcpPsfbPacket(fmt=RTCP_PSFB_PLI, ssrc=sender_ssrc, media_ssrc=media_ssrc))


def sender_report(stream: OutgoingStream, now: float) -> bytes:
    """Return a sender report for one of our streams."""
    info = RtcpSenderInfo(
        ntp_timestamp=int(now * 4294967296) & 0xFFFF_FFFF_FFFF_FFFF,
        rtp_timestamp=stream.timestamp,
        packet_count=stream.packets & 0xFFFF_FFFF,
        octet_count=stream.octets & 0xFFFF_FFFF,
    )
    return bytes(RtcpSrPacket(ssrc=stream.ssrc, sender_info=info))


def receiver_report(
    sender_ssrc: int, report: SenderReport, stream: IncomingStream, clock_rate: int
) -> bytes:
    """Answer a sender report at once (so without delay) with what arrived of that stream."""
    info = RtcpReceiverInfo(
        ssrc=report.ssrc,
        fraction_lost=0,
        packets_lost=min(stream.lost, 0x7F_FFFF),
        highest_sequence=stream.highest,
        jitter=min(int(stream.jitter * clock_rate), 0xFFFF_FFFF),
        lsr=report.stamp,
        dlsr=0,
    )
    return bytes(RtcpRrPacket(ssrc=sender_ssrc, reports=[info]))


def parse(data: bytes) -> list[Feedback]:
    """Read a compound packet; what is malformed or of no use here is left out."""
    try:
        parts = RtcpPacket.parse(data)
    except (ValueError, IndexError, struct.error):
        return []
    found: list[Feedback] = []
    for part in parts[:MAX_PARTS]:
        match part:
            case RtcpPsfbPacket(fmt=fmt, media_ssrc=media_ssrc) if fmt == RTCP_PSFB_PLI:
                found.append(KeyFrameRequest(media_ssrc))
            case RtcpSrPacket(ssrc=ssrc, sender_info=info):
                found.append(SenderReport(ssrc, (info.ntp_timestamp >> 16) & 0xFFFF_FFFF))
            case RtcpRrPacket(reports=reports):
                found += [
                    ReceptionReport(item.ssrc, item.packets_lost, item.lsr, item.dlsr)
                    for item in reports
                ]
            case _:
                pass
    return found


def _short_time(now: float) -> int:
    """Return the middle 32 bits of an NTP timestamp: 1/65536 s, wrapping."""
    return int(now * 65536) & 0xFFFF_FFFF
