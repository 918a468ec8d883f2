"""The microphone and the camera, or what stands in for them: running only while they are wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from media.audio.devices import AudioSource, open_source
from media.audio.pcm import Pcm
from media.control import Configure, DeviceNote, Event, InputEnded
from media.errors import DeviceError
from media.video import Rgb
from media.video.capture import VideoSource, open_video_source
from media.video.vp8 import FPS, HEIGHT, WIDTH


class _Source(Protocol):
    async def start(self) -> None: ...
    async def stop(self) -> None: ...


class Inputs:
    """Opens the sources a `Configure` names; stopped means that the device itself is stopped."""

    def __init__(
        self,
        emit: Callable[[Event], None],
        *,
        on_frame: Callable[[Pcm], None],
        on_picture: Callable[[Rgb], None],
    ) -> None:
        self._emit = emit
        self._on_frame = on_frame
        self._on_picture = on_picture
        self._audio: AudioSource | None = None
        self._video: VideoSource | None = None
        self._running: set[_Source] = set()
        self._lock = asyncio.Lock()

    async def open(self, configure: Configure) -> None:
        """Open both sources without starting them. Raises `DeviceError` for one that cannot be."""
        self._video = open_video_source(
            configure.video_in,
            fps=FPS,
            size=(WIDTH, HEIGHT),
            on_picture=self._on_picture,
            on_end=lambda: self._emit(InputEnded("video")),
            on_note=self._note,
        )
        self._audio, note = await asyncio.to_thread(
            open_source,
            configure.audio_in,
            on_frame=self._on_frame,
            on_end=lambda: self._emit(InputEnded("audio")),
        )
        self._note(note)

    async def settle(self, wanted: Callable[[], tuple[bool, bool]]) -> None:
        """Start and stop so that (audio, video) are as `wanted` says once nobody else settles.

        Raises nothing: a device that cannot be started is a note, and is tried again next time.
        """
        async with self._lock:
            audio, video = wanted()
            await self._set(self._audio, audio)
            await self._set(self._video, video)

    async def close(self) -> None:
        """Stop both for good."""
        async with self._lock:
            if self._video is not None:
                await self._video.stop()
            if self._audio is not None:
                await self._audio.close()
            self._audio = self._video = None
            self._running.clear()

    async def _set(self, source: _Source | None, on: bool) -> None:
        if source is None or (source in self._running) == on:
            return
        if not on:
            self._running.discard(source)
            await source.stop()
            return
        try:
            await source.start()
        except DeviceError as error:
            self._note(error.message)
        else:
            self._running.add(source)

    def _note(self, text: str) -> None:
        if text:
            self._emit(DeviceNote(text))
