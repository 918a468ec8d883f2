"""The one shape of sound inside the product: 20 ms frames of 960 int16 samples, 48 kHz, mono."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

Pcm = NDArray[np.int16]
"""Samples, one dimension; a *frame* has exactly `FRAME_SAMPLES`."""

SAMPLE_RATE = 48_000
"""Samples a second; also the RTP clock of Opus (RFC 7587 section 4.1)."""
FRAME_SAMPLES = 960
FRAME_SECONDS = FRAME_SAMPLES / SAMPLE_RATE
FRAME_BYTES = 2 * FRAME_SAMPLES

SILENCE: Pcm = np.zeros(FRAME_SAMPLES, np.int16)
"""One shared frame of silence; read-only, so that handing it out needs no copy."""
SILENCE.setflags(write=False)


def from_bytes(data: bytes) -> Pcm:
    """Read one frame of little-endian 16-bit samples; a short one is filled with silence.

    Raises ValueError for more than a frame or half a sample (whole frames are cut by our caller).
    """
    samples = np.frombuffer(data, "<i2").astype(np.int16)
    if len(samples) > FRAME_SAMPLES:
        raise ValueError(f"{len(samples)} samples are more than a frame")
    return np.concatenate([samples, SILENCE[len(samples) :]])


def to_bytes(frame: Pcm) -> bytes:
    """Write samples as little-endian 16-bit."""
    return frame.astype("<i2", copy=False).tobytes()


def cut_frames(chunks: Iterable[Pcm]) -> Iterator[Pcm]:
    """Cut chunks of any length into frames; the last one is filled with silence."""
    held = SILENCE[:0]
    for chunk in chunks:
        held = np.concatenate([held, chunk])
        whole = len(held) // FRAME_SAMPLES * FRAME_SAMPLES
        yield from held[:whole].reshape(-1, FRAME_SAMPLES)
        held = held[whole:]
    if len(held):
        yield np.concatenate([held, SILENCE[len(held) :]])
