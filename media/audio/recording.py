"""What is heard, kept: in step with the clock, coded as asked, in a file or a pipe."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from media.audio.pacing import FrameWriter
from media.audio.pcm import FRAME_SECONDS, SILENCE, Pcm, to_bytes
from media.errors import DeviceError

SLACK_FRAMES = 10
"""So much later than its time a frame may come before silence is put in: whoever paces them catches
up by itself with less."""


class Coding(Protocol):
    """How frames become bytes; each method gives what to append next, perhaps nothing."""

    def begin(self) -> bytes:
        """Return what comes first."""

    def write(self, frame: Pcm) -> bytes:
        """Take one frame."""

    def finish(self) -> bytes:
        """Return what comes last."""


class Sink(Protocol):
    """Where bytes go."""

    async def put(self, data: bytes) -> None:
        """Append bytes. Raises `DeviceError` when it is over."""

    async def close(self) -> None:
        """Release what is held; idempotent."""


class Samples:
    """Bare 16-bit samples, behind a header if one is given."""

    def __init__(self, header: bytes = b"") -> None:
        self._header = header

    def begin(self) -> bytes:
        """Return the header."""
        return self._header

    def write(self, frame: Pcm) -> bytes:
        """Return a frame's samples."""
        return to_bytes(frame)

    def finish(self) -> bytes:
        """Nothing is held back."""
        return b""


class CodedWriter:
    """Writes frames as a coding makes them into a sink; whatever was written plays."""

    def __init__(self, coding: Coding, sink: Sink) -> None:
        self._coding = coding
        self._sink = sink
        self._begun = self._over = False

    async def write(self, frame: Pcm) -> None:
        """Append one frame. Raises `DeviceError` when it is over."""
        data = self._coding.write(frame)
        await self.put(data)

    async def put(self, data: bytes) -> None:
        """Append what the coding gave. Raises `DeviceError`."""
        if not self._begun:
            self._begun = True
            data = self._coding.begin() + data
        try:
            if data:
                await self._sink.put(data)
        except DeviceError:
            self._over = True
            raise

    async def close(self) -> None:
        """Append what comes last, if there is anything it could belong to."""
        over, self._over = self._over, True
        try:
            if self._begun and not over:
                await self._sink.put(self._coding.finish())
        finally:
            await self._sink.close()


class Recording:
    """Writes frames from the first sound on, and silence for those a busy machine left out.

    So a moment of the recording is as far from its beginning as it was in the call, and two
    recordings of one call stay together.
    """

    def __init__(self, writer: FrameWriter, clock: Callable[[], float] = time.monotonic) -> None:
        self._writer = writer
        self._clock = clock
        self._begun: float | None = None
        self._frames = 0

    async def write(self, frame: Pcm) -> None:
        """Append one frame in its place. Raises `DeviceError`."""
        if self._begun is None:
            if not frame.any():
                return
            self._begun = self._clock()
        late = round((self._clock() - self._begun) / FRAME_SECONDS) - self._frames
        for _ in range(late if late > SLACK_FRAMES else 0):
            await self._append(SILENCE)
        await self._append(frame)

    async def close(self) -> None:
        """Finish what was written."""
        await self._writer.close()

    async def _append(self, frame: Pcm) -> None:
        await self._writer.write(frame)
        self._frames += 1
