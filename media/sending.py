"""Our side of a call: what is captured, shown to ourselves, metered, encoded and sent.

The microphone and the camera run only while what they give can really be sent, or while somebody
rehearses before that. `now` is `time.monotonic` in seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine
from typing import Any

from e2ee.media_keys import MediaKeyring
from media.audio.levels import Meter
from media.audio.pcm import Pcm
from media.control import OWN, Configure, Event, Publishing, SetPrivacy, Speaking
from media.engine.ports import AUDIO_SLOTS, EngineSession
from media.inputs import Inputs
from media.publishing import AudioPublication, VideoPublication
from media.receiving import Views
from media.video import Rgb


class Sending:
    """From `Configure` to the engine; whoever changes an attribute calls `settle`."""

    def __init__(
        self,
        engine: EngineSession,
        keyring: MediaKeyring,
        views: Views,
        emit: Callable[[Event], None],
        spawn: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        self.muted = self.camera = False
        self.rehearsing = False
        self.connected = False
        self.leaf: int | None = None
        self.others = 0
        """How many people there are besides us."""
        self.meter = Meter()
        self.inputs = Inputs(emit, on_frame=self._sound_captured, on_picture=self._picture_captured)
        self._engine = engine
        self._keyring = keyring
        self._views = views
        self._emit = emit
        self._spawn = spawn
        self._could_send = False
        self._published = Publishing(audio=False, video=False)
        self._audio: AudioPublication | None = None
        self._video = VideoPublication(engine, keyring)
        engine.on_key_frame_request = self._video.want_key_frame

    async def open(self, configure: Configure) -> list[str]:
        """Open the sources without starting them; return notes. Raises `DeviceError`."""
        self.muted, self.camera = configure.muted, configure.camera
        self._audio = AudioPublication(
            self._engine,
            self._keyring,
            share_level=configure.share_level,
            constant_bitrate=configure.constant_bitrate,
            on_speaking=self._we_speak,
        )
        return [
            await self.inputs.choose_video(configure.video_in),
            await self.choose_audio(configure.audio_in),
        ]

    async def choose_audio(self, spec: str) -> str:
        """Take another source of sound; return a note. Raises `DeviceError`."""
        return await self.inputs.choose_audio(spec, muted=self.muted)

    def set_privacy(self, command: SetPrivacy) -> None:
        """Give away that much from the next packet on."""
        if self._audio is not None:
            self._audio.set_privacy(
                share_level=command.share_level, constant_bitrate=command.constant_bitrate
            )

    def settle(self) -> None:
        """Start or stop microphone and camera, without waiting: they never run for nobody.

        What they give until they have stopped is dropped, so a mute is at once.
        """
        if self._audio is not None and (self.muted or not self._can_send(time.monotonic())):
            self._audio.silence()
        self._spawn(
            self.inputs.settle(
                lambda: not self.muted and self._wanted(time.monotonic()),
                lambda: self.camera and self._wanted(time.monotonic()),
            )
        )

    def tick(self, now: float) -> None:
        """Look at what changes by itself: keys that become due, packets that left."""
        can_send = self._can_send(now)
        if can_send:
            self.rehearsing = False  # before the others, what runs goes on
        if self._could_send != can_send:
            self._could_send = can_send
            self.settle()
        audio = self._audio is not None and self._audio.is_publishing(now)
        published = Publishing(audio=audio, video=self._video.is_publishing(now))
        if published != self._published:
            self._published = published
            self._emit(published)

    async def close(self) -> None:
        """Stop the devices for good and free the encoder."""
        self.connected = self.rehearsing = False
        await self.inputs.close()
        if self._audio is not None:
            self._audio.close()

    def _can_send(self, now: float) -> bool:
        return self.connected and self._keyring.can_seal(now)

    def _wanted(self, now: float) -> bool:
        return self.rehearsing or self._can_send(now)

    def _sound_captured(self, frame: Pcm) -> None:
        if self.muted:
            return
        self.meter.take(frame)
        if self.connected and self._audio is not None:
            # However few the server says: it would be told for saying so.
            self._audio.push(frame, time.monotonic(), crowded=self.others > AUDIO_SLOTS)

    def _picture_captured(self, rgb: Rgb) -> None:
        if not self.camera:
            return
        self._views.show(OWN, rgb)
        if self.leaf is not None:
            self._views.show(self.leaf, rgb)
        if self.connected:
            self._video.push(rgb, time.monotonic())

    def _we_speak(self, on: bool) -> None:
        if self.leaf is not None:
            self._emit(Speaking(self.leaf, on))
