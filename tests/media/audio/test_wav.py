from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from media.audio.pcm import FRAME_SAMPLES, SILENCE, Pcm
from media.audio.recording import Recording
from media.audio.synthetic import speak
from media.audio.wav import WavWriter, wav_header
from media.errors import DeviceError

LOUD: Pcm = np.full(FRAME_SAMPLES, 9000, np.int16)


def read_wav(path: Path) -> Pcm:
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 48000)
        return np.frombuffer(file.readframes(file.getnframes()), np.int16)


async def test_every_frame_is_in_the_file_and_no_other_file_is_left(tmp_path: Path) -> None:
    path = tmp_path / "heard.wav"
    path.write_bytes(b"an older recording")
    writer = WavWriter(path)
    frames = speak(1)[FRAME_SAMPLES : 131 * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    for frame in frames:
        await writer.write(frame)
    await writer.close()
    await writer.close()
    assert np.array_equal(read_wav(path), frames.ravel())
    assert path.stat().st_mode & 0o077 == 0
    assert [entry.name for entry in tmp_path.iterdir()] == ["heard.wav"]


async def test_a_killed_process_leaves_a_file_that_plays(tmp_path: Path) -> None:
    writer = WavWriter(tmp_path / "heard.wav")
    for frame in speak(1)[: 120 * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES):
        await writer.write(frame)
    assert len(read_wav(tmp_path / "heard.wav")) >= 100 * FRAME_SAMPLES
    await writer.close()


async def test_a_recording_without_a_sound_replaces_nothing(tmp_path: Path) -> None:
    path = tmp_path / "heard.wav"
    path.write_bytes(b"an older recording")
    recording = Recording(WavWriter(path))
    for _ in range(100):
        await recording.write(SILENCE)
    await recording.close()
    assert path.read_bytes() == b"an older recording"


def test_a_place_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match=rf"{tmp_path}.* cannot be written: No such file"):
        WavWriter(tmp_path / "missing" / "heard.wav")


async def test_after_an_error_nothing_more_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    writer = WavWriter(folder / "heard.wav")
    folder.rmdir()
    with pytest.raises(DeviceError, match="cannot be written"):
        await writer.write(LOUD)
    await writer.close()
    assert not folder.exists()


def test_the_header_says_no_more_than_32_bits_can() -> None:
    assert len(wav_header(0)) == len(wav_header(1 << 40)) == 44
