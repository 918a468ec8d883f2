"""The server's end of the embedded engine: rooms, legs and the forwarding between them.

It holds SRTP keys of each leg (hop by hop) and no media key: what it forwards is SFrame
ciphertext it cannot open.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence

from media.engine.ports import (
    AUDIO_SLOTS,
    VIDEO_SLOTS,
    MediaAnswer,
    MediaOffer,
    Traffic,
    TransportParameters,
)
from media.errors import TransportError
from media.forwarding.forwarder import Forwarder
from media.limits import TokenBucket
from media.rtp import feedback
from media.rtp.demux import Datagram, sender_ssrc
from media.rtp.packet import parse
from media.rtp.streams import IncomingStream
from media.transport.ice_lite import IceLiteAgent, IceLiteLeg
from media.transport.seams import DtlsSession, certificate_fingerprint, new_certificate

SETUP_TIMEOUT = 30.0
"""Seconds a leg has from joining to a finished DTLS handshake."""
FEEDBACK_RATE, FEEDBACK_BURST = 20.0, 40.0
"""RTCP packets a second accepted from one leg."""
AUDIO_CLOCK = 48_000

LegId = tuple[str, int]
Tap = Callable[[bytes], None]


class _Leg:
    """One participant's transport and what was agreed for it."""

    def __init__(
        self,
        room: str,
        participant: int,
        offer: MediaOffer,
        ice: IceLiteLeg,
        dtls: DtlsSession,
        *,
        leaf: int | None,
    ) -> None:
        self.room = room
        self.participant = participant
        self.leaf = leaf
        self.offer = offer
        self.ice = ice
        self.dtls = dtls
        self.setup: asyncio.Task[None] | None = None
        slots = _distinct_ssrcs(AUDIO_SLOTS + VIDEO_SLOTS, {offer.audio_ssrc, offer.video_ssrc})
        self.audio_slots = slots[:AUDIO_SLOTS]
        self.video_slots = slots[AUDIO_SLOTS:]
        self.audio_in = IncomingStream(AUDIO_CLOCK)
        self.feedback_limit = TokenBucket(FEEDBACK_RATE, FEEDBACK_BURST)

    @property
    def id(self) -> LegId:
        """Key of the leg."""
        return self.room, self.participant

    def send(self, packet: bytes, kind: Datagram = Datagram.RTP) -> None:
        """Protect and send one packet."""
        self.ice.send(self.dtls.protect(packet, kind))


