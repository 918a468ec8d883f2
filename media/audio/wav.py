"""WAV: 16-bit mono samples behind a header that says how many there are."""

from __future__ import annotations

import struct
from pathlib import Path

from media.audio.pcm import FRAME_BYTES, SAMPLE_RATE, Pcm, to_bytes
from media.audio.private import PrivateFile
from media.errors import DeviceError

HEADER_EVERY_FRAMES = 50
"""After each second the header is made true: a killed process leaves a file that plays."""


class WavWriter:
    """Writes a WAV file, which begins with the first frame.

    Raises `DeviceError` at once when no file can be made there.
    """

    def __init__(self, path: Path) -> None:
        self._file = PrivateFile(path)
        self._frames = 0
        self._over = False

    async def write(self, frame: Pcm) -> None:
        """Append one frame. Raises `DeviceError` when the disk is full or gone."""
        try:
            if self._frames == 0:
                await self._file.put(wav_header(0))
            await self._file.put(to_bytes(frame))
            self._frames += 1
            if self._frames % HEADER_EVERY_FRAMES == 0:
                await self._count()
        except DeviceError:
            self._over = True
            raise

    async def close(self) -> None:
        """Finish the file. Raises `DeviceError` when that fails."""
        over, self._over = self._over, True
        try:
            if self._frames and not over:
                await self._count()
        finally:
            await self._file.close()

    async def _count(self) -> None:
        await self._file.begin_with(wav_header(self._frames * FRAME_BYTES))


def wav_header(size: int) -> bytes:
    """Return the 44 bytes before `size` bytes of samples; 4 GiB (12 h) is all it can say."""
    size = min(size, 0xFFFF_FFFF - 36)
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", 36 + size, b"WAVE", b"fmt ", 16, 1, 1),
        *(SAMPLE_RATE, 2 * SAMPLE_RATE, 2, 16, b"data", size),
    )
