"""From our microphone and camera to encrypted frames handed to the engine.

Nothing is encoded, and nothing is told to anybody, while there is no key to send with or no
transport to send on. `now` is `time.monotonic` in seconds.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

from e2ee.media_keys import MediaKeyring, Stream
from media.audio import redundancy
from media.audio.levels import SpeakingDetector, coarse, level
from media.audio.opus import Encoder as OpusEncoder
from media.audio.pcm import FRAME_SAMPLES, SAMPLE_RATE, Pcm
from media.engine.ports import EngineSession
from media.video import Rgb
from media.video.frame_tag import clear_bytes

if TYPE_CHECKING:
    from media.video.vp8 import Encoder as Vp8Encoder

PUBLISHING_WINDOW = 0.2
"""Seconds a sent packet counts as *publishing*."""
KEY_FRAME_INTERVAL = 0.5
"""Seconds between two key frames, however many ask for one."""
PAUSE = 0.1
"""Seconds without a frame from which the next one starts anew: timestamp moves, no redundancy."""
VIDEO_CLOCK = 90_000


class AudioPublication:
    """Opus, redundancy, SFrame, engine: one call for each 20 ms of our sound."""

    def __init__(
        self,
        engine: EngineSession,
        keyring: MediaKeyring,
        *,
        share_level: bool,
        constant_bitrate: bool,
        on_speaking: Callable[[bool], None],
    ) -> None:
        self._engine = engine
        self._keyring = keyring
        self._share_level = share_level
        self._on_speaking = on_speaking
        self._encoder = OpusEncoder(constant=constant_bitrate)
        self._detector = SpeakingDetector()
        self._previous: bytes | None = None
        self._timestamp = secrets.randbits(32)
        self._last = -1e9

    def push(self, frame: Pcm, now: float, *, crowded: bool) -> None:
        """Send one frame, or do nothing at all if there is no key to send with.

        `crowded`: more people are there than are heard at once, so that whoever chooses between
        them needs to know how loud each is.
        """
        if not self._keyring.can_seal(now):
            return
        self._move_clock(now)
        encoded = self._encoder.encode(frame)
        payload = redundancy.pack(self._previous, encoded)
        self._previous = encoded
        sealed = self._keyring.seal(Stream.AUDIO, payload, now=now)
        if sealed is None:
            return
        loudness = level(frame)
        told = coarse(loudness) if self._share_level and crowded else None
        self._engine.send_audio(sealed, self._timestamp, told)
        self._last = now
        self._detect(loudness)

    def is_publishing(self, now: float) -> bool:
        """Return whether a packet was handed to the transport just now."""
        return now - self._last <= PUBLISHING_WINDOW

    def silence(self) -> None:
        """The microphone was stopped: we speak no more."""
        if self._detector.speaking:
            self._on_speaking(False)
        self._detector.reset()

    def set_privacy(self, *, share_level: bool, constant_bitrate: bool) -> None:
        """Give away that much from the next packet on."""
        self._share_level = share_level
        self._encoder.set_constant(constant_bitrate)

    def close(self) -> None:
        """Free the encoder."""
        self._encoder.close()

    def _move_clock(self, now: float) -> None:
        """Advance the RTP timestamp by one frame, or by as many as a pause was long."""
        pause = now - self._last
        frames = 1
        if pause > PAUSE:
            self._previous = None
            frames = max(1, round(pause * SAMPLE_RATE / FRAME_SAMPLES))
        self._timestamp = (self._timestamp + frames * FRAME_SAMPLES) & 0xFFFF_FFFF

    def _detect(self, loudness: float) -> None:
        was = self._detector.speaking
        on = self._detector.update(loudness)
        if on != was:
            self._on_speaking(on)


class VideoPublication:
    """VP8, SFrame, engine: one call for each picture of our camera."""

    def __init__(self, engine: EngineSession, keyring: MediaKeyring) -> None:
        self._engine = engine
        self._keyring = keyring
        self._encoder: Vp8Encoder | None = None
        self._clock_offset = secrets.randbits(32)
        self._last = -1e9
        self._last_key = -1e9
        self._key_wanted = True

    def push(self, rgb: Rgb, now: float) -> None:
        """Send one picture, or do nothing at all if there is no key to send with."""
        if not self._keyring.can_seal(now):
            return
        key = self._key_wanted and now - self._last_key >= KEY_FRAME_INTERVAL
        if self._encoder is None:
            from media.video.vp8 import Encoder as Vp8Encoder  # the camera has loaded it already

            self._encoder = Vp8Encoder()
        encoded = self._encoder.encode(rgb, key=key)
        if encoded.is_key:
            self._key_wanted = False
            self._last_key = now
        clear = clear_bytes(encoded.data)
        sealed = self._keyring.seal(Stream.VIDEO, encoded.data, clear=clear, now=now)
        if sealed is None:
            return
        timestamp = (int(now * VIDEO_CLOCK) + self._clock_offset) & 0xFFFF_FFFF
        self._engine.send_video(sealed, timestamp, key_frame=encoded.is_key)
        self._last = now

    def want_key_frame(self) -> None:
        """Make the next picture a key frame, or the first one the rate limit allows."""
        self._key_wanted = True

    def is_publishing(self, now: float) -> bool:
        """Return whether a packet was handed to the transport just now."""
        return now - self._last <= PUBLISHING_WINDOW
