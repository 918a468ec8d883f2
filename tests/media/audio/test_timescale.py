import numpy as np
import pytest

from media.audio.pcm import FRAME_SAMPLES, SILENCE, Pcm
from media.audio.synthetic import speak
from media.audio.timescale import LONGEST, SHORTEST, accelerate, expand, find_period


def tone(pitch: float, samples: int = FRAME_SAMPLES) -> Pcm:
    """A voiced sound: six harmonics of a pitch in Hz."""
    time = np.arange(samples) / 48_000
    wave = sum(np.sin(2 * np.pi * pitch * k * time + k) / k for k in range(1, 7))
    return (6000 * wave).astype(np.int16)


def steepest(samples: Pcm) -> int:
    return int(np.abs(np.diff(samples.astype(int))).max())


@pytest.mark.parametrize("pitch", [110, 150, 220, 300])
def test_the_period_of_a_voice_is_found(pitch: int) -> None:
    period = find_period(tone(pitch))
    cycles = period * pitch / 48_000
    assert cycles == pytest.approx(max(1, round(cycles)), abs=0.05)


@pytest.mark.parametrize("pitch", [110, 150, 220, 300])
def test_a_period_goes_in_or_out_without_a_seam(pitch: int) -> None:
    frame = tone(pitch)
    period = find_period(frame)
    for changed, length in ((accelerate(frame), 960 - period), (expand(frame), 960 + period)):
        assert changed.dtype == np.int16
        assert len(changed) == length
        assert changed[0] == frame[0]
        assert changed[-1] == frame[-1]
        assert steepest(changed) <= 1.2 * steepest(frame)


@pytest.mark.parametrize("change", [accelerate, expand])
def test_the_pitch_stays(change: object) -> None:
    voice = tone(200, 50 * FRAME_SAMPLES).reshape(-1, FRAME_SAMPLES)
    changed = np.concatenate([change(frame) for frame in voice])  # type: ignore[operator]
    assert abs(len(changed) - voice.size) > 0.1 * voice.size
    spectrum = np.abs(np.fft.rfft(changed * np.hanning(len(changed))))
    loudest = np.fft.rfftfreq(len(changed), 1 / 48_000)[np.argmax(spectrum)]
    assert loudest == pytest.approx(200, abs=4)


def test_loud_noise_is_left_alone() -> None:
    noise = (np.random.default_rng(1).standard_normal(FRAME_SAMPLES) * 5000).astype(np.int16)
    assert accelerate(noise) is noise
    assert expand(noise) is noise


def test_silence_and_quiet_noise_may_always_be_stretched() -> None:
    noise = np.random.default_rng(2).integers(-50, 50, FRAME_SAMPLES).astype(np.int16)
    for frame in (SILENCE, noise):
        assert len(accelerate(frame)) < FRAME_SAMPLES < len(expand(frame))


def test_full_scale_does_not_overflow() -> None:
    square = np.where(np.arange(FRAME_SAMPLES) // 100 % 2, 32767, -32768).astype(np.int16)
    for changed in (accelerate(square), expand(square)):
        assert set(np.sign(changed.astype(int))) <= {-1, 0, 1}
        assert steepest(changed) <= 65535
        assert len(changed) != FRAME_SAMPLES


def test_changes_are_bounded_on_real_speech() -> None:
    for frame in speak(1).reshape(-1, FRAME_SAMPLES)[::7]:
        period = find_period(frame)
        assert period == 0 or 4 * SHORTEST <= period <= 4 * LONGEST
