"""Inputs: a device runs while it is wanted, and at no other time."""

from __future__ import annotations

import asyncio
import os
import select

import av
import pytest

from media.audio import pipes
from media.audio.pcm import FRAME_BYTES
from media.control import DeviceNote, Event
from media.errors import DeviceError
from media.inputs import Inputs


class Person:
    def __init__(self) -> None:
        self.events: list[Event] = []
        self.frames = self.pictures = 0
        self.wants = (False, False)
        self.inputs = Inputs(self.events.append, on_frame=self.on_frame, on_picture=self.on_picture)

    def on_frame(self, _frame: object) -> None:
        self.frames += 1

    def on_picture(self, _rgb: object) -> None:
        self.pictures += 1

    async def open(self, audio: str, video: str, *, muted: bool = False) -> None:
        await self.inputs.choose_video(video)
        await self.inputs.choose_audio(audio, muted=muted)

    async def want(self, audio: bool, video: bool) -> None:
        self.wants = audio, video
        await self.inputs.settle(lambda: self.wants[0], lambda: self.wants[1])

    async def counted(self, seconds: float = 0.12) -> tuple[int, int]:
        """Return how many frames and pictures come in a while."""
        before = self.frames, self.pictures
        await asyncio.sleep(seconds)
        return self.frames - before[0], self.pictures - before[1]


@pytest.fixture
async def person():
    person = Person()
    await person.open("speech:1", "testsrc:1")
    yield person
    await person.inputs.close()


async def test_nothing_runs_until_it_is_wanted(person) -> None:
    assert await person.counted() == (0, 0)


async def test_each_runs_by_itself(person) -> None:
    await person.want(True, False)
    frames, pictures = await person.counted()
    assert frames > 0
    assert pictures == 0
    await person.want(False, True)
    frames, pictures = await person.counted(0.3)
    assert frames == 0
    assert pictures > 0


async def test_stopped_gives_nothing_more(person) -> None:
    await person.want(True, True)
    await person.counted()
    await person.want(False, False)
    assert await person.counted() == (0, 0)


async def test_the_last_wish_wins(person) -> None:
    await asyncio.gather(*(person.want(on, on) for on in (True, False, True, False)))
    assert await person.counted() == (0, 0)


class SlowCamera:
    """A camera that takes as long to open as it is told to."""

    def __init__(self) -> None:
        self.may_open = asyncio.Event()
        self.is_open = False

    async def start(self) -> None:
        await self.may_open.wait()
        self.is_open = True

    async def stop(self) -> None:
        self.is_open = False

    async def close(self) -> None:
        await self.stop()


async def test_a_microphone_stops_while_the_camera_is_still_opening(monkeypatch) -> None:
    camera = SlowCamera()
    monkeypatch.setattr(
        "media.video.capture.open_video_source", lambda *_args, **_kwargs: (camera, "")
    )
    person = Person()
    await person.open("speech:1", "camera")
    opening = asyncio.create_task(person.want(True, True))
    await person.counted()
    closing = asyncio.create_task(person.want(False, False))
    await asyncio.sleep(0)
    assert await person.counted() == (0, 0)
    camera.may_open.set()
    await asyncio.gather(opening, closing)
    assert not camera.is_open
    await person.inputs.close()


async def test_closed_gives_nothing_more(person) -> None:
    await person.want(True, True)
    await person.inputs.close()
    await person.want(True, True)
    assert await person.counted() == (0, 0)


async def test_another_source_takes_over_and_the_old_one_is_closed(person) -> None:
    await person.want(True, True)
    await person.open("speech:2", "testsrc:2")
    assert await person.counted() == (0, 0)
    await person.want(True, True)
    frames, pictures = await person.counted(0.3)
    assert frames <= 16  # one voice's, not two
    assert 0 < pictures <= 4
    await person.open("none", "none")
    assert (person.inputs.has_microphone, person.inputs.has_camera) == (False, False)
    assert await person.counted() == (0, 0)


async def test_what_cannot_be_taken_leaves_what_there_is(person) -> None:
    await person.want(True, False)
    with pytest.raises(DeviceError):
        await person.inputs.choose_audio("none.wav", muted=False)
    frames, _ = await person.counted()
    assert frames > 0


async def test_a_camera_that_is_replaced_while_it_opens_is_closed(monkeypatch) -> None:
    camera = SlowCamera()
    monkeypatch.setattr(
        "media.video.capture.open_video_source", lambda *_args, **_kwargs: (camera, "")
    )
    person = Person()
    await person.open("none", "camera")
    opening = asyncio.create_task(person.want(False, True))
    await asyncio.sleep(0)
    closing = asyncio.create_task(person.inputs.close())
    await asyncio.sleep(0)
    camera.may_open.set()
    await asyncio.gather(opening, closing)
    assert not camera.is_open


async def test_without_sources_nothing_happens() -> None:
    person = Person()
    await person.open("none", "none")
    await person.want(True, True)
    assert await person.counted(0.05) == (0, 0)
    assert person.events == []
    await person.inputs.close()


async def test_a_file_that_is_missing_is_an_error() -> None:
    for specs in (("none.wav", "none"), ("none", "none.mp4")):
        person = Person()
        with pytest.raises(DeviceError):
            await person.open(*specs)
        await person.inputs.close()


async def test_a_device_that_cannot_be_started_is_a_note_and_tried_again(tmp_path) -> None:
    file = tmp_path / "broken.mp4"
    with av.open(str(file), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        container.mux(stream.encode(av.VideoFrame(64, 48, "yuv420p")))
        container.mux(stream.encode(None))
    person = Person()
    await person.open("none", str(file))
    file.write_bytes(b"not a video any more")
    for count in (1, 2):
        await person.want(False, True)
        assert sum(isinstance(event, DeviceNote) for event in person.events) == count
    await person.inputs.close()


def is_empty(pipe: int) -> bool:
    return not select.select([pipe], [], [], 0)[0]


@pytest.mark.parametrize("muted", [True, False])
async def test_a_pipe_is_thrown_away_from_the_start_only_if_muted(monkeypatch, muted: bool) -> None:
    out, into = os.pipe()
    reader = pipes.PipeReader(out)
    monkeypatch.setattr(pipes, "open_reader", lambda: reader)
    os.write(into, bytes(20 * FRAME_BYTES))
    person = Person()
    await person.open("-", "none", muted=muted)
    async with asyncio.timeout(5):
        while muted and not is_empty(out):
            await asyncio.sleep(0.01)
    assert await person.counted(0.05) == (0, 0)
    assert is_empty(out) == muted
    await person.inputs.close()
    os.close(into)
    os.close(out)
