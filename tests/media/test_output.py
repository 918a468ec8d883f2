"""What is heard, and where: files stand for loudspeakers."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from media.audio.pcm import FRAME_SAMPLES, Pcm
from media.control import NameVoice
from media.errors import DeviceError
from media.output import Output

LOUD: Pcm = np.full(FRAME_SAMPLES, 16_000, np.int16)


class Listener:
    def __init__(self) -> None:
        self.pulls = 0
        self.ended: list[str] = []
        self.output = Output(self.pull, dict, lambda _note: None, self.ended.append)

    def pull(self, now: float) -> Pcm:
        self.pulls += 1
        return LOUD

    async def pulled(self, count: int) -> None:
        wanted = self.pulls + count
        async with asyncio.timeout(5):
            while self.pulls < wanted:
                await asyncio.sleep(0.005)


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    listener = Listener()
    yield listener
    await listener.output.close()


def frames(path: Path) -> int:
    with wave.open(str(path)) as file:
        return file.getnframes() // FRAME_SAMPLES


async def test_another_sink_takes_over_and_the_old_one_is_complete(
    listener: Listener, tmp_path: Path
) -> None:
    await listener.output.choose(str(tmp_path / "first.wav"))
    await listener.pulled(3)
    await listener.output.choose(str(tmp_path / "second.wav"))
    first = frames(tmp_path / "first.wav")
    assert first >= 3
    await listener.pulled(3)
    await listener.output.close()
    assert frames(tmp_path / "first.wav") == first
    assert first + frames(tmp_path / "second.wav") == listener.pulls


async def test_a_sink_that_cannot_be_leaves_the_old_one(listener: Listener, tmp_path: Path) -> None:
    await listener.output.choose(str(tmp_path / "first.wav"))
    with pytest.raises(DeviceError):
        await listener.output.choose(str(tmp_path / "no" / "second.wav"))
    assert listener.output.plays
    await listener.pulled(2)


async def test_without_a_loudspeaker_it_pulls_and_measures_all_the_same(listener: Listener) -> None:
    await listener.output.choose("none")
    assert not listener.output.plays
    listener.output.meter.on = True
    await listener.pulled(2)
    assert listener.output.meter.read() == pytest.approx(0.896, abs=0.005)


async def test_where_it_can_be_kept_it_is_recorded(listener: Listener, tmp_path: Path) -> None:
    assert not listener.output.records
    await listener.output.choose(str(tmp_path / "heard.wav"))
    assert listener.output.records
    with pytest.raises(DeviceError):
        await listener.output.choose(str(tmp_path / "no such folder" / "heard.wav"))
    assert listener.output.records  # the old one goes on
    await listener.output.choose("none")
    assert not listener.output.records


async def test_a_recording_that_ends_by_itself_is_told_with_the_reason(
    listener: Listener, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    await listener.output.choose(str(folder / "heard.ogg"))
    folder.rmdir()  # before the first sound is written
    await listener.pulled(30)
    assert listener.ended == [f"{folder}/heard.ogg cannot be written: No such file or directory"]
    assert not listener.output.records


async def test_voices_are_kept_apart_under_the_names_they_were_given(tmp_path: Path) -> None:
    apart = {1: LOUD, 2: LOUD, 3: LOUD}
    output = Output(lambda _now: LOUD, lambda: apart, lambda _note: None, lambda _reason: None)
    output.name(NameVoice(1, "SHA256:Ada", "Ada"))
    output.name(NameVoice(2, "SHA256:Bo", "Bo"))
    await output.choose(f"split:{tmp_path}")
    assert output.records
    async with asyncio.timeout(5):
        while len(list(tmp_path.iterdir())) < 2:
            await asyncio.sleep(0.005)
    await output.close()
    assert {path.name for path in tmp_path.iterdir()} == {"Ada.ogg", "Bo.ogg"}
