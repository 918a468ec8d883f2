"""The jitter buffer: packets in whenever they come, a frame out whenever the sound clock asks.

It waits as long as `delay` says, fills gaps from the redundant copy, then from in-band FEC, then by
concealment, and follows the publisher's clock by playing a little faster or slower.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

import numpy as np

from media.audio.delay import DelayHistogram, LossMeter
from media.audio.levels import level
from media.audio.opus import Decoder, has_fec
from media.audio.pcm import FRAME_SAMPLES, FRAME_SECONDS, SAMPLE_RATE, SILENCE, Pcm
from media.audio.redundancy import unpack
from media.audio.timeline import Timeline
from media.audio.timescale import accelerate, expand
from media.errors import CodecError

CAP_SECONDS = 0.25
"""More than this is never kept waiting: the oldest is dropped."""
CONCEALED_FRAMES = 5
"""100 ms are made up at full strength, the next frame fades out, then there is silence."""
COPY_WAIT_SECONDS = 0.02
"""How much longer to wait when packets get lost: the copy comes one frame later."""
COPY_WAIT_LOSS = 0.015
SLACK_SECONDS = FRAME_SECONDS + 0.015
"""How far the delay may lie above the target before playing faster; frames come in whole."""
SMOOTHING = 0.1
"""Weight of one pull in the delay: the last 200 ms count, so a card that asks unevenly is fine."""
STRETCH_EVERY = 3
"""At most every third frame is stretched: more would be heard as a change of tempo."""

_FADE_OUT = np.linspace(1.0, 0.0, FRAME_SAMPLES, dtype=np.float32)


class _State(Enum):
    IDLE = auto()  # nothing comes: never started, or fallen silent
    FILLING = auto()  # the first packet is here; waiting for the target
    PLAYING = auto()


@dataclass(slots=True)
class JitterStats:
    """Counters since the buffer was made."""

    received: int = 0
    """Packets taken; the next three count packets not taken."""
    refused: int = 0
    """Malformed, or with a timestamp that nothing confirmed."""
    late: int = 0
    duplicate: int = 0
    played: int = 0
    """Frames decoded from a packet, its copy or FEC."""
    from_copy: int = 0
    from_fec: int = 0
    concealed: int = 0
    """Frames made up inside a running stream; what a mute or an outage ends with is not counted."""
    dropped: int = 0
    """Frames skipped to get below the cap."""
    accelerated: int = 0
    expanded: int = 0
    starts: int = 0
    """Times the stream began: at first, after silence, after a jump of its timestamps."""


class JitterBuffer:
    """One participant's incoming voice. Neither `push` nor `pull` blocks, or raises on any input.

    Memory is bounded: at most `CAP_SECONDS` of encoded frames are held.
    """

    def __init__(self) -> None:
        self.stats = JitterStats()
        self._decoder = Decoder()
        self._delays = DelayHistogram()
        self._losses = LossMeter()
        self._timeline = Timeline()
        self._state = _State.IDLE
        self._started = 0.0
        # Positions are samples; everything held lies in next..newest, and newest < next is empty.
        self._frames: dict[int, bytes] = {}
        self._copies: set[int] = set()
        self._next = 0
        self._newest = -FRAME_SAMPLES
        self._remainder: Pcm = SILENCE[:0]  # decoded, but not pulled yet
        self._delay = 0.0  # seconds a sample of the fastest packet waits here, smoothed
        self._missing_run = 0  # frames made up since one was played
        self._waited = 0  # of these, those made up while the position stood still
        self._since_stretch = 0
        self._last: Pcm = SILENCE

    @property
    def target(self) -> float:
        """Seconds by which the slowest packets to be waited for come after the fastest."""
        wait = COPY_WAIT_SECONDS if self._losses.ratio > COPY_WAIT_LOSS else 0.0
        return min(self._delays.target + wait, CAP_SECONDS - FRAME_SECONDS)

    @property
    def concealed_ratio(self) -> float:
        """Share of frames made up because neither packet nor copy came in time, 0 to 1."""
        total = self.stats.played + self.stats.concealed
        return self.stats.concealed / total if total else 0.0

    @property
    def level(self) -> float:
        """Loudness of the frame pulled last, in dBFS."""
        return level(self._last)

    def close(self) -> None:
        """Free the decoder now instead of with the object; nothing may be pulled afterwards."""
        self._decoder.close()

    # --- packets in ---

    def push(self, timestamp: int, payload: bytes, now: float) -> None:
        """Take a decrypted payload (see `redundancy`) that came at `now` (seconds, monotonic)."""
        try:
            previous, current = unpack(payload)
        except CodecError:
            self.stats.refused += 1
            return
        placed = self._timeline.place(timestamp)
        if placed is None:
            self.stats.refused += 1
            return
        position, anew = placed
        if anew:
            self._start(position, now)
        self._delays.add(now - position / SAMPLE_RATE, now)
        if position > self._newest:
            self._losses.add((position - self._newest) // FRAME_SAMPLES - 1)
        self._store(position, current)
        if previous is not None:
            self._store_copy(position - FRAME_SAMPLES, previous)
        if self._held_samples() > CAP_SECONDS * SAMPLE_RATE:
            self._drop_oldest()

    def _start(self, position: int, now: float) -> None:
        self._delays.rebase()
        self._frames.clear()
        self._copies.clear()
        self._next = position
        self._newest = position - FRAME_SAMPLES
        self._state = _State.FILLING
        self._started = now
        self._missing_run = self._waited = 0
        self.stats.starts += 1

    def _store(self, position: int, encoded: bytes) -> None:
        if position < self._next and self._state is _State.FILLING:
            self._next = position  # it was overtaken by the packet we started with
        if position < self._next:
            self.stats.late += 1
        elif position in self._frames and position not in self._copies:
            self.stats.duplicate += 1
        else:
            self.stats.received += 1
            self._frames[position] = encoded
            self._copies.discard(position)
            self._newest = max(self._newest, position)

    def _store_copy(self, position: int, encoded: bytes) -> None:
        if position >= self._next and position not in self._frames:
            self._frames[position] = encoded
            self._copies.add(position)

    def _held_samples(self) -> int:
        return self._newest + FRAME_SAMPLES - self._next

    def _drop_oldest(self) -> None:
        """Skip to where only the target is left, so that an outage does not stay as latency."""
        keep = max(1, round(self.target / FRAME_SECONDS))
        start = self._newest - (keep - 1) * FRAME_SAMPLES
        self._frames = {at: encoded for at, encoded in self._frames.items() if at >= start}
        self._copies = {at for at in self._copies if at >= start}
        self.stats.dropped += (start - self._next) // FRAME_SAMPLES
        self._delay -= (start - self._next) / SAMPLE_RATE
        self._next = start

    # --- frames out ---

    def pull(self, now: float) -> Pcm:
        """Return the next 20 ms, silence while there is nothing; the caller must not change it."""
        self._last = self._pull(now)
        return self._last

    def _pull(self, now: float) -> Pcm:
        if self._state is _State.FILLING and now - self._started >= self.target:
            self._state = _State.PLAYING
            self._delay = self._current_delay(now)
        if self._state is not _State.PLAYING:
            return self._drain() if len(self._remainder) else SILENCE
        self._delay += SMOOTHING * (self._current_delay(now) - self._delay)
        if not len(self._remainder):
            sound = self._next_sound()
            if len(sound) == FRAME_SAMPLES:
                return sound
        else:
            sound = self._remainder
        while len(sound) < FRAME_SAMPLES:
            sound = np.concatenate([sound, self._next_sound()])
        self._remainder = sound[FRAME_SAMPLES:]
        return sound[:FRAME_SAMPLES]

    def _current_delay(self, now: float) -> float:
        position = self._next - len(self._remainder)
        return now - position / SAMPLE_RATE - self._delays.shortest

    def _drain(self) -> Pcm:
        """Return what is left of a stream that has ended, filled up with silence."""
        sound = np.concatenate([self._remainder, SILENCE])
        self._remainder = SILENCE[:0]
        return sound[:FRAME_SAMPLES]

    def _next_sound(self) -> Pcm:
        """Decode or make up the next 20 ms of the stream; stretching may change the length."""
        encoded = self._frames.pop(self._next, None)
        if encoded is None:
            return self._fill_gap()
        try:
            sound = self._decoder.decode(encoded)
        except CodecError:
            self._next += FRAME_SAMPLES
            return self._conceal()
        self.stats.from_copy += self._next in self._copies
        self._played()
        return self._stretch(sound)

    def _played(self) -> None:
        self._copies.discard(self._next)
        self._next += FRAME_SAMPLES
        self._missing_run = self._waited = 0
        self.stats.played += 1

    def _fill_gap(self) -> Pcm:
        """The frame to play is not here: use FEC, or conceal.

        With nothing held at all the position stays where it is, because the frame may just be
        late; after 120 ms of that the stream has ended, and whatever comes next starts it anew.
        If it turns out that the frame never came, the time waited has filled its place already.
        """
        if self._held_samples() <= 0:
            self._waited += 1
            self._delay += FRAME_SECONDS
            sound = self._conceal()
            if self._missing_run > CONCEALED_FRAMES:
                self._end()
            return sound
        if self._waited:
            self._waited -= 1
            self._delay -= FRAME_SECONDS
            self._next += FRAME_SAMPLES
            return self._next_sound()
        following = self._frames.get(self._next + FRAME_SAMPLES)
        if following is not None and has_fec(following):
            try:
                sound = self._decoder.decode(following, fec=True)
            except CodecError:
                pass
            else:
                self.stats.from_fec += 1
                self._played()
                return sound
        self._next += FRAME_SAMPLES
        return self._conceal()

    def _conceal(self) -> Pcm:
        self.stats.concealed += 1
        self._missing_run += 1
        if self._missing_run > CONCEALED_FRAMES + 1:
            return SILENCE
        sound = self._decoder.decode(None)
        if self._missing_run > CONCEALED_FRAMES:
            sound = np.rint(sound * _FADE_OUT).astype(np.int16)
        return sound

    def _end(self) -> None:
        self.stats.concealed -= self._missing_run
        self._state = _State.IDLE
        self._timeline.restart()

    def _stretch(self, sound: Pcm) -> Pcm:
        """Bring the delay back to the target by playing a little faster or slower.

        What was decoded too early does not help the next packet to be in time, so it does not
        count for being slow enough; it is heard as latency, so it counts for being fast enough.
        """
        self._since_stretch += 1
        if self._since_stretch < STRETCH_EVERY:
            return sound
        target = self.target
        if self._delay > target + SLACK_SECONDS and self._held_samples() > FRAME_SAMPLES:
            changed = accelerate(sound)
            self.stats.accelerated += len(changed) != len(sound)
        elif self._delay - len(self._remainder) / SAMPLE_RATE < target:
            changed = expand(sound)
            self.stats.expanded += len(changed) != len(sound)
        else:
            return sound
        if len(changed) != len(sound):
            self._since_stretch = 0
            self._delay += (len(changed) - len(sound)) / SAMPLE_RATE
        return changed
