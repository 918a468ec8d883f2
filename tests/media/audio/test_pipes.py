import asyncio
import os
import pty
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from media.audio.files import BatchReader
from media.audio.pacing import PacedSink
from media.audio.pcm import FRAME_BYTES, FRAME_SAMPLES, SILENCE, Pcm, to_bytes
from media.audio.pipes import (
    QUEUE_BYTES,
    FileWriter,
    PipeReader,
    PipeWriter,
    is_live,
    open_reader,
    open_writer,
)
from media.errors import DeviceError

SOUND = np.arange(FRAME_SAMPLES, dtype=np.int16)


class Pipe:
    """The two ends of a pipe; each is closed once only, for numbers are soon given out again."""

    def __init__(self) -> None:
        self.out, self.into = os.pipe()
        self._open = {self.out, self.into}

    def close(self, fd: int) -> None:
        if fd in self._open:
            self._open.remove(fd)
            os.close(fd)


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    ends = Pipe()
    yield ends
    ends.close(ends.out)
    ends.close(ends.into)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.001)


# --- in ---


async def test_frames_come_out_of_a_pipe_whatever_the_pieces(pipe: Pipe) -> None:
    reader = open_reader(pipe.out)
    assert isinstance(reader, PipeReader)
    assert is_live(reader)
    data = to_bytes(SOUND) * 2
    reading = asyncio.create_task(reader.read())
    for start in range(0, len(data), 777):
        os.write(pipe.into, data[start : start + 777])
        await asyncio.sleep(0)
    assert np.array_equal(await reading, SOUND)
    assert np.array_equal(await reader.read(), SOUND)
    await reader.close()


async def test_the_last_frame_is_filled_with_silence(pipe: Pipe) -> None:
    reader = open_reader(pipe.out)
    os.write(pipe.into, to_bytes(SOUND) + b"\x01\x00\x02\x00\x03")
    pipe.close(pipe.into)
    assert np.array_equal(await reader.read(), SOUND)
    last = await reader.read()
    assert last is not None
    assert last[:3].tolist() == [1, 2, 0]
    assert last.shape == (FRAME_SAMPLES,)
    assert await reader.read() is None
    assert await reader.read() is None
    await reader.close()


async def test_a_fast_producer_is_held_back(pipe: Pipe) -> None:
    reader = open_reader(pipe.out)
    os.set_blocking(pipe.into, False)
    written = read = 0
    for _ in range(200):
        with suppress(BlockingIOError):
            written += os.write(pipe.into, to_bytes(SOUND) * 4)
        read += await reader.read() is not None
        await asyncio.sleep(0)
    assert read == 200
    assert written - read * FRAME_BYTES < 64 * 1024 + 200_000
    await reader.close()


async def test_the_pipe_is_left_as_it_was_found(pipe: Pipe) -> None:
    reader = open_reader(pipe.out)
    os.write(pipe.into, to_bytes(SOUND))
    await reader.read()
    assert not os.get_blocking(pipe.out)
    await reader.close()
    await reader.close()
    assert os.get_blocking(pipe.out)


async def test_an_ordinary_file_as_standard_input(tmp_path: Path) -> None:
    path = tmp_path / "sound.raw"
    path.write_bytes(to_bytes(SOUND) + b"\x07\x00\x08")
    fd = os.open(path, os.O_RDONLY)
    try:
        reader = open_reader(fd)
        assert isinstance(reader, BatchReader)
        assert not is_live(reader)
        assert np.array_equal(await reader.read(), SOUND)
        last = await reader.read()
        assert last is not None
        assert last[:2].tolist() == [7, 0]
        assert await reader.read() is None
        await reader.close()
    finally:
        os.close(fd)


async def test_dev_null_ends_at_once() -> None:
    fd = os.open(os.devnull, os.O_RDONLY)
    try:
        reader = open_reader(fd)
        async with asyncio.timeout(5):
            assert await reader.read() is None
        await reader.close()
    finally:
        os.close(fd)


