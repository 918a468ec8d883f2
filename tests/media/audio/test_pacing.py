import asyncio
from collections.abc import Callable

import numpy as np
import pytest

from media.audio.pacing import MAX_BEHIND_SECONDS, PacedSink, PacedSource, Pacer
from media.audio.pcm import FRAME_SAMPLES, SILENCE, Pcm
from media.errors import DeviceError


class VirtualClock:
    """Time that passes only by sleeping; every sleep may be late by a fixed amount."""

    def __init__(self, late: float = 0.0) -> None:
        self.now = 1000.0
        self.late = late
        self.sleeps: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds + (self.late if seconds > 0 else 0.0)


class Frames:
    """A reader of numbered frames; `live` ones wait for `feed`."""

    def __init__(self, count: int) -> None:
        self.closed = 0
        self.reads = 0
        self.queue: asyncio.Queue[Pcm | None] = asyncio.Queue()
        for index in range(count):
            self.queue.put_nowait(np.full(FRAME_SAMPLES, index, np.int16))

    def end(self) -> None:
        self.queue.put_nowait(None)

    async def read(self) -> Pcm | None:
        frame = await self.queue.get()
        self.reads += 1
        return frame

    async def close(self) -> None:
        self.closed += 1


class Written:
    """A writer that keeps everything, and fails from some frame on."""

    def __init__(self, limit: int = 1 << 30, *, broken_close: bool = False) -> None:
        self.frames: list[Pcm] = []
        self.closed = 0
        self._limit = limit
        self._broken_close = broken_close

    async def write(self, frame: Pcm) -> None:
        if len(self.frames) >= self._limit:
            raise DeviceError("disk full")
        self.frames.append(frame)

    async def close(self) -> None:
        self.closed += 1
        if self._broken_close:
            raise DeviceError("cannot rename")


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.001)


async def test_late_wake_ups_do_not_add_up() -> None:
    clock = VirtualClock(late=0.003)
    pacer = Pacer(1, clock, clock.sleep, phase=0.0)
    for _ in range(501):
        await pacer.tick()
    assert clock.now == pytest.approx(1010.003)


async def test_two_that_start_at_different_times_tick_together() -> None:
    clock = VirtualClock()
    ticks = []
    for start in (1000.003, 1000.0171):
        clock.now = start
        pacer = Pacer(1, clock, clock.sleep, phase=0.005)
        for _ in range(3):
            await pacer.tick()
        ticks.append(clock.now)
    assert ticks == pytest.approx([1000.045, 1000.065])


async def test_a_short_stall_is_caught_up_and_a_long_one_let_go() -> None:
    clock = VirtualClock()
    pacer = Pacer(1, clock, clock.sleep, phase=0.0)
    await pacer.tick()
    clock.now += 0.08
    clock.sleeps.clear()
    for _ in range(6):
        await pacer.tick()
    assert clock.sleeps[:4] == [0.0] * 4
    assert clock.now == pytest.approx(1000.12)
    clock.now += 60.0
    clock.sleeps.clear()
    for _ in range(100):
        await pacer.tick()
    assert clock.sleeps.count(0.0) <= MAX_BEHIND_SECONDS / 0.02
    assert clock.now == pytest.approx(1060.12 + 99 * 0.02)


def source(
    reader: Frames, got: list[Pcm], *, live: bool = False, ends: list[bool] | None = None
) -> PacedSource:
    def ended(_reason: str) -> None:
        if ends is not None:
            ends.append(True)

    return PacedSource(reader, on_frame=got.append, on_end=ended, live=live)


async def test_the_end_is_told_once_after_the_last_frame() -> None:
    reader, got, counts = Frames(3), list[Pcm](), list[int]()
    reader.end()
    paced = PacedSource(reader, on_frame=got.append, on_end=lambda _: counts.append(len(got)))
    await paced.start()
    await until(lambda: bool(counts))
    assert [int(frame[0]) for frame in got] == [0, 1, 2]
    assert counts == [3]
    assert reader.closed == 1
    await paced.start()
    await paced.stop()
    await paced.close()
    assert counts == [3]


async def test_why_there_is_no_sound_is_told_with_the_end() -> None:
    class Broken:
        async def read(self) -> Pcm | None:
            raise DeviceError("there is no sound")

        async def close(self) -> None:
            pass

    reasons: list[str] = []
    paced = PacedSource(Broken(), on_frame=lambda _frame: None, on_end=reasons.append)
    await paced.start()
    async with asyncio.timeout(5):
        while not reasons:
            await asyncio.sleep(0.001)
    await paced.close()
    assert reasons == ["there is no sound"]


