"""From decrypted frames to what is heard and seen: one buffer and one decoder for each leaf.

Nothing in here awaits or raises for what a peer sent; `now` is `time.monotonic` in seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from media.audio.jitter import JitterBuffer
from media.audio.levels import FLOOR, SpeakingDetector
from media.audio.mixer import mix
from media.audio.pcm import FRAME_SAMPLES, SILENCE, Pcm
from media.control import Event, Heard, Picture, Seen, SetView, Speaking
from media.limits import TokenBucket
from media.video import Rgb
from media.video.frame_tag import is_key_frame
from media.video.scale import scale

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

KEY_FRAME_REQUEST_INTERVAL = 0.5
"""Seconds between two key frame requests for one slot."""
PIXELS_PER_SECOND = 3_000_000.0
"""What is decoded of one leaf: sixteen times what we send ourselves. Flat pictures of any size fit
the server's limits, and decoding them must not cost everybody the sound."""
PICTURE_PIXELS = 50_000
"""What each picture counts besides its own pixels."""
LONG_SILENCE = 60.0
"""Seconds without a voice after which its timestamps may begin anywhere."""
MAX_VIEW = 4096
"""Largest width or height of a view, pixels."""
VIEW_CROP = 0.3
"""How much of a picture's longer side may go so that it fills its view."""


class _Order:
    """Whether the timestamps of a leaf agree with the order its frames were sealed in.

    Timestamps are not authenticated, SFrame counters are: a server that moved timestamps could
    otherwise have words played in another order than they were said, within the replay window.
    Each frame's timestamp is at least one frame behind that of the frame before it, so no two
    can change places; a pause may be longer or shorter than it was.
    """

    __slots__ = ("_arrival", "_counter", "_timestamp")

    def __init__(self) -> None:
        self._counter = self._timestamp = 0
        self._arrival = -1e9

    def agrees(self, counter: int, timestamp: int, arrival: float) -> bool:
        """Return whether a frame fits behind the newest one, or before it if it is older."""
        step = counter - self._counter
        move = (timestamp - self._timestamp + (1 << 31)) % (1 << 32) - (1 << 31)
        if step < 0:
            return move <= step * FRAME_SAMPLES
        # After a long silence 32 bits do not tell forwards from backwards, and nothing is near.
        fits = move >= step * FRAME_SAMPLES or arrival - self._arrival > LONG_SILENCE
        if fits:
            self._counter, self._timestamp, self._arrival = counter, timestamp, arrival
        return fits


class _Voice:
    """One leaf's incoming audio."""

    __slots__ = ("buffer", "detector", "gain", "heard", "order")

    def __init__(self, gain: float) -> None:
        self.buffer = JitterBuffer()
        self.order = _Order()
        self.detector = SpeakingDetector()
        self.gain = gain
        self.heard = False


class AudioReception:
    """Buffers every leaf's audio and mixes it when the sink pulls."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit
        self._voices: dict[int, _Voice] = {}
        self._gains: dict[int, float] = {}
        self.apart: dict[int, Pcm] = {}
        """What each leaf added to the frame that was pulled last, before its gain."""
        self._gone = (0, 0)
        """Concealed and played frames of those who are no longer in the room."""

    def push(self, leaf: int, counter: int, payload: bytes, timestamp: int, arrival: float) -> None:
        """Take one decrypted payload of a leaf, the `counter`th that it sealed."""
        voice = self._voices.get(leaf)
        if voice is None:
            voice = self._voices[leaf] = _Voice(self._gains.get(leaf, 1.0))
        if voice.order.agrees(counter, timestamp, arrival):
            voice.buffer.push(timestamp, payload, arrival)

    def pull(self, now: float) -> Pcm:
        """Return the next 20 ms of everybody together; announce who is first heard and speaks."""
        self.apart = {}
        gains: list[float] = []
        for leaf, voice in self._voices.items():
            frame = voice.buffer.pull(now)
            quiet = frame is SILENCE
            if not voice.heard and voice.buffer.stats.played:
                voice.heard = True
                self._emit(Heard(leaf))
            was = voice.detector.speaking
            if not quiet or was:
                on = voice.detector.update(FLOOR if quiet else voice.buffer.level)
                if on != was:
                    self._emit(Speaking(leaf, on))
            if not quiet:
                self.apart[leaf] = frame
                gains.append(voice.gain)
        return mix(list(self.apart.values()), gains) if gains else SILENCE

    def set_gain(self, leaf: int, gain: float) -> None:
        """Set a leaf's volume; it holds until the leaf is gone."""
        self._gains[leaf] = gain
        if leaf in self._voices:
            self._voices[leaf].gain = gain

    def concealed_ratio(self) -> dict[int, float]:
        """Return each leaf's share of concealed frames."""
        return {leaf: voice.buffer.concealed_ratio for leaf, voice in self._voices.items()}

    def concealed_of_all(self) -> tuple[int, int]:
        """Return how many frames were made up, and how many there were in all."""
        stats = [voice.buffer.stats for voice in self._voices.values()]
        concealed = self._gone[0] + sum(one.concealed for one in stats)
        return concealed, concealed + self._gone[1] + sum(one.played for one in stats)

    def forget(self, leaf: int) -> None:
        """Drop a leaf that is no longer in the room."""
        self._gains.pop(leaf, None)
        voice = self._voices.pop(leaf, None)
        if voice is None:
            return
        stats = voice.buffer.stats
        self._gone = self._gone[0] + stats.concealed, self._gone[1] + stats.played
        voice.buffer.close()
        if voice.detector.speaking:
            self._emit(Speaking(leaf, on=False))

    def close(self) -> None:
        """Free every decoder."""
        for leaf in list(self._voices):
            self.forget(leaf)


