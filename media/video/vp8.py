"""VP8 through the libvpx in the PyAV wheel, tuned for small pictures in real time (RFC 6386)."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

import av
import numpy as np
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame
from av.video.reformatter import VideoReformatter

from media.errors import CodecError
from media.video import Rgb
from media.video.frame_tag import CLEAR_BYTES_KEY, is_key_frame

WIDTH, HEIGHT, FPS, BITRATE = 160, 120, 10, 40_000
"""What a terminal can show; see the drawing measurements in the design."""

_START_CODE = b"\x9d\x01\x2a"
_DIMENSION_MASK = 0x3FFF

MAX_ENCODED_BYTES = 256 * 1024
MAX_PIXELS = 1280 * 720
"""The largest picture decoded: a key frame may claim 16383 x 16383, which is 800 MB of RGB."""

_THREADS = 1
"""For codec and colour conversion. A converter is kept as well: one made anew for each picture
would start threads, which cost 20 times what converting 160x120 does."""

_NO_AUTOMATIC_KEY_FRAMES = 1_000_000
_MAX_KEY_FRAME_PERCENT = 600
"""Size of a key frame in percent of an average frame: 3 kB at 40 kb/s and 10 frames a second."""


@dataclass(frozen=True)
class EncodedFrame:
    """One encoded frame and whether it decodes without any other."""

    data: bytes = field(repr=False)
    is_key: bool


class Encoder:
    """Encodes pictures of one size at a constant bitrate, in bits a second.

    A key frame is made only when asked for, and for the first picture: a receiver that misses
    one asks for it (PLI), so periodic ones would only cost quality.
    """

    def __init__(
        self,
        width: int = WIDTH,
        height: int = HEIGHT,
        fps: int = FPS,
        bitrate: int = BITRATE,
    ) -> None:
        self.width, self.height, self.fps, self.bitrate = width, height, fps, bitrate
        self._context = _open_encoder(width, height, fps, bitrate)
        self._converter = VideoReformatter()
        self._count = 0

    def encode(self, rgb: Rgb, *, key: bool = False) -> EncodedFrame:
        """Encode one picture of exactly the encoder's size.

        Raises `CodecError` for another size, or when libvpx gives nothing back.
        """
        if rgb.shape != (self.height, self.width, 3) or rgb.dtype != np.uint8:
            raise CodecError(f"a picture of {rgb.shape} was given to a VP8 encoder of another size")
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
        frame = self._converter.reformat(frame, format="yuv420p", threads=_THREADS)
        frame.pts = self._count
        frame.time_base = Fraction(1, self.fps)
        frame.pict_type = PictureType.I if key else PictureType.NONE
        self._count += 1
        try:
            packets = self._context.encode(frame)
        except FFmpegError as error:
            raise CodecError("libvpx could not encode a picture") from error
        data = b"".join(bytes(packet) for packet in packets)
        if not data:
            raise CodecError("libvpx gave no encoded frame back")
        return EncodedFrame(data, is_key_frame(data))


class Decoder:
    """Decodes one participant's frames; whatever arrives, it survives and resumes at a key frame.

    libvpx state exists only from a key frame on and is thrown away at the first error: no state
    a hostile frame left behind is ever used again.
    """

    def __init__(self) -> None:
        self._context: VideoCodecContext | None = None
        self._converter = VideoReformatter()

    @property
    def needs_key_frame(self) -> bool:
        """Whether only a key frame can be decoded now: the publisher should be asked for one."""
        return self._context is None

    def decode(self, data: bytes) -> Rgb | None:
        """Decode one frame; None for what does not decode (garbage, or no key frame came yet)."""
        frame = self.advance(data)
        return None if frame is None else self.picture(frame)

    def picture(self, frame: VideoFrame) -> Rgb:
        """Return the picture of a decoded frame."""
        rgb = self._converter.reformat(frame, format="rgb24", threads=_THREADS)
        return np.asarray(rgb.to_ndarray(), np.uint8)

    def advance(self, data: bytes) -> VideoFrame | None:
        """Decode one frame as `decode` does, and leave out what only whoever looks at it needs."""
        if not 0 < len(data) <= MAX_ENCODED_BYTES:
            return None
        if is_key_frame(data):
            if not _acceptable_key_frame(data):
                self._context = None
                return None
            self._context = self._context or _open_decoder()
        if self._context is None:
            return None
        try:
            frames = self._context.decode(av.Packet(data))
        except FFmpegError:
            frames = []
        if not frames:
            self._context = None
            return None
        return frames[-1]


def _acceptable_key_frame(data: bytes) -> bool:
    """Whether a key frame's header is well-formed and claims a bearable size."""
    if len(data) < CLEAR_BYTES_KEY or data[3:6] != _START_CODE:
        return False
    width = int.from_bytes(data[6:8], "little") & _DIMENSION_MASK
    height = int.from_bytes(data[8:10], "little") & _DIMENSION_MASK
    return 0 < width * height <= MAX_PIXELS


def _open_encoder(width: int, height: int, fps: int, bitrate: int) -> VideoCodecContext:
    """Open libvpx as a real-time encoder: no look-ahead, no dropped frames, one thread."""
    try:
        context = av.CodecContext.create("libvpx", "w")
        context.width, context.height, context.pix_fmt = width, height, "yuv420p"
        context.framerate, context.time_base = Fraction(fps), Fraction(1, fps)
        context.bit_rate = bitrate
        context.gop_size = _NO_AUTOMATIC_KEY_FRAMES
        context.thread_count = _THREADS
        context.options = {
            "deadline": "realtime",
            "cpu-used": "-6",
            "lag-in-frames": "0",
            "error-resilient": "1",
            "minrate": str(bitrate),
            "maxrate": str(bitrate),
            "bufsize": str(bitrate),
            "max-intra-rate": str(_MAX_KEY_FRAME_PERCENT),
        }
        context.open()
    except (FFmpegError, ValueError) as error:
        raise CodecError("the VP8 encoder (libvpx) cannot be opened") from error
    return context


def _open_decoder() -> VideoCodecContext:
    try:
        context = av.CodecContext.create("libvpx", "r")
        context.thread_count = _THREADS
        context.open()
    except (FFmpegError, ValueError) as error:
        raise CodecError("the VP8 decoder (libvpx) cannot be opened") from error
    return context
