"""A client's session with the embedded engine: frames to packets and back, over one leg."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable

from media.engine.ports import (
    AUDIO_PAYLOAD_TYPE,
    VIDEO_PAYLOAD_TYPE,
    EncryptedFrame,
    MediaAnswer,
    MediaOffer,
    TransportStats,
)
from media.errors import TransportError
from media.rtp import feedback
from media.rtp.demux import Datagram
from media.rtp.packet import MAX_LEVEL, RtpPacket, parse
from media.rtp.recent import RecentShare
from media.rtp.streams import IncomingStream, OutgoingStream
from media.transport.seams import ByteCounts
from media.transport.webrtc import ClientLeg
from media.video.assemble import FrameAssembler
from media.video.packets import packetize

AUDIO_CLOCK = 48_000
VIDEO_CLOCK = 90_000
REPORT_INTERVAL = 2.0
"""Seconds between two sender reports; each brings back a round-trip time."""
MAX_AUDIO_PAYLOAD = 600


class _Slot:
    """One downstream slot: its number, counters and, for video, its frames in the making."""

    __slots__ = ("assembler", "gaps", "number", "ssrc", "stream")

    def __init__(self, number: int, ssrc: int, *, video: bool) -> None:
        self.number = number
        self.ssrc = ssrc
        self.stream = IncomingStream(VIDEO_CLOCK if video else AUDIO_CLOCK)
        self.assembler = FrameAssembler() if video else None
        self.gaps = 0


class EmbeddedSession:
    """`EngineSession` for the embedded engine.

    Set the three callbacks before `connect`; they are called in the event loop. `send_*` drop
    what cannot be sent (not connected yet, or no more): late media is worth nothing.
    """

    def __init__(self) -> None:
        self.on_frame: Callable[[EncryptedFrame], None] = lambda _frame: None
        self.on_key_frame_request: Callable[[], None] = lambda: None
        self.on_closed: Callable[[str], None] = lambda _reason: None
        self._traffic: ByteCounts = {}
        self._leg = self._new_leg()
        self._offered = False
        self._carried = [0, 0, 0, 0]
        """What legs of before sent and received, bytes then packets."""
        audio_ssrc = _random_ssrc()
        self._audio = OutgoingStream(audio_ssrc, AUDIO_PAYLOAD_TYPE)
        # Never equal to the audio SSRC: one bit always differs.
        self._video = OutgoingStream(audio_ssrc ^ (1 << 30), VIDEO_PAYLOAD_TYPE)
        self._picture_id = secrets.randbelow(1 << 15)
        self._slots: dict[int, _Slot] = {}
        self._video_slots: list[int] = []
        self._round_trip: float | None = None
        self._loss, self._loss_of_ours = RecentShare(), RecentShare()
        self._timer: asyncio.TimerHandle | None = None
        self._connecting = False

    async def offer(self) -> MediaOffer:
        """Return the offer; contacts nobody and tells none of this machine's addresses.

        Another time: of a new leg; the old one is closed, and `on_closed` is not called for it.
        """
        if self._offered:
            await self._renew()
        self._offered = True
        return MediaOffer(self._leg.parameters(), self._audio.ssrc, self._video.ssrc)

    async def connect(self, answer: MediaAnswer) -> None:
        """Run ICE and DTLS, once an offer. Raises `TransportError` if either fails."""
        if self._connecting:
            raise TransportError("this media session was already connected once")
        self._connecting = True
        self._take_slots(answer)
        await self._leg.connect(answer.transport)
        self._report()

    def send_audio(self, payload: bytes, timestamp: int, level: int | None) -> None:
        """Send one encrypted audio frame; a `level` of None is not told.

        Raises `TransportError` for a frame no server would forward.
        """
        if len(payload) > MAX_AUDIO_PAYLOAD:
            raise TransportError("an encrypted audio frame is too large to send")
        told = None if level is None else max(0, min(level, MAX_LEVEL))
        for packet in self._audio.pack([payload], timestamp, level=told):
            self._leg.send(packet)

    def send_video(self, payload: bytes, timestamp: int, *, key_frame: bool) -> None:
        """Packetise and send one encrypted video frame.

        The server is not told which frames are key frames, so `key_frame` is not used here.
        """
        del key_frame
        self._picture_id = (self._picture_id + 1) & 0x7FFF
        for packet in self._video.pack(packetize(payload, self._picture_id), timestamp):
            self._leg.send(packet)

    def request_key_frame(self, slot: int) -> None:
        """Send a PLI for a video slot; an unknown slot is ignored."""
        if 0 <= slot < len(self._video_slots):
            ssrc = self._video_slots[slot]
            self._leg.send(feedback.key_frame_request(self._video.ssrc, ssrc), Datagram.RTCP)

    def stats(self) -> TransportStats:
        """Return the counters: loss over all slots, jitter of the worst audio slot.

        Video packets leave in bursts, so their RFC 3550 jitter says nothing of the network.
        """
        slots = self._slots.values()
        audio_jitters = [slot.stream.jitter for slot in slots if slot.assembler is None]
        lost = sum(slot.stream.lost for slot in slots)
        self._loss.add(time.monotonic(), lost, sum(slot.stream.expected for slot in slots))
        sent_bytes, received_bytes, sent_packets, received_packets = self._totals(self._leg)
        return TransportStats(
            remote=self._leg.remote,
            sent_bytes=sent_bytes,
            received_bytes=received_bytes,
            sent_packets=sent_packets,
            received_packets=received_packets,
            lost_packets=lost,
            jitter_ms=1000 * max(audio_jitters, default=0.0),
            round_trip_ms=None if self._round_trip is None else self._round_trip * 1000,
            loss=self._loss.share() or 0.0,
            sent_loss=self._loss_of_ours.share(),
            traffic={address: (sent, got) for address, (sent, got) in self._traffic.items()},
        )

    async def close(self) -> None:
        """Close the leg; idempotent. `on_closed` is not called for it."""
        self._stop_reports()
        await self._leg.close()

    def _totals(self, leg: ClientLeg) -> list[int]:
        here = (leg.sent_bytes, leg.received_bytes, leg.sent_packets, leg.received_packets)
        return [before + now for before, now in zip(self._carried, here, strict=True)]

    def _new_leg(self) -> ClientLeg:
        leg = ClientLeg(traffic=self._traffic)
        leg.on_packet = self._received
        leg.on_closed = self._lost
        return leg

    async def _renew(self) -> None:
        """Begin with another leg. Numbers and counters of what we send go on."""
        self._stop_reports()
        old, self._leg = self._leg, self._new_leg()
        self._carried = self._totals(old)
        self._connecting = False
        self._slots.clear()
        self._video_slots = []
        self._loss, self._loss_of_ours = RecentShare(), RecentShare()  # both count anew
        await old.close()

    def _take_slots(self, answer: MediaAnswer) -> None:
        ssrcs = [*answer.audio_slots, *answer.video_slots]
        if len(set(ssrcs)) != len(ssrcs) or not answer.audio_slots:
            raise TransportError("the server's media answer gives one slot twice, or none")
        self._video_slots = list(answer.video_slots)
        for number, ssrc in enumerate(answer.audio_slots):
            self._slots[ssrc] = _Slot(number, ssrc, video=False)
        for number, ssrc in enumerate(answer.video_slots):
            self._slots[ssrc] = _Slot(number, ssrc, video=True)
        self._leg.expected = frozenset(self._slots)

    def _received(self, data: bytes, kind: Datagram) -> None:
        now = time.monotonic()
        if kind is Datagram.RTCP:
            self._feedback_received(data, now)
            return
        packet = parse(data)
        slot = None if packet is None else self._slots.get(packet.ssrc)
        if packet is None or slot is None:
            return
        slot.stream.push(packet.sequence, packet.timestamp, now)
        if slot.assembler is not None:
            self._video_received(slot, slot.assembler, packet, now)
        elif packet.payload_type == AUDIO_PAYLOAD_TYPE:
            self.on_frame(
                EncryptedFrame("audio", slot.number, packet.payload, packet.timestamp, now)
            )

    def _video_received(
        self, slot: _Slot, assembler: FrameAssembler, packet: RtpPacket, now: float
    ) -> None:
        if packet.payload_type != VIDEO_PAYLOAD_TYPE:
            return
        frame = assembler.push(packet.sequence, packet.timestamp, packet.marker, packet.payload)
        if assembler.gaps != slot.gaps:
            # What follows a gap refers to pictures we do not have.
            slot.gaps = assembler.gaps
            self.request_key_frame(slot.number)
        if frame is not None:
            self.on_frame(EncryptedFrame("video", slot.number, frame, packet.timestamp, now))

    def _feedback_received(self, data: bytes, now: float) -> None:
        for item in feedback.parse(data):
            match item:
                case feedback.KeyFrameRequest(media_ssrc=ssrc) if ssrc == self._video.ssrc:
                    self.on_key_frame_request()
                case feedback.ReceptionReport(ssrc=ssrc) if ssrc == self._audio.ssrc:
                    self._round_trip = item.round_trip(now)
                    self._loss_of_ours.add(now, item.lost, self._audio.packets)
                case _:
                    pass

    def _report(self) -> None:
        report = feedback.sender_report(self._audio, time.monotonic())
        self._leg.send(report, Datagram.RTCP)
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(REPORT_INTERVAL, self._report)

    def _stop_reports(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _lost(self, reason: str) -> None:
        self._stop_reports()
        self.on_closed(reason)


def _random_ssrc() -> int:
    """Return a random SSRC whose variants with bit 30 flipped are valid too (never 0)."""
    return secrets.randbits(32) | 1
