"""Slots: the few streams a receiver is given, whoever fills them at the moment."""

from __future__ import annotations

from collections.abc import Sequence

from media.rtp.packet import HEADER, PLAIN, RtpPacket

MAX_GAP = 1000
"""Largest forward step of a publisher's sequence numbers that is passed on as it is."""
MAX_REORDER = 256
"""How far behind the newest a late packet is still passed on."""


class Slot:
    """One downstream stream: its own SSRC and unbroken numbering, filled by one publisher.

    Only the SSRC and the sequence number are rewritten. The timestamp stays the publisher's (its
    clock is what a jitter buffer needs, and buffers are per speaker); header extensions are
    stripped, so receivers see nothing a publisher put there.

    Gaps are kept, so a receiver sees what was lost before the server. Wild jumps are not: they
    would let a publisher throw the roll-over counter of the receiver's SRTP out of step. No
    number is ever used for two packets.
    """

    __slots__ = (
        "_floor",
        "_fresh",
        "_last_in",
        "_last_out",
        "_offset",
        "publisher",
        "since",
        "ssrc",
    )

    def __init__(self, ssrc: int) -> None:
        self.ssrc = ssrc
        self.publisher: int | None = None
        self.since = 0.0
        self._fresh = True
        self._last_in = 0
        self._last_out = 0
        self._floor = 0
        self._offset = 0

    def assign(self, publisher: int | None, now: float) -> None:
        """Give the slot to a publisher (None: to nobody)."""
        self.publisher = publisher
        self.since = now
        self._fresh = True

    def rewrite(self, packet: RtpPacket) -> bytes | None:
        """Return the packet as this slot's receiver gets it, None if it comes too late."""
        step = (packet.sequence - self._last_in) & 0xFFFF
        if self._fresh or MAX_GAP < step < 0x1_0000 - MAX_REORDER:
            self._rebase(packet.sequence)
        number = (packet.sequence + self._offset) & 0xFFFF
        if (number - self._floor) & 0xFFFF >= 0x8000:
            return None
        self._advance(packet.sequence, number)
        second = packet.payload_type | (0x80 if packet.marker else 0)
        header = HEADER.pack(PLAIN, second, number, packet.timestamp, self.ssrc)
        return header + packet.payload

    def _rebase(self, sequence: int) -> None:
        self._floor = (self._last_out + 1) & 0xFFFF
        self._offset = (self._floor - sequence) & 0xFFFF
        self._fresh = False

    def _advance(self, sequence: int, number: int) -> None:
        if (number - self._last_out) & 0xFFFF >= 0x8000:
            return
        self._last_in = sequence
        self._last_out = number
        if (number - self._floor) & 0xFFFF > MAX_REORDER:
            self._floor = (number - MAX_REORDER) & 0xFFFF


class SlotTable:
    """The slots of one kind that one receiver has."""

    def __init__(self, ssrcs: Sequence[int]) -> None:
        self.slots = tuple(Slot(ssrc) for ssrc in ssrcs)
        self._by_publisher: dict[int, Slot] = {}

    def of(self, publisher: int) -> Slot | None:
        """Return the slot a publisher fills."""
        return self._by_publisher.get(publisher)

    def free(self) -> Slot | None:
        """Return a slot nobody fills."""
        return next((slot for slot in self.slots if slot.publisher is None), None)

    def publisher_of(self, ssrc: int) -> int | None:
        """Return who fills the slot with that SSRC."""
        return next((slot.publisher for slot in self.slots if slot.ssrc == ssrc), None)

    def give(self, slot: Slot, publisher: int, now: float) -> None:
        """Give a slot to a publisher, taking it from whoever has it."""
        if slot.publisher is not None:
            del self._by_publisher[slot.publisher]
        self._by_publisher[publisher] = slot
        slot.assign(publisher, now)

    def release(self, publisher: int, now: float) -> None:
        """Free the slot of a publisher who left."""
        slot = self._by_publisher.pop(publisher, None)
        if slot is not None:
            slot.assign(None, now)
