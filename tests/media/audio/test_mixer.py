import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.audio.mixer import KNEE, mix
from media.audio.pcm import FRAME_SAMPLES, SILENCE, Pcm


def constant(value: int) -> Pcm:
    return np.full(FRAME_SAMPLES, value, np.int16)


def test_nobody_is_silence() -> None:
    assert mix([], []) is SILENCE
    assert mix([constant(5)], [0.0]) is SILENCE
    assert mix([SILENCE, SILENCE], [1.0, 1.0]) is SILENCE


def test_one_speaker_passes_bit_for_bit() -> None:
    frame = np.random.default_rng(1).integers(-32768, 32768, FRAME_SAMPLES).astype(np.int16)
    assert np.array_equal(mix([frame], [1.0]), frame)
    assert np.array_equal(mix([frame, SILENCE, constant(9)], [1.0, 1.0, 0.0]), frame)


def test_voices_add_up_with_their_gains() -> None:
    mixed = mix([constant(1000), constant(-300), constant(50)], [1.0, 2.0, 0.5])
    assert set(mixed.tolist()) == {425}


@pytest.mark.parametrize("value", [32767, -32768])
def test_loud_voices_never_wrap_around(value: int) -> None:
    mixed = mix([constant(value)] * 8, [4.0] * 8)
    assert abs(int(mixed[0])) <= 32767
    assert np.sign(mixed[0]) == np.sign(value)


def test_the_limiter_keeps_order_and_has_no_step() -> None:
    ramp = np.linspace(-32768, 32767, FRAME_SAMPLES).astype(np.int16)
    mixed = mix([ramp, ramp], [1.0, 1.0]).astype(int)
    steps = np.diff(mixed)
    assert (steps >= 0).all()
    assert steps.max() <= 2 * np.diff(ramp.astype(int)).max()
    below = np.abs(2 * ramp.astype(int)) <= KNEE
    assert np.array_equal(mixed[below], 2 * ramp.astype(int)[below])


def test_gains_are_bounded_and_nonsense_is_silent() -> None:
    assert mix([constant(100)], [1e9])[0] == 400
    assert mix([constant(100)], [float("nan")]) is SILENCE
    assert mix([constant(100)], [-1.0]) is SILENCE


def test_counts_must_agree() -> None:
    with pytest.raises(ValueError):
        mix([constant(1)], [])


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(-32768, 32767), st.floats(0, 8)), min_size=1, max_size=12))
def test_the_sign_survives_any_mix(voices: list[tuple[int, float]]) -> None:
    total = sum(value * min(gain, 4.0) for value, gain in voices)
    mixed = int(mix([constant(v) for v, _ in voices], [g for _, g in voices])[0])
    assert abs(mixed) <= max(32767, *(abs(v) for v, _ in voices))
    assert abs(total) < 1 or mixed * total >= 0
