"""Sound without a sound card: sources and sinks on the machine's clock, 50 frames a second."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import cycle
from typing import Protocol

from media.audio.pcm import FRAME_SECONDS, Pcm
from media.errors import DeviceError

MAX_BEHIND_SECONDS = 0.1
"""What a stall may be caught up with: 5 frames at once. The rest of a longer one is let go."""
PULLED_AT_ONCE = 4
"""Frames a sink pulls at a time: no ear waits at a file or a pipe, and waking up 50 times a second
costs more than decoding does. Short enough that every look at a meter finds some."""
DISCARDED_AT_ONCE = 4
"""Frames thrown away a tick: faster than they are spoken, as a pipe may hold 0.7 s of old sound."""
PHASE = random.random() * FRAME_SECONDS  # noqa: S311 - spreads processes, hides nothing
"""Where in every 20 ms this process ticks: source and sink wake it once, not one after the other,
as the two sides of a sound card do; other processes of the machine tick at another time."""


class FrameReader(Protocol):
    """Where frames come from, one after the other."""

    async def read(self) -> Pcm | None:
        """Return the next frame, None at the end. A cancelled read loses no frame.

        Raises `DeviceError` when it turns out that there is no sound.
        """

    async def close(self) -> None:
        """Release what is held; idempotent."""


class FrameWriter(Protocol):
    """Where frames go."""

    async def write(self, frame: Pcm) -> None:
        """Take one frame without waiting for anybody. Raises `DeviceError` when it is over."""

    async def close(self) -> None:
        """Finish what was written and release what is held; idempotent."""


Pull = Callable[[float], Pcm]
"""Gives the 20 ms that are due at a moment of `time.monotonic`, which is now or a little ago."""


class Pacer:
    """Ticks every so many frames on an absolute grid, so that late wake-ups do not become drift."""

    def __init__(
        self,
        frames: int = 1,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        phase: float = PHASE,
    ) -> None:
        self._period = frames * FRAME_SECONDS
        self._clock = clock
        self._sleep = sleep
        self._phase = phase
        self._due: float | None = None

    async def tick(self) -> float:
        """Wait for the next tick; return when it was due. Lets others run even when behind."""
        now = self._clock()
        if self._due is None or now - self._due > MAX_BEHIND_SECONDS:
            self._due = now + self._until_phase(now)
        due = self._due
        await self._sleep(max(0.0, due - now))
        self._due = due + self._period
        return due

    def _until_phase(self, now: float) -> float:
        wait = (self._phase - now) % FRAME_SECONDS
        return wait if wait < FRAME_SECONDS - 1e-6 else 0.0  # a hair before its time is its time


class PacedSource:
    """Gives a reader's frames in real time and says when they have ended, and why if not well.

    `stop` pauses a recording where it is. A `live` reader is read on while stopped, also before
    it was ever started, and what it gives is thrown away: what was said while muted must not be
    sent when the mute ends.
    """

    def __init__(
        self,
        reader: FrameReader,
        *,
        on_frame: Callable[[Pcm], None],
        on_end: Callable[[str], None],
        live: bool = False,
    ) -> None:
        self._reader = reader
        self._on_frame = on_frame
        self._on_end = on_end
        self._live = live
        self._on = False
        self._held: Pcm | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Give frames from now on; does nothing when it does already, or after the end."""
        self._on = True
        self._read_on()

    async def stop(self) -> None:
        """Give no more frames, from this call on, until `start`."""
        self._on = False
        if self._live:
            self._read_on()
        else:
            await self._cancel()

    async def close(self) -> None:
        """Stop for good."""
        self._on = False
        await self._cancel()
        await self._reader.close()

    def _read_on(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def _cancel(self) -> None:
        task = self._task
        if task is None or task.done():
            return
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        self._task = None

    async def _run(self) -> None:
        pacer, turn, why = Pacer(), cycle(range(DISCARDED_AT_ONCE)), ""
        while True:
            try:
                if self._held is None:
                    self._held = await self._reader.read()
            except DeviceError as error:
                why = error.message
            wanted = self._on
            if self._held is None:
                break
            if wanted or next(turn) == 0:
                await pacer.tick()
            frame, self._held = self._held, None
            if wanted and self._on:
                self._on_frame(frame)
        await self._reader.close()
        self._on_end(why)


class PacedSink:
    """Pulls 50 frames a second and hands them to a writer, or, without one, lets them go.

    They are pulled `PULLED_AT_ONCE`, each as if in its own time. A sink that has nowhere to play
    still pulls: that is what keeps jitter buffers running. When the writer is over, `on_note` is
    told once and the pulling goes on.
    """

    def __init__(
        self,
        writer: FrameWriter | None,
        *,
        pull: Pull,
        on_note: Callable[[str], None],
    ) -> None:
        self._writer = writer
        self._pull = pull
        self._on_note = on_note
        self._pulled = 0.0
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to pull; does nothing when it does already."""
        if self._task is None:
            self._pulled = time.monotonic()
            self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Pull no more than is due by now and finish what was written; idempotent."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None
            await self._pull_until(time.monotonic())
        await self._finish()

    async def _run(self) -> None:
        pacer = Pacer(PULLED_AT_ONCE)
        while True:
            await self._pull_until(await pacer.tick())

    async def _pull_until(self, now: float) -> None:
        """Pull what became due since; what a stall made older than one tick is let go."""
        for number in range(PULLED_AT_ONCE - 1, -1, -1):
            due = now - number * FRAME_SECONDS
            if due - self._pulled > FRAME_SECONDS / 2:
                self._pulled = due
                await self._write(self._pull(due))

    async def _write(self, frame: Pcm) -> None:
        if self._writer is None:
            return
        try:
            await self._writer.write(frame)
        except DeviceError as error:
            self._on_note(error.message)
            await self._finish()

    async def _finish(self) -> None:
        writer, self._writer = self._writer, None
        if writer is None:
            return
        try:
            await writer.close()
        except DeviceError as error:
            self._on_note(error.message)
