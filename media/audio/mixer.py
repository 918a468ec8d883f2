"""Many voices into one frame, without ever wrapping around."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from media.audio.pcm import FRAME_SAMPLES, SILENCE, Pcm

MAX_GAIN = 4.0
PEAK = 32767.0
KNEE = 0.75 * PEAK
"""Sums up to here pass unchanged; louder ones bend towards `PEAK` and never reach beyond it."""


def mix(frames: Sequence[Pcm], gains: Sequence[float]) -> Pcm:
    """Add up frames, each times its gain (0 to `MAX_GAIN`; what is no number counts as 0).

    One audible frame at gain 1 passes through bit for bit. Raises ValueError if the counts differ.
    """
    audible = [
        (frame, min(gain, MAX_GAIN))
        for frame, gain in zip(frames, gains, strict=True)
        if gain > 0 and frame is not SILENCE
    ]
    if not audible:
        return SILENCE
    if len(audible) == 1 and audible[0][1] == 1.0:
        return audible[0][0]
    total = np.zeros(FRAME_SAMPLES, np.float32)
    for frame, gain in audible:
        total += frame if gain == 1.0 else frame * np.float32(gain)
    return limit(total)


def limit(total: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> Pcm:
    """Round to int16; above the knee follow a tanh, which keeps the order of any two samples.

    It has no memory, so a loud moment changes nothing after it and frames join without a click.
    """
    size = np.abs(total)
    if float(size.max()) > KNEE:
        room = PEAK - KNEE
        bent = KNEE + room * np.tanh((size - KNEE) / room)
        total = np.where(size > KNEE, np.copysign(bent, total), total)
    return np.rint(total).astype(np.int16)
