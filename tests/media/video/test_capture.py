"""Sources of pictures: real files, real threads, no camera here."""

from __future__ import annotations

import asyncio
import itertools
import threading
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from media.errors import DeviceError
from media.video import Rgb, cameras, capture
from media.video.capture import VideoSource, open_video_source

SIZE = (40, 30)


class Listener:
    """Keeps what a source delivers, and the thread it was delivered in."""

    def __init__(self) -> None:
        self.pictures: list[Rgb] = []
        self.notes: list[str] = []
        self.ended = asyncio.Event()
        self.threads: set[int] = set()

    def open(self, spec: str, *, fps: int = 50) -> VideoSource | None:
        return open_video_source(
            spec,
            fps=fps,
            size=SIZE,
            on_picture=self.on_picture,
            on_end=self.ended.set,
            on_note=self.notes.append,
        ).source

    def on_picture(self, rgb: Rgb) -> None:
        self.pictures.append(rgb)
        self.threads.add(threading.get_ident())

    async def wait_for(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self.pictures) < count:
                await asyncio.sleep(0.005)


def sources_running() -> int:
    return sum(thread.name == "video source" for thread in threading.enumerate())


def make_file(path: Path, *, frames: int, fps: int, size: tuple[int, int] = (64, 48)) -> str:
    """Write a video whose picture number n has the grey value 2n."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=fps)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        for number in range(frames):
            grey = np.full((size[1], size[0], 3), 2 * number, np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return str(path)


async def test_the_drawn_person_comes_in_the_event_loop_at_the_size_asked_for() -> None:
    listener = Listener()
    source = listener.open("testsrc:3")
    assert source is not None
    await source.start()
    await listener.wait_for(3)
    await source.stop()
    assert {picture.shape for picture in listener.pictures} == {(30, 40, 3)}
    assert listener.threads == {threading.get_ident()}
    assert (listener.pictures[0] != listener.pictures[1]).any()


async def test_stop_ends_the_thread_and_nothing_follows() -> None:
    listener = Listener()
    source = listener.open("testsrc")
    assert source is not None
    await source.start()
    await listener.wait_for(2)
    await source.stop()
    count = len(listener.pictures)
    assert sources_running() == 0
    await asyncio.sleep(0.05)
    assert len(listener.pictures) == count
    assert not listener.ended.is_set()
    await source.stop()


async def test_a_picture_on_its_way_when_stopped_is_not_delivered() -> None:
    listener = Listener()
    source = listener.open("testsrc", fps=200)
    assert source is not None
    await source.start()
    await listener.wait_for(1)
    count = len(listener.pictures)
    threading.Event().wait(0.1)
    await source.stop()
    assert len(listener.pictures) == count


async def test_a_source_starts_again() -> None:
    listener = Listener()
    source = listener.open("testsrc")
    assert source is not None
    for _ in range(2):
        listener.pictures.clear()
        await source.start()
        await source.start()
        await listener.wait_for(1)
        await source.stop()


async def test_a_busy_event_loop_gets_the_newest_picture_only() -> None:
    listener = Listener()
    source = listener.open("testsrc", fps=100)
    assert source is not None
    await source.start()
    await listener.wait_for(1)
    threading.Event().wait(0.2)
    before = len(listener.pictures)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await source.stop()
    assert len(listener.pictures) - before <= 3


async def test_a_file_is_played_to_its_end_in_its_own_time(tmp_path: Path) -> None:
    listener = Listener()
    source = listener.open(make_file(tmp_path / "a.mp4", frames=20, fps=100))
    assert source is not None
    await source.start()
    async with asyncio.timeout(10):
        await listener.ended.wait()
    greys = [int(np.median(picture)) for picture in listener.pictures]
    assert greys == sorted(greys)
    assert greys[0] <= 4
    # 20 pictures at 100 a second, of which at most 50 a second are wanted.
    assert 1 <= len(greys) <= 11
    await source.stop()
    assert sources_running() == 0


def test_sampling_keeps_the_rate_whatever_the_file_has(tmp_path: Path) -> None:
    path = make_file(tmp_path / "a.mp4", frames=30, fps=30)
    with capture._file(path, 10, SIZE) as pictures:
        times = [due for due, _ in pictures]
    assert times == pytest.approx([i / 10 for i in range(10)], abs=0.002)


def test_a_slower_file_keeps_its_own_rate(tmp_path: Path) -> None:
    path = make_file(tmp_path / "a.mp4", frames=4, fps=5)
    with capture._file(path, 10, SIZE) as pictures:
        assert [due for due, _ in pictures] == pytest.approx([0, 0.2, 0.4, 0.6])


def test_a_wide_file_is_cut_not_squeezed(tmp_path: Path) -> None:
    path = make_file(tmp_path / "a.mp4", frames=2, fps=5, size=(320, 80))
    with capture._file(path, 10, SIZE) as pictures:
        assert {rgb.shape for _, rgb in pictures} == {(30, 40, 3)}


async def test_playlist_that_reaches_for_the_network_is_refused(tmp_path: Path) -> None:
    async def refuse(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        contacted.append(True)
        writer.close()

    contacted: list[bool] = []
    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    path = tmp_path / "list.m3u8"
    path.write_text(f"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:{port}/a.ts\n#EXT-X-ENDLIST\n")
    with pytest.raises(DeviceError):
        await asyncio.to_thread(Listener().open, str(path))
    server.close()
    assert contacted == []


def test_a_file_with_sound_only_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=48000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 960), np.int16), "s16", "mono")
        frame.sample_rate = 48000
        container.mux(stream.encode(frame))
    with pytest.raises(DeviceError, match="no video"):
        Listener().open(str(path))


async def test_without_a_camera_there_is_no_source(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(cameras, "_DEV", tmp_path)
    assert Listener().open("camera") is None


async def test_a_camera_that_is_named_and_not_there_is_a_note(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(cameras, "_DEV", tmp_path)
    (tmp_path / "video0").touch()
    ignore = lambda *_: None  # noqa: E731
    opened = open_video_source(
        "device:video1", fps=10, size=SIZE, on_picture=ignore, on_end=lambda: None
    )
    assert opened == (None, "there is no camera called video1")
    assert Listener().open("device:video0") is not None


async def test_a_camera_that_cannot_be_opened_is_an_error_with_a_hint(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "video0").write_bytes(b"no device")
    monkeypatch.setattr(cameras, "_DEV", tmp_path)
    source = Listener().open("camera")
    assert source is not None
    with pytest.raises(DeviceError) as raised:
        await source.start()
    assert raised.value.hint
    assert capfd.readouterr() == ("", "")


async def test_specs_that_name_nothing_are_refused_or_none() -> None:
    assert Listener().open("none") is None
    for spec in ("testsrc:x", "testsrc:-1", "no such file.mp4", ""):
        with pytest.raises(DeviceError):
            Listener().open(spec)


def test_a_drawn_person_is_drawn_once_and_never_jumps() -> None:
    with capture._drawn(1, 10, SIZE) as pictures:
        shown = [next(pictures) for _ in range(3 * capture.DRAWN_SECONDS * 10)]
    assert [due for due, _ in shown] == [number / 10 for number in range(len(shown))]
    assert len({id(picture) for _, picture in shown}) == capture.DRAWN_SECONDS * 10
    steps = [
        np.abs(after.astype(int) - before.astype(int)).mean()
        for (_, before), (_, after) in itertools.pairwise(shown)
    ]
    assert max(steps[capture.DRAWN_SECONDS * 10 :]) <= max(steps[: capture.DRAWN_SECONDS * 10])


@pytest.mark.parametrize("content", [b"", b"root:x:0:0:root:/root:/bin/sh\n" * 40])
def test_a_file_that_is_no_video_is_refused_before_anybody_is_bothered(
    content: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "passwd"
    path.write_bytes(content)
    with pytest.raises(DeviceError, match=r"/passwd' is not a video file"):
        Listener().open(str(path))
