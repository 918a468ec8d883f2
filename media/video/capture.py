"""Where pictures come from: a camera, a file, or the drawn person.

Each source reads in a thread of its own and delivers in the event loop that started it.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, cast

import av
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation

from media.control import DEVICE
from media.errors import DeviceError
from media.video import Rgb, cameras
from media.video.scale import cover
from media.video.synthetic import SyntheticFace

Size = tuple[int, int]
"""Width and height in pixels."""
TimedPicture = tuple[float | None, Rgb]
"""A picture and when it is due, in seconds from the start; None for at once (a live source)."""
Opener = Callable[[], contextlib.AbstractContextManager[Iterator[TimedPicture]]]

_CAMERA_OPTIONS: tuple[dict[str, str], ...] = ({"video_size": "640x480"}, {})
DRAWN_SECONDS = 8
"""How much of a drawn person is kept, 5 MB at 160x120 and 10 pictures a second."""
_JOIN_SECONDS = 2.0


def open_video_source(
    spec: str,
    *,
    fps: int,
    size: Size,
    on_picture: Callable[[Rgb], None],
    on_end: Callable[[], None],
    on_note: Callable[[str], None] | None = None,
) -> OpenedVideo:
    """Return the source a spec names (`media.control.Configure.video_in`), not yet started.

    Pictures have exactly `size` and come at most `fps` times a second. None for `none`, and for a
    camera that is not there. Raises `DeviceError` for a file that is not there or no video, or
    a spec that makes no sense. All callbacks run in the event loop. May block for a slow disk.
    """
    listener = _Listener(on_picture, on_end, on_note or (lambda _text: None))
    if spec == "none":
        return OpenedVideo(None, "")
    if spec == "camera" or spec.startswith(DEVICE):
        name = spec.removeprefix(DEVICE) if spec != "camera" else None
        paths = cameras.find(name)
        if not paths:
            return OpenedVideo(None, f"there is no camera called {name}" if name else "")
        opener: Opener = lambda: _camera(paths, fps, size)  # noqa: E731
    elif spec == "testsrc" or spec.startswith("testsrc:"):
        seed = _seed(spec)
        opener = lambda: _drawn(seed, fps, size)  # noqa: E731
    else:
        if not Path(spec).is_file():
            raise DeviceError(f"there is no video file {spec!r}")
        with _file(spec, fps, size):
            pass  # one that cannot be played is refused now, not in the room
        opener = lambda: _file(spec, fps, size)  # noqa: E731
    return OpenedVideo(VideoSource(opener, 1 / fps, listener), "")


@dataclass(frozen=True)
class _Listener:
    on_picture: Callable[[Rgb], None]
    on_end: Callable[[], None]
    on_note: Callable[[str], None]


class OpenedVideo(NamedTuple):
    """A source, or None without one, and a note on what is missing; often empty."""

    source: VideoSource | None
    note: str


class VideoSource:
    """One source of pictures; while stopped, its device is closed."""

    def __init__(self, opener: Opener, interval: float, listener: _Listener) -> None:
        self._opener, self._interval, self._listener = opener, interval, listener
        self._run: _Run | None = None

    async def start(self) -> None:
        """Open the device and deliver pictures from now on; a file plays from its beginning.

        Raises `DeviceError` if it cannot be opened. Does nothing when already started.
        """
        if self._run is not None:
            return
        run = self._run = _Run(self._opener, self._interval, self._listener)
        try:
            await run.opened
        except DeviceError:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Close the device; when this returns it is closed and no picture follows."""
        run, self._run = self._run, None
        if run is not None:
            await run.stop()

    async def close(self) -> None:
        """Stop; nothing more is held."""
        await self.stop()


