"""Microphone and loudspeaker through PortAudio (`sounddevice`), loaded only when asked for.

PortAudio calls us in a thread of its own; everything crosses into the event loop before it touches
anything of ours.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Literal, NamedTuple

import numpy as np

from media.audio.pacing import PacedSink, Pull
from media.audio.pcm import FRAME_BYTES, FRAME_SAMPLES, SAMPLE_RATE, Pcm
from media.errors import DeviceError

FORMAT = {
    "samplerate": SAMPLE_RATE,
    "channels": 1,
    "dtype": "int16",
    "blocksize": FRAME_SAMPLES,
    "latency": "low",
}
MAX_QUEUED_FRAMES = 3
"""A sink starts with one frame ready and keeps one more after each time it had none."""

Direction = Literal["input", "output"]
_WHAT: dict[Direction, str] = {"input": "microphone", "output": "loudspeaker"}

_stderr_lock = threading.Lock()


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Keep ALSA and JACK, which print to file descriptor 2 as they please, off the screen.

    The descriptor belongs to the whole process: one at a time, and only while a device opens.
    """
    with _stderr_lock:
        try:
            saved = os.dup(2)
        except OSError:  # there is no standard error to protect
            yield
            return
        sys.stderr.flush()
        null = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(null, 2)
            yield
        finally:
            os.dup2(saved, 2)
            os.close(saved)
            os.close(null)


class Card(NamedTuple):
    """A device that was found: the module `sounddevice`, and its number and name there."""

    sounddevice: Any
    number: int
    name: str


def find(direction: Direction, name: str | None = None) -> Card:
    """Return the device with this name, or the default one.

    Takes some 100 ms the first time. Raises `DeviceError` without PortAudio or without the device.
    """
    what = _WHAT[direction]
    with quiet_stderr():
        sounddevice = _load(what)
        try:
            if name is None:
                default = sounddevice.query_devices(kind=direction)
                return Card(sounddevice, int(default["index"]), str(default["name"]))
            for device in _usable(sounddevice, direction):
                if device["name"] == name:
                    return Card(sounddevice, int(device["index"]), name)
        except (sounddevice.PortAudioError, ValueError) as error:
            raise DeviceError(f"no {what} found") from error
    raise DeviceError(f"no {what} found", hint=f"there is no {what} called {name}")


def names(direction: Direction) -> list[tuple[str, bool]]:
    """Return the names of all devices, and whether each is the default; blocks like `find`."""
    try:
        chosen = find(direction)
    except DeviceError:
        return []
    with quiet_stderr():
        found = [str(device["name"]) for device in _usable(chosen.sounddevice, direction)]
    return [(name, name == chosen.name) for name in dict.fromkeys(found)]


def _load(what: str) -> Any:
    try:
        import sounddevice
    except (ImportError, OSError) as error:
        raise DeviceError(
            f"no {what} found", hint="PortAudio is not installed: apt install libportaudio2"
        ) from error
    return sounddevice


def _usable(sounddevice: Any, direction: Direction) -> list[Any]:
    channels = f"max_{direction}_channels"
    return [device for device in sounddevice.query_devices() if device[channels] > 0]


def _open(card: Card, direction: Direction, **callbacks: Any) -> Any:
    """Open and start a stream; blocks. Raises `DeviceError` when the device is busy or odd."""
    sounddevice = card.sounddevice
    make = sounddevice.RawInputStream if direction == "input" else sounddevice.RawOutputStream
    with quiet_stderr():
        try:
            stream = make(device=card.number, **FORMAT, **callbacks)
            try:
                stream.start()
            except sounddevice.PortAudioError:
                stream.close()
                raise
        except (sounddevice.PortAudioError, ValueError) as error:
            raise DeviceError(
                f"the {_WHAT[direction]} cannot be used", hint="another program may be using it"
            ) from error
    return stream


async def _open_in_thread(card: Card, direction: Direction, **callbacks: Any) -> Any:
    """Open without holding up the event loop; whoever gives up waiting leaves no open device."""
    opening = asyncio.ensure_future(asyncio.to_thread(_open, card, direction, **callbacks))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(_close_unclaimed)
        raise


