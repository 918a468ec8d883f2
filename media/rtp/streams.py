"""One RTP stream each way: numbering what is sent, and loss and jitter of what arrives."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from media.rtp.packet import RtpPacket, serialise

MAX_DROPOUT = 3000
"""A forward jump of more packets is a restart, not loss (RFC 3550 appendix A.1)."""
MAX_MISORDER = 100
MAX_TRANSIT_STEP = 1.0
"""Seconds; a larger step of the transit time means that another publisher fills the slot."""


class OutgoingStream:
    """Numbers the packets of one stream and counts them."""

    def __init__(self, ssrc: int, payload_type: int) -> None:
        self.ssrc = ssrc
        self.packets = 0
        self.octets = 0
        self.timestamp = 0
        self._payload_type = payload_type
        # Below 2^15, so a lost first packet cannot confuse the roll-over counter
        # (RFC 3711 section 3.3.1).
        self._sequence = secrets.randbelow(1 << 15)

    def pack(
        self, payloads: Sequence[bytes], timestamp: int, *, level: int | None = None
    ) -> list[bytes]:
        """Return the packets of one frame; the marker is on the last (RFC 7741 section 4.1)."""
        self.timestamp = timestamp & 0xFFFF_FFFF
        packets = []
        for number, payload in enumerate(payloads, start=1):
            last = number == len(payloads)
            packet = RtpPacket(
                self._payload_type, last, self._sequence, self.timestamp, self.ssrc, level, payload
            )
            packets.append(serialise(packet))
            self._sequence = (self._sequence + 1) & 0xFFFF
            self.packets += 1
            self.octets += len(payload)
        return packets


class IncomingStream:
    """Loss and jitter of one stream (RFC 3550 appendices A.3 and A.8)."""

    def __init__(self, clock_rate: int) -> None:
        self.received = 0
        self.jitter = 0.0
        """Seconds, smoothed."""
        self._clock_rate = clock_rate
        self._expected = 0
        self._highest: int | None = None
        self._transit = 0.0

    @property
    def lost(self) -> int:
        """Packets that have not arrived (yet); never negative."""
        return max(0, self._expected - self.received)

    @property
    def expected(self) -> int:
        """Packets that were sent, as far as their numbers tell."""
        return self._expected

    @property
    def highest(self) -> int:
        """Highest sequence number seen, 16 bits; 0 before the first packet."""
        return self._highest or 0

    def push(self, sequence: int, timestamp: int, arrival: float) -> None:
        """Account for one packet; `arrival` in seconds."""
        self.received += 1
        if self._highest is None:
            self._restart(sequence, timestamp, arrival)
            return
        step = (sequence - self._highest) & 0xFFFF
        if step <= MAX_DROPOUT:
            self._highest = sequence
            self._expected += step
        elif step < 0x1_0000 - MAX_MISORDER:
            self._restart(sequence, timestamp, arrival)
            return
        self._update_jitter(timestamp, arrival)

    def _restart(self, sequence: int, timestamp: int, arrival: float) -> None:
        self._expected += 1
        self._highest = sequence
        self._transit = arrival - timestamp / self._clock_rate

    def _update_jitter(self, timestamp: int, arrival: float) -> None:
        transit = arrival - timestamp / self._clock_rate
        step = abs(transit - self._transit)
        self._transit = transit
        if step < MAX_TRANSIT_STEP:
            self.jitter += (step - self.jitter) / 16
