"""Loudness: decibels below full scale, the coarse level that may be shared, meters, who speaks."""

from __future__ import annotations

import math

import numpy as np

from media.audio.pcm import Pcm

FLOOR = -127.0
"""dBFS of digital silence (the lowest level RFC 6464 section 3 can express)."""
COARSE_STEPS = (-55.0, -42.0, -30.0)
"""dBFS from which the coarse level is 1, 2 and 3."""

METER_FLOOR = -60.0
"""dBFS at the bottom of a meter: a quiet room."""

SPEAKING_ON = -42.0
SPEAKING_OFF = -50.0
ATTACK_FRAMES = 3
"""60 ms above `SPEAKING_ON`: longer than a key click, shorter than a syllable."""
RELEASE_FRAMES = 20
"""400 ms below `SPEAKING_OFF`: longer than the pauses between words."""

_FULL_SCALE_POWER = 32768.0**2


def level(samples: Pcm) -> float:
    """Return the RMS loudness in dBFS, from `FLOOR` to 0 (a full-scale square wave)."""
    wide = samples.astype(np.float32)
    power = float(wide @ wide) / max(1, len(wide)) / _FULL_SCALE_POWER
    return max(FLOOR, 10 * math.log10(power)) if power > 0 else FLOOR


def coarse(decibels: float) -> int:
    """Return 0 (silent) to 3 (loud): all that a server may learn, and only if shared."""
    return sum(decibels >= step for step in COARSE_STEPS)


class Meter:
    """The loudest frame since the last reading, for a person to watch; off, it measures nothing."""

    def __init__(self) -> None:
        self.on = False
        self._loudest: float | None = None

    def take(self, frame: Pcm) -> None:
        """Measure a frame."""
        if self.on:
            self._loudest = max(level(frame), FLOOR if self._loudest is None else self._loudest)

    def read(self) -> float | None:
        """Return 0.0 (`METER_FLOOR` or below) to 1.0 (full scale), even in dB; None: no frame."""
        loudest, self._loudest = self._loudest, None
        return None if loudest is None else max(0.0, 1.0 - loudest / METER_FLOOR)


class SpeakingDetector:
    """Decides from one level a frame who speaks; slow to say no, so that marks stay calm."""

    def __init__(self) -> None:
        self.speaking = False
        self._run = 0

    def update(self, decibels: float) -> bool:
        """Take the level of the next 20 ms; return whether they belong to speech."""
        against = decibels < SPEAKING_OFF if self.speaking else decibels >= SPEAKING_ON
        self._run = self._run + 1 if against else 0
        if self._run >= (RELEASE_FRAMES if self.speaking else ATTACK_FRAMES):
            self.speaking = not self.speaking
            self._run = 0
        return self.speaking

    def reset(self) -> None:
        """Forget everything: the microphone was muted or the participant left."""
        self.speaking = False
        self._run = 0