async def test_stop_pauses_a_recording_without_losing_a_frame() -> None:
    reader, got, ends = Frames(8), list[Pcm](), list[bool]()
    reader.end()
    paced = source(reader, got, ends=ends)
    await paced.start()
    await until(lambda: len(got) >= 3)
    await paced.stop()
    heard, read = len(got), reader.reads
    await asyncio.sleep(0.06)
    assert (len(got), reader.reads) == (heard, read)
    await paced.start()
    await until(lambda: bool(ends))
    assert [int(frame[0]) for frame in got] == list(range(8))


async def test_what_came_while_muted_is_never_sent() -> None:
    reader, got = Frames(0), list[Pcm]()
    paced = source(reader, got, live=True)
    await paced.start()
    reader.queue.put_nowait(np.full(FRAME_SAMPLES, 1, np.int16))
    await until(lambda: len(got) == 1)
    await paced.stop()
    for _ in range(3):
        reader.queue.put_nowait(np.full(FRAME_SAMPLES, 2, np.int16))
    await until(reader.queue.empty)
    await paced.start()
    await asyncio.sleep(0.03)
    reader.queue.put_nowait(np.full(FRAME_SAMPLES, 3, np.int16))
    await until(lambda: len(got) == 2)
    assert [int(frame[0]) for frame in got] == [1, 3]
    await paced.close()
    assert reader.closed == 1


async def test_what_a_pipe_holds_at_the_first_unmute_is_never_sent() -> None:
    reader, got = Frames(40), list[Pcm]()
    paced = source(reader, got, live=True)
    await paced.stop()
    await until(lambda: reader.reads == 40)
    await paced.start()
    await asyncio.sleep(0.03)
    reader.queue.put_nowait(np.full(FRAME_SAMPLES, 99, np.int16))
    await until(lambda: len(got) == 1)
    assert got[0][0] == 99
    await paced.close()


async def test_a_source_never_started_closes() -> None:
    reader = Frames(1)
    paced = source(reader, [])
    await paced.stop()
    await paced.close()
    assert (reader.reads, reader.closed) == (0, 1)


async def test_a_sink_pulls_and_writes_until_stopped() -> None:
    written, notes = Written(), list[str]()
    sink = PacedSink(written, pull=lambda _now: SILENCE, on_note=notes.append)
    await sink.start()
    await sink.start()
    await until(lambda: len(written.frames) >= 3)
    await sink.stop()
    count = len(written.frames)
    await asyncio.sleep(0.05)
    await sink.stop()
    assert (len(written.frames), written.closed, notes) == (count, 1, [])


@pytest.mark.parametrize(
    ("tick", "dues"),
    [
        (1000.08, [1000.02, 1000.04, 1000.06, 1000.08]),
        (1000.045, [1000.025, 1000.045]),  # at the end: what became due since
        (1000.005, []),
        (1060.0, [1059.94, 1059.96, 1059.98, 1060.0]),  # after a stall
    ],
)
async def test_each_frame_is_pulled_as_if_in_its_own_time(tick: float, dues: list[float]) -> None:
    pulled: list[float] = []

    def pull(now: float) -> Pcm:
        pulled.append(now)
        return SILENCE

    sink = PacedSink(None, pull=pull, on_note=lambda _note: None)
    await sink._pull_until(1000.0)
    assert pulled == pytest.approx([999.94, 999.96, 999.98, 1000.0])
    pulled.clear()
    await sink._pull_until(tick)
    assert pulled == pytest.approx(dues)


async def test_a_sink_with_nowhere_to_play_still_pulls() -> None:
    pulls: list[int] = []

    def pull(now: float) -> Pcm:
        pulls.append(1)
        return SILENCE

    sink = PacedSink(None, pull=pull, on_note=lambda _note: None)
    await sink.start()
    await until(lambda: len(pulls) >= 3)
    await sink.stop()


async def test_a_writer_that_fails_is_told_once_and_pulling_goes_on() -> None:
    written, notes, pulls = Written(limit=2), list[str](), list[int]()

    def pull(now: float) -> Pcm:
        pulls.append(1)
        return SILENCE

    sink = PacedSink(written, pull=pull, on_note=notes.append)
    await sink.start()
    await until(lambda: len(pulls) >= 5)
    await sink.stop()
    assert (notes, written.closed) == (["disk full"], 1)


async def test_a_file_that_cannot_be_finished_is_told() -> None:
    notes: list[str] = []
    sink = PacedSink(Written(broken_close=True), pull=lambda _now: SILENCE, on_note=notes.append)
    await sink.start()
    await sink.stop()
    assert notes == ["cannot rename"]
