import numpy as np
import pytest

from media.audio.pcm import FRAME_SAMPLES, SILENCE, cut_frames, from_bytes, to_bytes


def test_bytes_round_trip() -> None:
    frame = np.arange(-480, 480, dtype=np.int16)
    assert np.array_equal(from_bytes(to_bytes(frame)), frame)
    assert to_bytes(np.array([1, -2], np.int16)) == b"\x01\x00\xfe\xff"


def test_a_short_frame_is_filled_with_silence() -> None:
    frame = from_bytes(b"\x05\x00" * 3)
    assert frame.shape == (FRAME_SAMPLES,)
    assert frame[:4].tolist() == [5, 5, 5, 0]


def test_more_than_a_frame_is_refused() -> None:
    with pytest.raises(ValueError, match="more than a frame"):
        from_bytes(bytes(2 * FRAME_SAMPLES + 2))


def test_silence_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        SILENCE[0] = 1


def test_chunks_of_any_length_become_frames() -> None:
    samples = np.arange(2500, dtype=np.int16)
    frames = list(cut_frames([samples[:7], samples[7:2400], samples[2400:]]))
    assert [frame.shape for frame in frames] == [(FRAME_SAMPLES,)] * 3
    joined = np.concatenate(frames)
    assert np.array_equal(joined[:2500], samples)
    assert not joined[2500:].any()


def test_whole_frames_get_no_empty_one_behind_them() -> None:
    assert len(list(cut_frames([np.ones(1920, np.int16)]))) == 2
    assert list(cut_frames([])) == []
