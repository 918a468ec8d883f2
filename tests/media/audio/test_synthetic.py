from itertools import pairwise

import numpy as np
import pytest

from media.audio.levels import level
from media.audio.pcm import FRAME_SAMPLES, SAMPLE_RATE, Pcm
from media.audio.synthetic import LOOP_FRAMES, Speech, speak, voice


def pitch(samples: Pcm) -> float:
    """The pitch in Hz found by autocorrelation, median over voiced windows of 40 ms."""
    found = []
    for window in samples.reshape(-1, 2 * FRAME_SAMPLES)[:, ::8].astype(float):
        if np.abs(window).max() < 3000:
            continue
        likeness = np.correlate(window, window, "full")[len(window) - 1 :]
        lag = 24 + int(np.argmax(likeness[24:75]))
        found.append(SAMPLE_RATE / 8 / lag)
    return float(np.median(found))


def test_a_seed_is_always_the_same_voice() -> None:
    assert np.array_equal(speak(7), speak(7))
    assert not np.array_equal(speak(7), speak(8))


@pytest.mark.parametrize("seed", range(4))
def test_it_is_loud_enough_never_clips_and_pauses(seed: int) -> None:
    samples = speak(seed)
    assert level(samples) == pytest.approx(-23, abs=1.5)
    assert np.abs(samples.astype(int)).max() < 32000
    active = [level(frame) > -45 for frame in samples.reshape(-1, FRAME_SAMPLES)]
    assert 0.5 < np.mean(active) < 0.9
    assert any(active[:10])


def test_the_rhythm_is_that_of_syllables() -> None:
    envelope = np.abs(speak(2).reshape(-1, SAMPLE_RATE // 100).astype(float)).mean(axis=1)
    spectrum = np.abs(np.fft.rfft(envelope - envelope.mean()))
    rates = np.fft.rfftfreq(len(envelope), 0.01)
    band = (rates > 1.5) & (rates < 10)
    assert 2.5 < rates[band][np.argmax(spectrum[band])] < 8


def test_speech_is_low_and_has_formants() -> None:
    spectrum = np.abs(np.fft.rfft(speak(1).astype(float))) ** 2
    rates = np.fft.rfftfreq(LOOP_FRAMES * FRAME_SAMPLES, 1 / SAMPLE_RATE)
    assert spectrum[rates < 4000].sum() > 0.9 * spectrum.sum()


def test_neighbouring_seeds_can_be_told_apart() -> None:
    heard = [pitch(speak(seed)) for seed in range(3)]
    for seed, value in enumerate(heard):
        assert value == pytest.approx(voice(seed).pitch, rel=0.15)
    ordered = sorted(heard)
    assert all(high / low > 1.12 for low, high in pairwise(ordered))


def test_frames_go_on_for_ever() -> None:
    speech = Speech(1)
    frames = [next(speech) for _ in range(LOOP_FRAMES + 1)]
    assert {frame.shape for frame in frames} == {(FRAME_SAMPLES,)}
    assert np.array_equal(frames[0], frames[-1])
    assert np.array_equal(np.concatenate(frames[:-1]), speak(1))