class Views:
    """Which leaves' pictures are wanted, and how large."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit
        self._sizes: dict[int, tuple[int, int]] = {}

    def set(self, view: SetView) -> None:
        """Want pictures of a leaf in one size, or none of it (0 x 0)."""
        width, height = min(view.width, MAX_VIEW), min(view.height, MAX_VIEW)
        if width > 0 and height > 0:
            self._sizes[view.leaf] = width, height
        else:
            self._sizes.pop(view.leaf, None)

    def wants(self, leaf: int) -> bool:
        """Return whether pictures of a leaf are wanted."""
        return leaf in self._sizes

    def show(self, leaf: int, rgb: Rgb) -> None:
        """Deliver a picture in the size wanted, if it is wanted."""
        size = self._sizes.get(leaf)
        if size is not None:
            fitted = scale(rgb, *size, crop=VIEW_CROP)
            self._emit(Picture(leaf, *size, fitted.tobytes()))

    def forget(self, leaf: int) -> None:
        """Drop a leaf that is no longer in the room."""
        self._sizes.pop(leaf, None)


class _Sight:
    """One leaf's incoming video."""

    __slots__ = ("_cost", "_limit", "decoder", "next_counter", "seen", "waiting")

    def __init__(self) -> None:
        # Not at the top: who only hears needs no video codecs, which are 16 MB.
        from media.video.vp8 import Decoder

        self.decoder = Decoder()
        self.next_counter = 0
        self.waiting = True
        self.seen = False
        self._limit = TokenBucket(PIXELS_PER_SECOND, PIXELS_PER_SECOND)
        self._cost = PICTURE_PIXELS

    def decode(self, counter: int, encoded: bytes, now: float) -> VideoFrame | None:
        """Decode the frame that follows the one before it, or a key frame; None for any other.

        libvpx would decode an inter frame whose reference never came, into garbage. The SFrame
        counter tells, whatever slot the frame came in. What is above the leaf's limit is treated
        as lost; each picture is paid for by the next one, when its size is known.
        """
        if not self._limit.take(now, self._cost):
            self.waiting = True
            return None
        if is_key_frame(encoded):
            self.waiting = False
        elif counter != self.next_counter:
            self.waiting = True
        self.next_counter = counter + 1
        frame = None if self.waiting else self.decoder.advance(encoded)
        if frame is None:
            self.waiting = True
        self._cost = PICTURE_PIXELS + (0 if frame is None else frame.width * frame.height)
        return frame


class VideoReception:
    """Decodes every leaf's video; asks for key frames when one cannot be decoded."""

    def __init__(
        self,
        emit: Callable[[Event], None],
        views: Views,
        request_key_frame: Callable[[int], None],
    ) -> None:
        self._emit = emit
        self._views = views
        self._request = request_key_frame
        self._sights: dict[int, _Sight] = {}
        self._requested: dict[int, float] = {}

    def push(self, leaf: int, slot: int, counter: int, encoded: bytes, now: float) -> None:
        """Decode one encoded frame of a leaf that came in a slot, and show it."""
        sight = self._sights.get(leaf)
        if sight is None:
            sight = self._sights[leaf] = _Sight()
        if counter < sight.next_counter:
            return  # overtaken: what refers to it has been decoded or dropped already
        frame = sight.decode(counter, encoded, now)
        if frame is None:
            self._ask_key_frame(slot, now)
            return
        if not sight.seen:
            sight.seen = True
            self._emit(Seen(leaf))
        if self._views.wants(leaf):
            self._views.show(leaf, sight.decoder.picture(frame))

    def forget(self, leaf: int) -> None:
        """Drop a leaf that is no longer in the room."""
        self._sights.pop(leaf, None)

    def _ask_key_frame(self, slot: int, now: float) -> None:
        if now - self._requested.get(slot, -1e9) >= KEY_FRAME_REQUEST_INTERVAL:
            self._requested[slot] = now
            self._request(slot)
