"""Play a little faster or slower at the same pitch: one period of the voice out, or in."""

from __future__ import annotations

import numpy as np

from media.audio.pcm import FRAME_SAMPLES, SAMPLE_RATE, Pcm

DECIMATION = 4
"""The period is searched at 12 kHz: a quarter of the points, and pitch needs no more."""
SHORTEST = SAMPLE_RATE // 400 // DECIMATION
LONGEST = FRAME_SAMPLES // 2 // DECIMATION
"""10 ms (100 Hz): two periods must fit into one frame."""
SIMILAR = 0.5
"""Correlation from which two neighbouring periods are alike enough to be merged unheard."""
QUIET = 300
"""Peak below which anything may be merged: nobody hears a seam in the background."""


def accelerate(frame: Pcm) -> Pcm:
    """Return the frame shortened by a period (2.5 to 10 ms), or unchanged if it would be heard."""
    period = find_period(frame)
    if period == 0:
        return frame
    first, second = frame[-2 * period : -period], frame[-period:]
    return np.concatenate([frame[: -2 * period], _crossfade(first, second)])


def expand(frame: Pcm) -> Pcm:
    """Return the frame lengthened by a period (2.5 to 10 ms), or unchanged if it would be heard."""
    period = find_period(frame)
    if period == 0:
        return frame
    first, second = frame[-2 * period : -period], frame[-period:]
    return np.concatenate([frame[:-period], _crossfade(second, first), second])


def find_period(frame: Pcm) -> int:
    """Return the lag in samples at which the frame's last 10 ms repeat; 0 if they do not."""
    thin = frame[::DECIMATION].astype(np.float32)
    template = thin[-LONGEST:]
    products = np.correlate(thin, template, "valid")[::-1]  # index = lag
    squares = np.concatenate([[0.0], np.cumsum(thin.astype(np.float64) ** 2)])
    energies = (squares[LONGEST:] - squares[:-LONGEST])[::-1]
    likeness = products / np.sqrt(energies * energies[0] + 1.0)
    lag = SHORTEST + int(np.argmax(likeness[SHORTEST:]))
    if likeness[lag] < SIMILAR and int(np.abs(thin).max()) > QUIET:
        return 0
    return lag * DECIMATION


def _crossfade(start: Pcm, end: Pcm) -> Pcm:
    """Blend from one period into another; no louder than either, so it cannot overflow."""
    ramp = np.linspace(0.0, 1.0, len(start), dtype=np.float32)
    return np.rint(start + (end.astype(np.float32) - start) * ramp).astype(np.int16)
