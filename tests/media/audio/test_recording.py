from __future__ import annotations

from pathlib import Path

import numpy as np

from media.audio.pcm import FRAME_SAMPLES, FRAME_SECONDS, SILENCE, Pcm, to_bytes
from media.audio.private import PrivateFile
from media.audio.recording import SLACK_FRAMES, CodedWriter, Recording, Samples

LOUD: Pcm = np.full(FRAME_SAMPLES, 9000, np.int16)


class Kept:
    """A writer that keeps what it gets."""

    def __init__(self) -> None:
        self.frames: list[Pcm] = []
        self.data = b""
        self.closed = 0

    async def write(self, frame: Pcm) -> None:
        self.frames.append(frame)

    async def put(self, data: bytes) -> None:
        self.data += data

    async def close(self) -> None:
        self.closed += 1


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_a_recording_begins_with_the_first_sound_and_keeps_pauses() -> None:
    kept = Kept()
    recording = Recording(kept, Clock())
    for frame in (SILENCE, SILENCE, LOUD, SILENCE, LOUD):
        await recording.write(frame)
    assert [frame is SILENCE for frame in kept.frames] == [False, True, False]
    await recording.close()
    assert kept.closed == 1


async def test_what_a_busy_machine_left_out_is_silence() -> None:
    kept, clock = Kept(), Clock()
    recording = Recording(kept, clock)
    for _ in range(5):
        await recording.write(LOUD)
        clock.now += FRAME_SECONDS
    clock.now += 10.0
    await recording.write(LOUD)
    assert len(kept.frames) == 5 + 500 + 1
    assert [frame is SILENCE for frame in kept.frames] == [False] * 5 + [True] * 500 + [False]


async def test_what_is_caught_up_with_needs_no_silence() -> None:
    kept, clock = Kept(), Clock()
    recording = Recording(kept, clock)
    await recording.write(LOUD)
    clock.now += SLACK_FRAMES * FRAME_SECONDS
    for _ in range(SLACK_FRAMES):
        await recording.write(LOUD)
    assert all(frame is LOUD for frame in kept.frames)


async def test_a_header_comes_first_and_once() -> None:
    kept = Kept()
    writer = CodedWriter(Samples(b"header"), kept)
    await writer.write(LOUD)
    await writer.write(SILENCE)
    await writer.close()
    await writer.close()
    assert kept.data == b"header" + to_bytes(LOUD) + to_bytes(SILENCE)
    assert kept.closed >= 1


async def test_what_was_never_begun_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "heard.pcm"
    path.write_bytes(b"older")
    await CodedWriter(Samples(b"header"), PrivateFile(path)).close()
    assert path.read_bytes() == b"older"
    assert list(tmp_path.iterdir()) == [path]