class _Run:
    """The thread between one `start` and its `stop`."""

    def __init__(self, opener: Opener, interval: float, listener: _Listener) -> None:
        self._opener, self._interval, self._listener = opener, interval, listener
        self._loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[None] = self._loop.create_future()
        self._stopping = threading.Event()
        # Only the newest picture waits for a busy event loop.
        self._waiting: deque[Rgb] = deque(maxlen=1)
        self._thread = threading.Thread(target=self._work, name="video source", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        self._stopping.set()
        await asyncio.to_thread(self._thread.join, _JOIN_SECONDS)

    def _work(self) -> None:
        """Open, play, close; say how it went."""
        failure: DeviceError | None = None
        try:
            with self._opener() as pictures:
                self._tell(self._set_opened, None)
                self._play(pictures)
        except DeviceError as error:
            failure = error
        except (FFmpegError, ValueError, OSError):
            failure = DeviceError("the video source stopped giving pictures")
        self._tell(self._finished, failure)

    def _play(self, pictures: Iterator[TimedPicture]) -> None:
        """Deliver each picture when it is due, leaving out those that come too late."""
        start = time.monotonic()
        for due, rgb in pictures:
            wait = 0.0 if due is None else start + due - time.monotonic()
            if self._stopping.wait(max(0.0, wait)):
                return
            if wait > -self._interval or due == 0.0:
                self._waiting.append(rgb)
                self._tell(self._deliver)

    def _tell(self, callback: Callable[..., None], *args: object) -> None:
        # The loop may be closed by now; then nobody is left to be told.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(callback, *args)

    def _deliver(self) -> None:
        if self._waiting and not self._stopping.is_set():
            self._listener.on_picture(self._waiting.pop())

    def _set_opened(self, failure: DeviceError | None) -> None:
        if self.opened.done():
            return
        if failure is None:
            self.opened.set_result(None)
        else:
            self.opened.set_exception(failure)

    def _finished(self, failure: DeviceError | None) -> None:
        """The thread is through: opening failed, or the source ended, or it was stopped."""
        if not self.opened.done():
            self._set_opened(failure)
        elif not self._stopping.is_set():
            if failure is not None:
                self._listener.on_note(failure.message)
            self._listener.on_end()


def _seed(spec: str) -> int:
    text = spec.partition(":")[2] or "0"
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise DeviceError(f"{spec!r} needs a whole number as its seed", hint="try testsrc:1")
    return int(text)


@contextlib.contextmanager
def _drawn(seed: int, fps: int, size: Size) -> Iterator[Iterator[TimedPicture]]:
    yield _to_and_fro(SyntheticFace(seed, *size), fps)


def _to_and_fro(face: SyntheticFace, fps: int) -> Iterator[TimedPicture]:
    """Draw some seconds, then give them backwards and forwards: drawing costs more than VP8."""
    drawn: list[Rgb] = []
    length = DRAWN_SECONDS * fps
    for number in itertools.count():
        step = number % (2 * length)
        index = step if step < length else 2 * length - 1 - step
        if index == len(drawn):
            drawn.append(face.draw(index / fps))
        yield number / fps, drawn[index]


@contextlib.contextmanager
def _file(path: str, fps: int, size: Size) -> Iterator[Iterator[TimedPicture]]:
    """Open a file; its pictures at most `fps` times a second of its own time."""
    try:
        container = av.open(path)
    except FFmpegError as error:
        raise DeviceError(f"{path!r} is not a video file that can be read") from error
    with container:
        if not container.streams.video:
            raise DeviceError(f"{path!r} has no video in it")
        yield _sample(container.decode(video=0), fps, size)


def _sample(frames: Iterator[VideoFrame], fps: int, size: Size) -> Iterator[TimedPicture]:
    first: float | None = None
    due = 0.0
    for number, frame in enumerate(frames):
        at = frame.time if frame.time is not None else number / fps
        first = at if first is None else first
        if at - first >= due - 0.001:
            yield at - first, _picture(frame, size)
            due = max(due + 1 / fps, at - first)


@contextlib.contextmanager
def _camera(paths: list[Path], fps: int, size: Size) -> Iterator[Iterator[TimedPicture]]:
    """Open the first camera that works: a machine has device files that are none."""
    for path, options in itertools.product(paths, _CAMERA_OPTIONS):
        with contextlib.suppress(FFmpegError):
            container = av.open(str(path), format="v4l2", options=options)
            break
    else:
        raise DeviceError(
            "the camera cannot be opened",
            hint="is another program using it, and may you read /dev/video*?",
        )
    with container:
        yield _live(container.decode(video=0), fps, size)


def _live(frames: Iterator[VideoFrame], fps: int, size: Size) -> Iterator[TimedPicture]:
    """Pass pictures on as they come, leaving out what exceeds `fps`."""
    due = 0.0
    for frame in frames:
        now = time.monotonic()
        if now >= due:
            yield None, _picture(frame, size)
            due = max(due + 1 / fps, now)


def _picture(frame: VideoFrame, size: Size) -> Rgb:
    """Shrink with swscale to just cover the size, then cut to it."""
    ratio = max(size[0] / frame.width, size[1] / frame.height)
    small = frame.reformat(
        width=max(size[0], round(frame.width * ratio)),
        height=max(size[1], round(frame.height * ratio)),
        format="rgb24",
        interpolation=Interpolation.AREA,
        threads=1,  # starting threads costs more than one small picture
    )
    return cover(cast("Rgb", small.to_ndarray()), *size)
