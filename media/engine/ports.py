"""What an engine is: the values that set a transport up, and the two ports every engine implements.

Pure: no I/O and no library but msgspec, so the wire module may carry these values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal, Protocol

import msgspec

Ssrc = Annotated[int, msgspec.Meta(ge=1, le=0xFFFF_FFFF)]
ShortText = Annotated[str, msgspec.Meta(max_length=256)]

AUDIO_SLOTS = 4
"""Downstream audio streams each client is given."""
VIDEO_SLOTS = 9
"""Downstream video streams each client is given."""
AUDIO_PAYLOAD_TYPE = 111
VIDEO_PAYLOAD_TYPE = 96

Kind = Literal["audio", "video"]


class IceCandidate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One ICE candidate (RFC 8445 section 5.1); UDP only."""

    foundation: ShortText
    component: Annotated[int, msgspec.Meta(ge=1, le=2)]
    priority: Annotated[int, msgspec.Meta(ge=0, le=0xFFFF_FFFF)]
    ip: ShortText
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)]
    type: Literal["host", "srflx", "prflx", "relay"]


class TransportParameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """ICE credentials and candidates, and the DTLS certificate's SHA-256 fingerprint (RFC 8122)."""

    ufrag: ShortText
    password: ShortText
    candidates: Annotated[list[IceCandidate], msgspec.Meta(max_length=32)]
    fingerprint: Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
    lite: bool = False


class MediaOffer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a client tells an engine to start sending and receiving; made once a call."""

    transport: TransportParameters
    audio_ssrc: Ssrc
    video_ssrc: Ssrc


class MediaAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the engine answers: where it is, and the SSRCs of the slots it will fill."""

    transport: TransportParameters
    audio_slots: Annotated[list[Ssrc], msgspec.Meta(max_length=16)]
    video_slots: Annotated[list[Ssrc], msgspec.Meta(max_length=64)]


class EncryptedFrame(msgspec.Struct, frozen=True):
    """One SFrame-encrypted frame as it left or reached the transport.

    `timestamp` is the publisher's RTP timestamp (48 kHz audio, 90 kHz video), unauthenticated:
    use it for timing only. `arrival` is in seconds of `time.monotonic`.
    """

    kind: Kind
    slot: int
    payload: bytes
    timestamp: int
    arrival: float


class TransportStats(msgspec.Struct, frozen=True):
    """Counters of one transport since it opened; bytes are SRTP payloads with headers.

    `loss` and `sent_loss` are the shares lost in the last seconds of what was to come here, and of
    the sound we sent (None: the other side has not told, or there was none). `traffic` is all that
    went to each remote address and came from it, `host:port` to bytes in UDP datagrams.
    """

    remote: str = ""
    sent_bytes: int = 0
    received_bytes: int = 0
    sent_packets: int = 0
    received_packets: int = 0
    lost_packets: int = 0
    jitter_ms: float = 0.0
    round_trip_ms: float | None = None
    loss: float = 0.0
    sent_loss: float | None = None
    traffic: dict[str, tuple[int, int]] = {}


class EngineSession(Protocol):
    """A client's leg to an engine. Coroutine-safe within one event loop."""

    on_frame: Callable[[EncryptedFrame], None]
    on_key_frame_request: Callable[[], None]
    on_closed: Callable[[str], None]

    async def offer(self) -> MediaOffer:
        """Gather candidates and return the offer. No address outside this machine is contacted.

        Another time: give up the transport there was, whose end is not told, for a new one.
        """

    async def connect(self, answer: MediaAnswer) -> None:
        """Run ICE and DTLS. Raises `TransportError` if either fails."""

    def send_audio(self, payload: bytes, timestamp: int, level: int | None) -> None:
        """Send one encrypted audio frame; `level` 0 (silent) to 3 (loud), coarse on purpose.

        None: the level is not told.
        """

    def send_video(self, payload: bytes, timestamp: int, *, key_frame: bool) -> None:
        """Packetise and send one encrypted video frame."""

    def request_key_frame(self, slot: int) -> None:
        """Ask (PLI, RFC 4585 section 6.3.1) whoever fills this video slot for a key frame."""

    def stats(self) -> TransportStats:
        """Counters so far."""

    async def close(self) -> None:
        """Close the transport; idempotent."""


class Traffic(Protocol):
    """Who is told of every datagram a server's media sockets send and receive, in bytes.

    A received one is told after what it brought about was sent. Cheap: it is called for each.
    """

    def sent(self, host: str, size: int) -> None:
        """Count a datagram to an IP address."""

    def received(self, host: str, size: int) -> None:
        """Count a datagram from an IP address; that may be forged, and there may be any number."""


class EngineAdmin(Protocol):
    """A server's handle on an engine: rooms and the participants whose media it forwards."""

    async def start(self) -> None:
        """Bind what the engine needs. Raises `TransportError` when it cannot."""

    async def join(
        self, room: str, participant: int, offer: MediaOffer, *, leaf: int | None = None
    ) -> MediaAnswer:
        """Add a participant's leg; the leg connects in the background.

        With `leaf`, only frames whose key id names that leaf are forwarded.
        """

    async def leave(self, room: str, participant: int) -> None:
        """Stop forwarding to and from a participant at once; idempotent."""

    async def close(self) -> None:
        """Close every leg and socket."""
