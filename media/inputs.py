"""The microphone and the camera, or what stands in for them: running only while they are wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from media.audio.devices import open_source
from media.audio.pcm import Pcm
from media.control import DeviceNote, Event, InputEnded
from media.errors import DeviceError
from media.video import Rgb


class _Source(Protocol):
    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def close(self) -> None: ...


class _Switch:
    """One source, started, stopped and closed by nobody else.

    A start is never cancelled: a device that opens after nobody waits for it would stay open.
    """

    def __init__(self, source: _Source, note: Callable[[str], None]) -> None:
        self._source = source
        self._note = note
        self._lock = asyncio.Lock()
        self._on = self._closed = False

    async def settle(self, wanted: Callable[[], bool]) -> None:
        """Start or stop, as `wanted` says once whoever switches at the moment has finished."""
        async with self._lock:
            if self._closed or self._on == wanted():
                return
            if self._on:
                self._on = False
                await self._source.stop()
                return
            try:
                await self._source.start()
                self._on = True
            except DeviceError as error:
                self._note(error.message)

    async def close(self) -> None:
        """Stop for good."""
        async with self._lock:
            self._closed = True
            if self._on:
                self._on = False
                await self._source.stop()
            await self._source.close()


class Inputs:
    """Opens sources by their specs; stopped means that the device itself is stopped."""

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
        self._audio: _Switch | None = None
        self._video: _Switch | None = None

    @property
    def has_microphone(self) -> bool:
        """Whether there is a source of sound."""
        return self._audio is not None

    @property
    def has_camera(self) -> bool:
        """Whether there is a source of pictures."""
        return self._video is not None

    async def choose_audio(self, spec: str, *, muted: bool) -> str:
        """Take another source of sound, not started yet, for the one there was; return a note.

        Raises `DeviceError` for one that cannot be, and keeps the old one then.
        """
        source, note = await asyncio.to_thread(
            open_source,
            spec,
            on_frame=self._on_frame,
            on_end=lambda reason: self._emit(InputEnded("audio", reason)),
        )
        if source is not None and muted:
            await source.stop()  # what a pipe gives from now on is said while muted
        self._audio = await self._instead(self._audio, source)
        return note

    async def choose_video(self, spec: str) -> str:
        """Take another source of pictures, likewise."""
        source, note = await asyncio.to_thread(self._open_video, spec)
        self._video = await self._instead(self._video, source)
        return note

    async def settle(self, audio: Callable[[], bool], video: Callable[[], bool]) -> None:
        """Start and stop both as wanted; neither waits for the other.

        Raises nothing: a device that cannot be started is a note, and is tried again next time.
        """
        pairs = ((self._audio, audio), (self._video, video))
        await asyncio.gather(*(switch.settle(wanted) for switch, wanted in pairs if switch))

    async def close(self) -> None:
        """Stop both for good."""
        self._audio = await self._instead(self._audio, None)
        self._video = await self._instead(self._video, None)

    def _open_video(self, spec: str) -> tuple[_Source | None, str]:
        """Open a camera, in a thread; who has none does not even load what reads and encodes."""
        if spec == "none":
            return None, ""
        from media.video import capture, vp8

        return capture.open_video_source(
            spec,
            fps=vp8.FPS,
            size=(vp8.WIDTH, vp8.HEIGHT),
            on_picture=self._on_picture,
            on_end=lambda: self._emit(InputEnded("video")),
            on_note=self._note,
        )

    async def _instead(self, old: _Switch | None, source: _Source | None) -> _Switch | None:
        if old is not None:
            await old.close()
        return None if source is None else _Switch(source, self._note)

    def _note(self, text: str) -> None:
        if text:
            self._emit(DeviceNote(text))