class EmbeddedAdmin:
    """`EngineAdmin` for the embedded engine.

    `tap` and `sent_tap`, for tests, get every RTP packet as this server sees it: what arrived
    after SRTP was taken off, and what is about to be sent before SRTP is put on.
    """

    def __init__(
        self, addresses: Sequence[str], port: int = 0, traffic: Traffic | None = None
    ) -> None:
        self.tap: Tap | None = None
        self.sent_tap: Tap | None = None
        self._agent = IceLiteAgent(addresses, port, traffic)
        self._certificate = new_certificate()
        self._legs: dict[LegId, _Leg] = {}
        self._rooms: dict[str, Forwarder] = {}
        self._endings: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Bind the sockets. Raises `TransportError` when one cannot be bound."""
        await self._agent.start()

    async def join(
        self, room: str, participant: int, offer: MediaOffer, *, leaf: int | None = None
    ) -> MediaAnswer:
        """Add a participant's leg; the leg connects in the background.

        With `leaf`, only frames whose key id names that leaf are forwarded. A second join of the
        same participant replaces the first leg. Raises `TransportError` for an offer that cannot
        work.
        """
        if offer.audio_ssrc == offer.video_ssrc:
            raise TransportError("a media offer uses one SSRC for audio and video")
        await self.leave(room, participant)
        ice = self._agent.open(offer.transport.ufrag, offer.transport.password)
        dtls = DtlsSession(ice, self._certificate, "server")
        leg = _Leg(room, participant, offer, ice, dtls, leaf=leaf)
        ice.on_secure = lambda data, kind: self._received(leg, data, kind)
        ice.on_lost = lambda: self._end_soon(leg)
        dtls.on_closed = lambda: self._end_soon(leg)
        leg.setup = asyncio.create_task(self._set_up(leg))
        self._legs[leg.id] = leg
        transport = TransportParameters(
            ufrag=ice.ufrag,
            password=ice.password,
            candidates=list(self._agent.candidates),
            fingerprint=certificate_fingerprint(self._certificate),
            lite=True,
        )
        return MediaAnswer(transport, list(leg.audio_slots), list(leg.video_slots))

    async def leave(self, room: str, participant: int) -> None:
        """Stop forwarding to and from a participant at once, then close its leg; idempotent."""
        leg = self._legs.get((room, participant))
        if leg is not None:
            await self._end(leg)

    def participants(self, room: str) -> frozenset[int]:
        """Return the participants of a room whose legs are connected and forwarded."""
        forwarder = self._rooms.get(room)
        return frozenset() if forwarder is None else forwarder.participants

    async def close(self) -> None:
        """Close every leg and socket; idempotent."""
        for leg in list(self._legs.values()):
            await self._end(leg)
        if self._endings:
            await asyncio.wait(self._endings)
        await self._agent.close()

    async def _set_up(self, leg: _Leg) -> None:
        try:
            async with asyncio.timeout(SETUP_TIMEOUT):
                await leg.dtls.start(leg.offer.transport.fingerprint)
        except (TransportError, TimeoutError):
            self._end_soon(leg)
            return
        self._rooms.setdefault(leg.room, Forwarder()).add(
            leg.participant,
            audio_ssrc=leg.offer.audio_ssrc,
            video_ssrc=leg.offer.video_ssrc,
            audio_slots=leg.audio_slots,
            video_slots=leg.video_slots,
            leaf=leg.leaf,
        )

    def _end_soon(self, leg: _Leg) -> None:
        """End a leg from where nothing can be awaited."""
        task = asyncio.create_task(self._end(leg))
        self._endings.add(task)
        task.add_done_callback(self._endings.discard)

    async def _end(self, leg: _Leg) -> None:
        if self._legs.get(leg.id) is leg:
            del self._legs[leg.id]
            self._stop_forwarding(leg)
        if leg.setup is not None and not leg.setup.done():
            leg.setup.cancel()
            # `wait_for`, by which a handshake waits, may lose a cancellation that meets a packet
            # (python/cpython#86296); a handshake whose transport has ended ends all the same.
            leg.ice.close()
            await asyncio.wait([leg.setup])
        await leg.dtls.stop()
        self._agent.drop(leg.ice)

    def _stop_forwarding(self, leg: _Leg) -> None:
        forwarder = self._rooms.get(leg.room)
        if forwarder is None:
            return
        forwarder.remove(leg.participant, time.monotonic())
        if not forwarder.participants:
            del self._rooms[leg.room]

    def _received(self, leg: _Leg, data: bytes, kind: Datagram) -> bool:
        """Take one SRTP or SRTCP packet; return whether it was authentic."""
        if sender_ssrc(data, kind) not in (leg.offer.audio_ssrc, leg.offer.video_ssrc):
            return False
        packet = leg.dtls.unprotect(data, kind)
        if packet is None:
            return False
        forwarder = self._rooms.get(leg.room)
        if forwarder is not None:
            now = time.monotonic()
            if kind is Datagram.RTCP:
                self._feedback_received(leg, forwarder, packet, now)
            else:
                self._forward(leg, forwarder, packet, now)
            for publisher in forwarder.key_frame_requests:
                self._ask_key_frame(leg.room, publisher)
            forwarder.key_frame_requests.clear()
        return True

    def _forward(self, leg: _Leg, forwarder: Forwarder, packet: bytes, now: float) -> None:
        if self.tap is not None:
            self.tap(packet)
        header = parse(packet)
        if header is not None and header.ssrc == leg.offer.audio_ssrc:
            leg.audio_in.push(header.sequence, header.timestamp, now)
        for participant, out in forwarder.forward(leg.participant, packet, now):
            receiver = self._legs.get((leg.room, participant))
            if receiver is None or not receiver.dtls.connected:
                continue
            if self.sent_tap is not None:
                self.sent_tap(out)
            receiver.send(out)

    def _feedback_received(
        self, leg: _Leg, forwarder: Forwarder, packet: bytes, now: float
    ) -> None:
        if not leg.feedback_limit.take(now):
            return
        for item in feedback.parse(packet):
            match item:
                case feedback.KeyFrameRequest(media_ssrc=ssrc):
                    forwarder.request_key_frame(leg.participant, ssrc, now)
                case feedback.SenderReport(ssrc=ssrc) if ssrc == leg.offer.audio_ssrc:
                    report = feedback.receiver_report(
                        leg.audio_slots[0], item, leg.audio_in, AUDIO_CLOCK
                    )
                    leg.send(report, Datagram.RTCP)
                case _:
                    pass

    def _ask_key_frame(self, room: str, participant: int) -> None:
        leg = self._legs.get((room, participant))
        if leg is not None and leg.dtls.connected:
            # The server has no stream of its own; it reports as the first slot, which the
            # client expects packets from.
            request = feedback.key_frame_request(leg.audio_slots[0], leg.offer.video_ssrc)
            leg.send(request, Datagram.RTCP)


def _distinct_ssrcs(count: int, taken: set[int]) -> list[int]:
    """Return `count` random SSRCs, none of them 0, taken or twice."""
    found: list[int] = []
    while len(found) < count:
        ssrc = secrets.randbits(32)
        if ssrc and ssrc not in taken:
            taken = taken | {ssrc}
            found.append(ssrc)
    return found
