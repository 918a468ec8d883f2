"""Speech-like sound without a person: for demos, robots and tests. One seed, one voice.

Source and filter, as in a formant synthesiser: the glottis gives one pulse a period, and each pulse
starts the damped ringing of the mouth's resonances. So 8 s cost about a thousand small additions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from media.audio.pcm import FRAME_SAMPLES, SAMPLE_RATE, Pcm

LOOP_FRAMES = 400
"""8 s, after which the same sentence starts again."""
RMS = 2400.0
"""Loudness of the loop, pauses included: about -23 dBFS."""
PEAK = 24_000.0

Wave = NDArray[np.float32]

VOWELS = (
    (730.0, 1090.0, 2440.0),
    (530.0, 1840.0, 2480.0),
    (270.0, 2290.0, 3010.0),
    (570.0, 840.0, 2410.0),
    (300.0, 870.0, 2240.0),
)
"""Formants in Hz of a, e, i, o, u: means of Peterson and Barney (1952), men."""
BANDWIDTHS = (70.0, 90.0, 130.0)
STRENGTHS = (1.0, 0.5, 0.25)
RING_SAMPLES = SAMPLE_RATE // 50
_GOLDEN = 0.6180339887


@dataclass(frozen=True, slots=True)
class Voice:
    """What makes one seed sound unlike another."""

    pitch: float
    """Mean pitch in Hz, 90 to 235."""
    tract: float
    """Factor on all formants: a short vocal tract is above 1."""
    tempo: float
    """Syllables a second."""


def voice(seed: int) -> Voice:
    """Return the voice of a seed; steps of the golden ratio keep neighbouring seeds far apart."""
    turn = seed * _GOLDEN % 1.0
    return Voice(
        pitch=90.0 * 2.0 ** (1.4 * turn),
        tract=0.9 + 0.3 * turn,
        tempo=3.8 + 1.6 * (seed * _GOLDEN * _GOLDEN % 1.0),
    )


class Speech:
    """An endless, seeded voice; iterate for frames in the time of your choice."""

    def __init__(self, seed: int = 0) -> None:
        self._frames = speak(seed).reshape(-1, FRAME_SAMPLES)
        self._index = 0

    def __iter__(self) -> Iterator[Pcm]:
        return self

    def __next__(self) -> Pcm:
        frame: Pcm = self._frames[self._index]
        self._index = (self._index + 1) % LOOP_FRAMES
        return frame


def speak(seed: int) -> Pcm:
    """Return 8 s of the seed's voice: phrases of syllables with pauses between, about -23 dBFS."""
    rng = np.random.default_rng(seed)
    who = voice(seed)
    rings = [_ring(vowel, who.tract) for vowel in VOWELS]
    wave: Wave = np.zeros(LOOP_FRAMES * FRAME_SAMPLES, np.float32)
    longest = int(1.5 * SAMPLE_RATE / who.tempo)
    end = len(wave) - longest - RING_SAMPLES
    position = SAMPLE_RATE // 50
    while position < end:
        syllables = int(rng.integers(4, 10))
        for index in range(syllables):
            if position >= end:
                break
            length = int(SAMPLE_RATE / who.tempo * rng.uniform(0.7, 1.4))
            fall = 1.1 - 0.25 * index / syllables
            _syllable(wave[position : position + length], rng, rings, who.pitch * fall)
            position += length
        position += int(SAMPLE_RATE * rng.uniform(0.25, 0.6))
    wave *= RMS / float(np.sqrt(np.mean(wave**2)))
    spoken: Pcm = np.rint(PEAK * np.tanh(wave / PEAK)).astype(np.int16)
    return spoken


def _ring(formants: tuple[float, ...], tract: float) -> Wave:
    """Return what one glottal pulse becomes in a mouth with these resonances (20 ms)."""
    time = np.arange(RING_SAMPLES) / SAMPLE_RATE
    ring = np.zeros(RING_SAMPLES)
    for formant, bandwidth, strength in zip(formants, BANDWIDTHS, STRENGTHS):
        decay = np.exp(-np.pi * bandwidth * time)
        ring += strength * decay * np.sin(2 * np.pi * formant * tract * time)
    fade = np.minimum(1.0, np.linspace(8.0, 0.0, RING_SAMPLES))
    faded: Wave = (ring * fade).astype(np.float32)
    return faded


def _syllable(out: Wave, rng: np.random.Generator, rings: list[Wave], pitch: float) -> None:
    """Add a consonant of noise and a vowel gliding into another, rising and falling in loudness."""
    burst = len(out) // 6
    if rng.random() < 0.7:
        noise = rng.standard_normal(burst + 1).astype(np.float32)
        out[:burst] += 0.25 * np.diff(noise) * np.hanning(burst).astype(np.float32)
    first, second = rng.choice(len(rings), 2, replace=False)
    strength = rng.uniform(0.6, 1.0)
    at = float(burst)
    while at + RING_SAMPLES < len(out):
        along = (at - burst) / (len(out) - burst)
        glide = np.float32(min(1.0, max(0.0, 2.0 * along - 0.5)))
        loud = np.float32(strength * np.sin(np.pi * min(1.0, along + 0.1)) ** 0.5)
        start = int(at)
        ring = rings[first] * (1 - glide) + rings[second] * glide
        out[start : start + RING_SAMPLES] += loud * ring
        at += SAMPLE_RATE / (pitch * (1.05 - 0.1 * along) * rng.uniform(0.99, 1.01))
