from itertools import pairwise

import numpy as np
import pytest

from media.audio.levels import FLOOR, Meter, SpeakingDetector, coarse, level
from media.audio.pcm import FRAME_SAMPLES, SILENCE, Pcm
from media.audio.synthetic import speak


def test_known_levels() -> None:
    assert level(SILENCE) == FLOOR
    assert level(SILENCE[:0]) == FLOOR
    assert level(np.full(960, -32768, np.int16)) == pytest.approx(0.0, abs=0.01)
    sine = (16384 * np.sin(np.arange(960) * 2 * np.pi / 96)).astype(np.int16)
    assert level(sine) == pytest.approx(-9.03, abs=0.05)


def test_coarse_has_four_steps() -> None:
    assert [coarse(value) for value in (FLOOR, -55.1, -55, -42, -30, 0)] == [0, 0, 1, 2, 3, 3]


def test_speaking_needs_three_loud_frames_and_ends_after_400_ms() -> None:
    detector = SpeakingDetector()
    assert [detector.update(-20) for _ in range(3)] == [False, False, True]
    quiet = [detector.update(-80) for _ in range(20)]
    assert quiet == [True] * 19 + [False]


def test_a_click_is_not_speech() -> None:
    detector = SpeakingDetector()
    assert not any(detector.update(db) for db in (-20, -80, -20, -20, -80) * 10)


def test_between_the_two_thresholds_nothing_changes() -> None:
    detector = SpeakingDetector()
    assert not any(detector.update(-46) for _ in range(100))
    for _ in range(3):
        detector.update(-20)
    assert all(detector.update(-46) for _ in range(100))


def test_reset_is_silence_at_once() -> None:
    detector = SpeakingDetector()
    for _ in range(3):
        detector.update(-20)
    detector.reset()
    assert not detector.speaking
    assert not detector.update(-20)


def test_a_voice_is_seen_speaking_without_flicker() -> None:
    detector = SpeakingDetector()
    states = [detector.update(level(frame)) for frame in speak(1).reshape(-1, FRAME_SAMPLES)]
    changes = sum(a != b for a, b in pairwise(states))
    assert sum(states) > 250
    assert changes <= 16


def tone(peak: float) -> Pcm:
    return np.rint(peak * np.sin(np.arange(FRAME_SAMPLES) * 2 * np.pi / 96)).astype(np.int16)


@pytest.mark.parametrize(
    ("decibels", "reads"), [(0, 0.95), (-20, 0.617), (-40, 0.283), (-57.1, 0.0), (-80, 0.0)]
)
def test_a_meter_is_even_in_decibels(decibels: float, reads: float) -> None:
    meter = Meter()
    meter.on = True
    meter.take(tone(32767 * 10 ** (decibels / 20)))
    assert meter.read() == pytest.approx(reads, abs=0.005)  # the power of a sine is half a square's


def test_a_meter_tells_the_loudest_since_it_was_read_and_then_forgets() -> None:
    meter = Meter()
    meter.take(tone(3000))
    assert meter.read() is None  # it was off
    meter.on = True
    for peak in (300, 3000, 30):
        meter.take(tone(peak))
    loudest = meter.read()
    meter.take(tone(3000))
    assert loudest == meter.read()
    assert meter.read() is None
    meter.take(SILENCE)
    assert meter.read() == 0.0
