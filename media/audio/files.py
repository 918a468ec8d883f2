"""Sound files: anything PyAV reads becomes frames; what is heard becomes a WAV file."""

from __future__ import annotations

import asyncio
import os
import stat
import struct
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from media.audio.pcm import FRAME_BYTES, SAMPLE_RATE, Pcm, cut_frames, to_bytes
from media.errors import DeviceError

if TYPE_CHECKING:
    import av
    from av.container import InputContainer

BATCH_FRAMES = 25
"""Frames read at a time, in a thread: half a second, so that a slow disk stops nobody else."""
HEADER_EVERY_FRAMES = 50
"""After each second the header is made true: a killed process leaves a file that plays."""


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
    if path.exists() and not path.is_file():
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
                        yield from _samples(resampler, frame)
    with suppress(av.FFmpegError, ValueError):
        yield from _samples(resampler, None)


def _samples(resampler: av.AudioResampler, frame: av.AudioFrame | None) -> Iterator[Pcm]:
    for resampled in resampler.resample(frame):
        yield resampled.to_ndarray().reshape(-1).astype(np.int16, copy=False)


def _unreadable(path: Path, why: str) -> DeviceError:
    return DeviceError(f"{path} cannot be played: {why}", hint="give a sound or video file")


def _reason(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else "unknown format"


class WavWriter:
    """Writes 16-bit mono WAV beside its name (`NAME.part`) and gives it the name when closed.

    The file begins with the first sound: a call that nobody was heard in, because it refused us for
    instance, makes none, and an older one of that name stays.
    Readable by its owner only: it holds what others said. Raises `DeviceError` at once when no file
    can be made there.
    """

    def __init__(self, path: Path) -> None:
        check_place(path)
        self._path = path
        self._part = path.with_name(path.name + ".part")
        self._frames = 0
        self._closed = False
        self._file: BinaryIO | None = None

    async def write(self, frame: Pcm) -> None:
        """Append one frame. Raises `DeviceError` when the disk is full or gone."""
        if self._closed:
            raise DeviceError(f"{self._path} is closed")
        if self._file is None and not frame.any():
            return
        try:
            if self._file is None:
                self._file = self._begin()
            self._file.write(to_bytes(frame))
            self._frames += 1
            if self._frames % HEADER_EVERY_FRAMES == 0:
                self._update_header(self._file)
        except OSError as error:
            raise cannot_be_written(self._path, error) from error

    async def close(self) -> None:
        """Finish the file and give it its name. Raises `DeviceError` when that fails."""
        self._closed = True
        if self._file is None:
            return
        file, self._file = self._file, None
        try:
            await asyncio.to_thread(self._finish, file)
        except OSError as error:
            raise cannot_be_written(self._path, error) from error

    def _begin(self) -> BinaryIO:
        flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC
        file = os.fdopen(os.open(self._part, flags, 0o600), "w+b")
        file.write(wav_header(0))
        return file

    def _finish(self, file: BinaryIO) -> None:
        with file:
            self._update_header(file)
            file.flush()
            os.fsync(file.fileno())
        self._part.replace(self._path)

    def _update_header(self, file: BinaryIO) -> None:
        file.flush()
        file.seek(0)
        file.write(wav_header(self._frames * FRAME_BYTES))
        file.seek(0, os.SEEK_END)


def check_place(path: Path) -> None:
    """Raise `DeviceError` unless a file can be made there, in the place of another one perhaps."""
    try:
        if path.exists() and not stat.S_ISREG(path.stat().st_mode):
            raise DeviceError(f"{path} is no ordinary file", hint="use `-` for a pipe")
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise cannot_be_written(path, error) from error


def cannot_be_written(path: Path, error: OSError) -> DeviceError:
    """Return the error that says so."""
    why = error.strerror or "input/output error"
    return DeviceError(f"{path} cannot be written: {why}")


def wav_header(size: int) -> bytes:
    """Return the 44 bytes before `size` bytes of samples; 4 GiB (12 h) is all it can say."""
    size = min(size, 0xFFFF_FFFF - 36)
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", 36 + size, b"WAVE", b"fmt ", 16, 1, 1),
        *(SAMPLE_RATE, 2 * SAMPLE_RATE, 2, 16, b"data", size),
    )