def _close_unclaimed(opening: asyncio.Future[Any]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        _close(opening.result())


def _close(stream: Any) -> None:
    """Give the device back to the system; blocks."""
    stream.abort(ignore_errors=True)
    stream.close(ignore_errors=True)


class Microphone:
    """Frames from a microphone. Stopped means closed: the system shows it unused."""

    def __init__(
        self, card: Card, *, on_frame: Callable[[Pcm], None], on_end: Callable[[str], None]
    ) -> None:
        self._card = card
        self._on_frame = on_frame
        self._on_end = on_end
        self._stream: Any = None
        self._take = 0  # counts stops: what an earlier take recorded is thrown away
        self._lock = asyncio.Lock()

    async def start(self) -> None:
        """Open the microphone. Raises `DeviceError` when it cannot be used."""
        take = self._take
        async with self._lock:
            if self._stream is not None or take != self._take:
                return
            loop = asyncio.get_running_loop()

            def callback(data: Any, _frames: int, _time: Any, _status: Any) -> None:
                frame = np.frombuffer(bytes(data), np.int16)
                with suppress(RuntimeError):  # the loop has just closed
                    loop.call_soon_threadsafe(self._deliver, take, frame)

            def finished() -> None:
                with suppress(RuntimeError):
                    loop.call_soon_threadsafe(self._finished, take)

            self._stream = await _open_in_thread(
                self._card, "input", callback=callback, finished_callback=finished
            )

    async def stop(self) -> None:
        """Close the microphone. From this call on no frame is given, whatever is still on its way.

        A start that is just opening it is waited for, and its stream closed.
        """
        self._take += 1
        async with self._lock:
            stream, self._stream = self._stream, None
            if stream is not None:
                await asyncio.to_thread(_close, stream)

    async def close(self) -> None:
        """Stop for good."""
        await self.stop()

    def _deliver(self, take: int, frame: Pcm) -> None:
        if take == self._take and len(frame) == FRAME_SAMPLES:
            self._on_frame(frame)

    def _finished(self, take: int) -> None:
        if take == self._take:  # nobody stopped it: it was unplugged
            self._on_end("")


class Loudspeaker:
    """Plays what it pulls on a loudspeaker, whose clock sets the pace.

    PortAudio's thread takes ready frames from a queue and asks the event loop for more, so `pull`
    runs in the loop only. When the device goes away the pulling goes on without it.
    """

    def __init__(self, card: Card, *, pull: Pull, on_note: Callable[[str], None]) -> None:
        self.missed = 0
        self._card = card
        self._pull = pull
        self._on_note = on_note
        self._queue: deque[bytes] = deque()
        self._depth = 1
        self._playing = False
        self._stream: Any = None
        self._instead: PacedSink | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Open the loudspeaker; without one, say so and pull all the same."""
        if self._stream is not None or self._instead is not None:
            return
        self._loop = asyncio.get_running_loop()
        self._playing = True
        self._refill()
        try:
            self._stream = await _open_in_thread(
                self._card,
                "output",
                callback=self._callback,
                finished_callback=self._finished_in_thread,
            )
        except DeviceError as error:
            await self._replace(error.message)

    async def stop(self) -> None:
        """Close the loudspeaker and pull no more; idempotent."""
        self._playing = False
        stream, self._stream = self._stream, None
        if stream is not None:
            await asyncio.to_thread(_close, stream)
        if self._instead is not None:
            await self._instead.stop()
            self._instead = None

    def _callback(self, out: Any, _frames: int, _time: Any, _status: Any) -> None:
        try:
            out[:] = self._queue.popleft()
        except IndexError:
            out[:] = bytes(FRAME_BYTES)
            self.missed += 1
            self._depth = min(MAX_QUEUED_FRAMES, self._depth + 1)
        self._call_soon(self._refill)

    def _refill(self) -> None:
        while self._playing and len(self._queue) < self._depth:
            self._queue.append(self._pull(time.monotonic()).tobytes())

    def _finished_in_thread(self) -> None:
        self._call_soon(self._finished)

    def _finished(self) -> None:
        if self._stream is None:  # we stopped it ourselves
            return
        task = asyncio.get_running_loop().create_task(self._replace("the loudspeaker is gone"))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _replace(self, note: str) -> None:
        stream, self._stream = self._stream, None
        self._playing = False
        self._instead = PacedSink(None, pull=self._pull, on_note=self._on_note)
        await self._instead.start()
        self._on_note(note)
        if stream is not None:
            await asyncio.to_thread(_close, stream)

    def _call_soon(self, call: Callable[[], None]) -> None:
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has just closed
                self._loop.call_soon_threadsafe(call)
