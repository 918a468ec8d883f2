"""RTP payloads back to frames. Pure: no clock, no I/O.

A frame is given out at the packet that completes it: the marker bit says where it ends, so there
is no waiting for the next frame, as aiortc's jitter buffer does.
"""

from __future__ import annotations

from dataclasses import dataclass

from media.video.packets import PICTURE_ID_MODULUS, VideoPayload, parse_payload

WINDOW = 128
"""Packets kept, so also the largest frame: 128 x 1096 bytes, ten times a key frame of ours."""
MAX_PAYLOAD = 1500
_SEQUENCE_MODULUS = 1 << 16


@dataclass(frozen=True)
class _Packet:
    timestamp: int
    marker: bool
    payload: VideoPayload


class FrameAssembler:
    """Puts one stream's frames together; gives complete frames only, in order, each at most once.

    Packets may be lost, doubled and swapped within `WINDOW`. A frame that completes after a later
    one was given out is dropped: frames are 66 ms or more apart, so that happens only to packets
    so late that their picture is of no use.
    """

    def __init__(self) -> None:
        self.gaps = 0
        """Times a frame did not follow the one before it: after each a key frame is due."""
        self._packets: dict[int, _Packet] = {}
        self._newest: int | None = None
        self._given = -1
        self._picture_id: int | None = None

    def push(self, sequence: int, timestamp: int, marker: bool, payload: bytes) -> bytes | None:
        """Take one packet; return the frame it completes, if any. Never raises for hostile input.

        `sequence` is the 16-bit RTP sequence number, `timestamp` the RTP timestamp.
        """
        if len(payload) > MAX_PAYLOAD:
            return None
        parsed = parse_payload(payload)
        if parsed is None:
            return None
        index = self._unwrap(sequence % _SEQUENCE_MODULUS)
        if index <= self._given or index in self._packets:
            return None
        self._packets[index] = _Packet(timestamp, marker, parsed)
        self._forget_before(index)
        return self._complete(index)

    def _unwrap(self, sequence: int) -> int:
        """Extend a sequence number to one that never wraps.

        A step of more than `WINDOW` either way is a new sender in the slot, as after a restart
        (RFC 3550 appendix A.1): what was pending is dropped and counting goes on from there.
        """
        if self._newest is None:
            self._newest = sequence
            self._given = sequence - WINDOW
            return sequence
        half = _SEQUENCE_MODULUS // 2
        step = (sequence - self._newest + half) % _SEQUENCE_MODULUS - half
        if abs(step) > WINDOW:
            self._packets.clear()
            self._newest += _SEQUENCE_MODULUS + step
            self._given = self._newest - WINDOW
            return self._newest
        index = self._newest + step
        self._newest = max(self._newest, index)
        return index

    def _forget_before(self, index: int) -> None:
        """Drop what has left the window, if the packet just added may have moved it."""
        if index != self._newest:
            return
        oldest = index - WINDOW
        for old in [old for old in self._packets if old <= oldest]:
            del self._packets[old]

    def _complete(self, index: int) -> bytes | None:
        """Return the frame around a packet if all of it is here, and forget all up to its end."""
        first = last = index
        while not self._packets[first].payload.starts:
            if not self._joined(first - 1, first):
                return None
            first -= 1
        while not self._packets[last].marker:
            if not self._joined(last, last + 1):
                return None
            last += 1
        data = b"".join(self._packets[i].payload.data for i in range(first, last + 1))
        self._note_picture(self._packets[first].payload.picture_id)
        self._given = last
        for old in [old for old in self._packets if old <= last]:
            del self._packets[old]
        return data

    def _joined(self, left: int, right: int) -> bool:
        """Whether two neighbouring packets are here and belong to one frame."""
        a, b = self._packets.get(left), self._packets.get(right)
        return (
            a is not None
            and b is not None
            and a.timestamp == b.timestamp
            and a.payload.picture_id == b.payload.picture_id
            and not a.marker
            and not b.payload.starts
        )

    def _note_picture(self, picture_id: int) -> None:
        if self._picture_id is not None:
            expected = (self._picture_id + 1) % PICTURE_ID_MODULUS
            self.gaps += picture_id != expected
        self._picture_id = picture_id
