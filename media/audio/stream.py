"""Sound through standard input, from its first sample to its last, whatever its form."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

import av
import numpy as np
from av.container import InputContainer
from av.error import FFmpegError

from media.audio.files import decode, resampled
from media.audio.pcm import SAMPLE_RATE, Pcm, cut_frames
from media.errors import DeviceError
from media.pump import Pump

AHEAD_FRAMES: Final = 25
"""Half a second is read ahead; whoever writes more has to wait."""
PIECES: Final = 50
"""Pieces a second in which bare samples are read."""
LOOK: Final = 12
"""Bytes that tell one form from another."""

MIN_RATE, MAX_RATE = 4_000, 384_000
MAX_CHANNELS: Final = 16

_BEGINNINGS: Final = (
    *(b"RIFF", b"RF64", b"OggS", b"fLaC", b"ID3", b"FORM", b"caff", b".snd"),
    b"\x1aE\xdf\xa3",  # Matroska and WebM
)


class StreamReader:
    """Reads frames; nothing is read before the first is wanted, and nothing is thrown away.

    `rate` and `channels` are those of bare 16-bit little-endian samples; a form that has a header
    says its own.
    """

    def __init__(self, descriptor: int, rate: int, channels: int) -> None:
        self._pump = Pump(cut_frames(_sound(descriptor, rate, channels)), AHEAD_FRAMES)

    async def read(self) -> Pcm | None:
        """Return the next frame, None at the end. Raises `DeviceError` if there is no sound."""
        return await self._pump.take()

    async def close(self) -> None:
        """Read no more. The descriptor is not ours; whoever is blocked on it does not matter."""
        self._pump.close()


class _Input:
    """A descriptor, and what was read of it to see what it is. PyAV calls `read` until nothing."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.beginning = b""
        while len(self.beginning) < LOOK and (more := self._take(LOOK - len(self.beginning))):
            self.beginning += more
        self._held = self.beginning

    def read(self, size: int) -> bytes:
        """Return at most so many bytes, none at the end."""
        if self._held:
            data, self._held = self._held[:size], self._held[size:]
            return data
        return self._take(size)

    def _take(self, size: int) -> bytes:
        try:
            return os.read(self._descriptor, size)
        except OSError:
            return b""


def has_header(beginning: bytes) -> bool:
    """Whether bytes begin a form that says what it is; bare samples hardly ever look so."""
    return beginning.startswith(_BEGINNINGS) or beginning[4:8] == b"ftyp"


def _sound(descriptor: int, rate: int, channels: int) -> Iterator[Pcm]:
    """Give samples at 48 kHz, in chunks of any length. Raises `DeviceError`."""
    source = _Input(descriptor)
    if not source.beginning:
        raise DeviceError("there is no sound on standard input")
    if not has_header(source.beginning):
        yield from _bare(source, rate, channels)
        return
    with _open(source) as container:
        if not container.streams.audio:
            raise DeviceError("what is on standard input has no sound in it")
        yield from decode(container)


def _open(source: _Input) -> InputContainer:
    try:
        return av.open(source, "r", metadata_errors="replace")
    except (OSError, FFmpegError, ValueError) as error:
        why = "it begins as a sound file does, but is none"
        raise DeviceError(f"what is on standard input cannot be played: {why}") from error


def _bare(source: _Input, rate: int, channels: int) -> Iterator[Pcm]:
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    size = max(1, rate // PIECES) * channels * 2
    held = b""
    while data := source.read(size):
        held += data
        whole = len(held) // (2 * channels) * (2 * channels)
        samples = np.frombuffer(held[:whole], "<i2").reshape(-1, channels)
        held = held[whole:]
        if len(samples):
            mono = samples[:, 0] if channels == 1 else samples.mean(axis=1)
            yield from _at_48_khz(resampler, mono.astype(np.int16), rate)
    yield from _at_48_khz(resampler, None, rate)


def _at_48_khz(resampler: av.AudioResampler, mono: Pcm | None, rate: int) -> Iterator[Pcm]:
    if rate == SAMPLE_RATE:
        if mono is not None:
            yield mono
        return
    frame = None
    if mono is not None:
        frame = av.AudioFrame.from_ndarray(mono.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = rate
    yield from resampled(resampler, frame)
