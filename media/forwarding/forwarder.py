"""The forwarding core of one room: packets in, packets out, no I/O, nothing opened.

Payloads are SFrame ciphertext; only headers are read: RTP's, and SFrame's for whom a packet says
it is of. A participant never gets its own
media back. What is not for forwarding (unknown SSRC, wrong payload type, malformed, too large,
too many) is dropped without a word: the sender is either broken or hostile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from media.engine.ports import AUDIO_PAYLOAD_TYPE, VIDEO_PAYLOAD_TYPE
from media.forwarding.claims import is_audio_of, is_video_of
from media.forwarding.keyframes import KeyFrameGate
from media.forwarding.slots import Slot, SlotTable
from media.forwarding.voice import Voice
from media.limits import TokenBucket
from media.rtp.packet import RtpPacket, parse

MAX_AUDIO_PACKET = 700
"""Bytes: two Opus frames at the highest rate used, SFrame and the header, with room."""
AUDIO_PACKETS_PER_SECOND = 75.0
VIDEO_PACKETS_PER_SECOND = 250.0
VIDEO_BYTES_PER_SECOND = 125_000.0
"""1 Mb/s: ten times what a picture for a terminal takes."""
BURST_SECONDS = 1.0

HOLD = 1.0
"""Seconds a speaker keeps an audio slot against somebody louder."""
MARGIN = 1.0
"""Steps of level a newcomer must be louder by."""
AUDIO_IDLE = 1.0
"""Seconds without a packet after which an audio slot may be taken by anybody."""
VIDEO_IDLE = 3.0
CLAIM_INTERVAL = 0.1
"""Seconds between two attempts of one publisher to get slots it does not have."""

Forwarded = tuple[int, bytes]


class _Participant:
    """What the core knows of one participant, as publisher and as receiver."""

    __slots__ = (
        "audio",
        "audio_claim_at",
        "audio_limit",
        "audio_ssrc",
        "id",
        "key_frames",
        "last_video",
        "leaf",
        "video",
        "video_bytes",
        "video_claim_at",
        "video_limit",
        "video_ssrc",
        "voice",
    )

    def __init__(
        self,
        participant: int,
        leaf: int | None,
        ssrcs: tuple[int, int],
        audio: SlotTable,
        video: SlotTable,
    ) -> None:
        self.id = participant
        self.leaf = leaf
        self.audio_ssrc, self.video_ssrc = ssrcs
        self.audio = audio
        self.video = video
        self.voice = Voice()
        self.last_video = 0.0
        self.audio_claim_at = self.video_claim_at = 0.0
        self.key_frames = KeyFrameGate()
        self.audio_limit = TokenBucket(
            AUDIO_PACKETS_PER_SECOND, AUDIO_PACKETS_PER_SECOND * BURST_SECONDS
        )
        self.video_limit = TokenBucket(
            VIDEO_PACKETS_PER_SECOND, VIDEO_PACKETS_PER_SECOND * BURST_SECONDS
        )
        self.video_bytes = TokenBucket(
            VIDEO_BYTES_PER_SECOND, VIDEO_BYTES_PER_SECOND * BURST_SECONDS
        )


class Forwarder:
    """One room. Call `forward`, then drain `key_frame_requests` (participants to send a PLI)."""

    def __init__(self) -> None:
        self.key_frame_requests: list[int] = []
        self._participants: dict[int, _Participant] = {}

    @property
    def participants(self) -> frozenset[int]:
        """Everybody who was added and not removed."""
        return frozenset(self._participants)

    def add(
        self,
        participant: int,
        *,
        audio_ssrc: int,
        video_ssrc: int,
        audio_slots: Sequence[int],
        video_slots: Sequence[int],
        leaf: int | None = None,
    ) -> None:
        """Add a participant: the SSRCs it sends with, and the SSRCs of the slots it is given.

        With `leaf`, packets that are not encrypted as that leaf's are dropped.
        """
        self._participants[participant] = _Participant(
            participant,
            leaf,
            (audio_ssrc, video_ssrc),
            SlotTable(audio_slots),
            SlotTable(video_slots),
        )

    def remove(self, participant: int, now: float) -> None:
        """Stop forwarding to and from a participant; its slots are free for others."""
        if self._participants.pop(participant, None) is None:
            return
        for other in self._participants.values():
            other.audio.release(participant, now)
            other.video.release(participant, now)

    def forward(self, participant: int, data: bytes, now: float) -> list[Forwarded]:
        """Return what to send to whom for one RTP packet (already unprotected) of a participant."""
        sender = self._participants.get(participant)
        packet = parse(data)
        if sender is None or packet is None:
            return []
        self._ask_if_due(sender, now)
        match packet.payload_type, packet.ssrc:
            case (payload_type, ssrc) if (
                payload_type == AUDIO_PAYLOAD_TYPE and ssrc == sender.audio_ssrc
            ):
                return self._forward_audio(sender, packet, len(data), now)
            case (payload_type, ssrc) if (
                payload_type == VIDEO_PAYLOAD_TYPE and ssrc == sender.video_ssrc
            ):
                return self._forward_video(sender, packet, len(data), now)
            case _:
                return []

    def request_key_frame(self, participant: int, slot_ssrc: int, now: float) -> None:
        """A receiver asks for a key frame of whoever fills one of its video slots."""
        receiver = self._participants.get(participant)
        if receiver is None:
            return
        publisher = self._participants.get(receiver.video.publisher_of(slot_ssrc) or 0)
        if publisher is not None:
            publisher.key_frames.request()
            self._ask_if_due(publisher, now)

    def _forward_audio(
        self, sender: _Participant, packet: RtpPacket, size: int, now: float
    ) -> list[Forwarded]:
        if size > MAX_AUDIO_PACKET or not sender.audio_limit.take(now):
            return []
        if sender.leaf is not None and not is_audio_of(sender.leaf, packet.payload):
            return []
        sender.voice.heard(packet.level, now)
        may_claim = now >= sender.audio_claim_at
        if may_claim:
            sender.audio_claim_at = now + CLAIM_INTERVAL

        def slot_at(receiver: _Participant) -> Slot | None:
            slot = receiver.audio.of(sender.id)
            if slot is None and may_claim:
                slot = self._claim_audio(receiver, sender, now)
            return slot

        return self._fan_out(sender, packet, slot_at)

    def _forward_video(
        self, sender: _Participant, packet: RtpPacket, size: int, now: float
    ) -> list[Forwarded]:
        if not (sender.video_limit.take(now) and sender.video_bytes.take(now, size)):
            return []
        if sender.leaf is not None and not is_video_of(sender.leaf, packet.payload):
            return []
        sender.last_video = now
        may_claim = now >= sender.video_claim_at
        if may_claim:
            sender.video_claim_at = now + CLAIM_INTERVAL

        def slot_at(receiver: _Participant) -> Slot | None:
            slot = receiver.video.of(sender.id)
            if slot is None and may_claim:
                slot = self._claim_video(receiver, sender, now)
            return slot

        return self._fan_out(sender, packet, slot_at)

    def _fan_out(
        self,
        sender: _Participant,
        packet: RtpPacket,
        slot_at: Callable[[_Participant], Slot | None],
    ) -> list[Forwarded]:
        """Return the packet rewritten for everybody else who has a slot for it."""
        out = []
        for receiver in self._participants.values():
            if receiver is sender:
                continue
            slot = slot_at(receiver)
            if slot is not None and (rewritten := slot.rewrite(packet)) is not None:
                out.append((receiver.id, rewritten))
        return out

    def _claim_audio(self, receiver: _Participant, sender: _Participant, now: float) -> Slot | None:
        """Give the sender a slot: a free one, an idle one, or that of somebody clearly quieter."""
        slot = receiver.audio.free()
        if slot is None:
            slot = min(receiver.audio.slots, key=lambda item: self._loudness(item, now))
            weakest = self._loudness(slot, now)
            held = now - slot.since >= HOLD
            louder = sender.voice.score(now) >= weakest + MARGIN
            if not (weakest < 0 or (held and louder)):
                return None
        receiver.audio.give(slot, sender.id, now)
        return slot

    def _claim_video(self, receiver: _Participant, sender: _Participant, now: float) -> Slot | None:
        """Give the sender a free slot or one whose publisher stopped; pictures do not jump."""
        slot = receiver.video.free()
        if slot is None:
            slot = min(receiver.video.slots, key=self._last_video)
            if now - self._last_video(slot) < VIDEO_IDLE:
                return None
        receiver.video.give(slot, sender.id, now)
        sender.key_frames.request()
        self._ask_if_due(sender, now)
        return slot

    def _loudness(self, slot: Slot, now: float) -> float:
        """Return the level of who fills a slot; below zero when it has stopped sending."""
        voice = self._participants[slot.publisher or 0].voice
        return -1.0 if now - voice.last > AUDIO_IDLE else voice.score(now)

    def _last_video(self, slot: Slot) -> float:
        return self._participants[slot.publisher or 0].last_video

    def _ask_if_due(self, publisher: _Participant, now: float) -> None:
        if publisher.key_frames.due(now):
            self.key_frame_requests.append(publisher.id)