async def test_sound_into_dev_null_is_fine() -> None:
    fd = os.open(os.devnull, os.O_WRONLY)
    try:
        writer = open_writer(fd)
        for _ in range(200):
            await writer.write(SOUND)
        assert isinstance(writer, PipeWriter)
        assert writer.dropped == 0
        await writer.close()
    finally:
        os.close(fd)


def test_a_terminal_is_no_sound() -> None:
    ends = pty.openpty()
    try:
        with pytest.raises(DeviceError, match="standard input is a terminal"):
            open_reader(ends[1])
        with pytest.raises(DeviceError, match="standard output is a terminal"):
            open_writer(ends[1])
    finally:
        for fd in ends:
            os.close(fd)


def test_a_closed_descriptor_is_one_clear_error(pipe: Pipe) -> None:
    pipe.close(pipe.out)
    pipe.close(pipe.into)
    with pytest.raises(DeviceError, match="standard input is closed"):
        open_reader(pipe.out)
    with pytest.raises(DeviceError, match="standard output is closed"):
        open_writer(pipe.into)


# --- out ---


async def test_frames_go_into_a_pipe_and_all_arrive(pipe: Pipe) -> None:
    writer = open_writer(pipe.into)
    for _ in range(3):
        await writer.write(SOUND)
    await writer.close()
    pipe.close(pipe.into)
    assert os.read(pipe.out, 1 << 20) == to_bytes(SOUND) * 3
    assert os.read(pipe.out, 1) == b""


async def test_a_reader_that_sleeps_costs_bounded_memory_and_whole_frames(
    pipe: Pipe,
) -> None:
    writer = open_writer(pipe.into)
    assert isinstance(writer, PipeWriter)
    for _ in range(300):
        await writer.write(SOUND)
    assert writer.dropped > 200
    assert writer._transport is not None
    assert writer._transport.get_write_buffer_size() <= QUEUE_BYTES

    def drain() -> bytes:
        data = b""
        while part := os.read(pipe.out, 1 << 16):
            data += part
        return data

    reading = asyncio.create_task(asyncio.to_thread(drain))
    await writer.close()
    pipe.close(pipe.into)
    data = await reading
    assert data == to_bytes(SOUND) * (300 - writer.dropped)


async def test_nobody_reading_at_the_end_is_not_waited_for_long(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("media.audio.pipes.FLUSH_SECONDS", 0.01)
    writer = open_writer(pipe.into)
    for _ in range(60):
        await writer.write(SOUND)
    await writer.close()
    assert os.get_blocking(pipe.into)


async def test_a_broken_pipe_ends_cleanly(pipe: Pipe, caplog: pytest.LogCaptureFixture) -> None:
    pulls, notes = list[int](), list[str]()

    def pull(now: float) -> Pcm:
        pulls.append(1)
        return SILENCE

    sink = PacedSink(open_writer(pipe.into), pull=pull, on_note=notes.append)
    await sink.start()
    await until(lambda: bool(pulls))
    pipe.close(pipe.out)
    await until(lambda: bool(notes))
    seen = len(pulls)
    await until(lambda: len(pulls) > seen + 2)
    await sink.stop()
    assert notes == ["nobody reads the sound on standard output any more"]
    assert not caplog.records


async def test_an_ordinary_file_as_standard_output(tmp_path: Path) -> None:
    path = tmp_path / "sound.raw"
    fd = os.open(path, os.O_WRONLY | os.O_CREAT)
    try:
        writer = open_writer(fd)
        assert isinstance(writer, FileWriter)
        await writer.write(SOUND)
        await writer.write(SOUND)
        await writer.close()
    finally:
        os.close(fd)
    assert path.read_bytes() == to_bytes(SOUND) * 2


async def test_a_full_disk_is_one_clear_error() -> None:
    fd = os.open("/dev/full", os.O_WRONLY)
    try:
        with pytest.raises(DeviceError, match="cannot be written"):
            await FileWriter(fd).write(SOUND)
    finally:
        os.close(fd)
