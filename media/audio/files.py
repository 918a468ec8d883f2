"""Sound files: anything PyAV reads becomes frames."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from media.audio.pcm import SAMPLE_RATE, Pcm, cut_frames
from media.errors import DeviceError

if TYPE_CHECKING:
    import av
    from av.container import InputContainer

BATCH_FRAMES = 25
"""Frames read at a time, in a thread: half a second, so that a slow disk stops nobody else."""


class BatchReader:
    """Reads frames from an iterator that may block, half a second ahead and in a thread."""

    def __init__(self, frames: Iterator[Pcm], close: Callable[[], None]) -> None:
        self._frames = frames
        self._close = close
        self._batch: list[Pcm] = []
        self._pending: asyncio.Future[list[Pcm]] | None = None

    async def read(self) -> Pcm | None:
        """Return the next frame, None at the end."""
        if not self._batch:
            if self._pending is None:
                self._pending = asyncio.ensure_future(asyncio.to_thread(self._next_batch))
            # Shielded: whoever stops listening meanwhile finds the frames at the next read.
            self._batch = (await asyncio.shield(self._pending))[::-1]
            self._pending = None
        return self._batch.pop() if self._batch else None

    async def close(self) -> None:
        """Close the file, once the thread has let go of it."""
        self._frames = iter(())
        if self._pending is not None:
            await self._pending
        self._close()

    def _next_batch(self) -> list[Pcm]:
        return list(islice(self._frames, BATCH_FRAMES))


def open_file(path: Path) -> BatchReader:
    """Open a file with an audio stream for reading. Raises `DeviceError` when it has none.

    Nothing but the file itself is opened, whatever addresses a playlist may name.
    """
    try:
        path.stat()  # what is not there is said at once, before FFmpeg is loaded
    except OSError as error:
        raise _unreadable(path, _reason(error)) from error
    if not path.is_file():
        raise _unreadable(path, "it is no ordinary file")
    import av  # not at the top: it loads all of FFmpeg, 16 MB, for who plays a file

    try:
        container = av.open(
            f"file:{path.absolute()}",
            options={"protocol_whitelist": "file"},
            metadata_errors="replace",
        )
    except (OSError, av.FFmpegError, ValueError) as error:
        raise _unreadable(path, _reason(error)) from error
    if not container.streams.audio:
        container.close()
        raise _unreadable(path, "there is no sound in it")
    return BatchReader(cut_frames(decode(container)), container.close)


def decode(container: InputContainer) -> Iterator[Pcm]:
    """Give the first audio stream as mono samples at 48 kHz, in chunks of any length.

    Damaged packets are left out; a container that breaks off ends there.
    """
    import av

    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    with suppress(av.FFmpegError, ValueError):
        for packet in container.demux(audio=0):
            with suppress(av.error.InvalidDataError):
                for frame in packet.decode():
                    if isinstance(frame, av.AudioFrame):
                        yield from resampled(resampler, frame)
    with suppress(av.FFmpegError, ValueError):
        yield from resampled(resampler, None)


def resampled(resampler: av.AudioResampler, frame: av.AudioFrame | None) -> Iterator[Pcm]:
    """Give the samples of a frame as the resampler makes them, after None those it held back."""
    for made in resampler.resample(frame):
        yield made.to_ndarray().reshape(-1).astype(np.int16, copy=False)


def _unreadable(path: Path, why: str) -> DeviceError:
    return DeviceError(f"{path} cannot be played: {why}", hint="give a sound or video file")


def _reason(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else "unknown format"
