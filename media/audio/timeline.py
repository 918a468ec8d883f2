"""From a publisher's 32-bit timestamps to positions that only grow, believing nobody too soon.

Timestamps are not authenticated and a publisher may restart them, so a stream must survive anything
in them: jumps, wrapping at 2**32, going back, leaving the grid of 960.
"""

from __future__ import annotations

from media.audio.pcm import FRAME_SAMPLES, SAMPLE_RATE

NEAR_SAMPLES = SAMPLE_RATE
"""1 s: further than this from the newest position nothing is believed at once."""

_CIRCLE = 1 << 32
_HALF = 1 << 31


class Timeline:
    """Places timestamps of one stream; two that agree with each other move it elsewhere.

    The rule is that of RFC 3550 appendix A.1 for sequence numbers.
    """

    def __init__(self) -> None:
        self._newest: int | None = None
        self._suspect: int | None = None

    def place(self, timestamp: int) -> tuple[int, bool] | None:
        """Return (position in samples, whether the stream starts here anew).

        None: too far from the rest, or off the grid, and nothing has confirmed it yet.
        """
        if self._newest is None:
            self._newest = timestamp % _CIRCLE
            return self._newest, True
        offset = _signed(timestamp - self._newest)
        position = self._newest + offset
        if _near(offset):
            self._suspect = None
            self._newest = max(self._newest, position)
            return position, False
        if (
            self._suspect is None
            or not _near(position - self._suspect)
            or (position == self._suspect)
        ):
            self._suspect = position
            return None
        self._suspect = None
        self._newest = position
        return position, True

    def restart(self) -> None:
        """Believe the next timestamp whatever it is: the stream had fallen silent."""
        self._newest = self._suspect = None


def _signed(difference: int) -> int:
    """Map a difference of timestamps to the shorter way round the circle."""
    return (difference + _HALF) % _CIRCLE - _HALF


def _near(offset: int) -> bool:
    """Whether two positions can be of one running stream: close, and whole frames apart."""
    return abs(offset) <= NEAR_SAMPLES and offset % FRAME_SAMPLES == 0
