"""How long the jitter buffer must wait: a forgetting histogram of how late packets come.

A packet's *relative delay* is its transit time less the shortest one of the last 2 s, as in NetEQ.
The two clocks may differ in speed: over 2 s that stays far below one bin.
"""

from __future__ import annotations

from collections import deque

BIN_SECONDS = 0.005
BINS = 100
"""0 to 500 ms; what is later counts in the last bin."""
QUANTILE = 0.95
FORGET = 0.9983
"""Weight left of a packet when the next one comes: half is forgotten after about 8 s of speech."""
MARGIN_SECONDS = 0.005
WINDOW_SECONDS = 2.0
WINDOW_PACKETS = 256
"""Bounds the memory when somebody floods us; 2 s of speech are 100 packets."""

_RESCALE_AT = 1e9


class DelayHistogram:
    """Learns relative delays and gives the waiting time that covers 95 % of them.

    Instead of shrinking a hundred bins a packet, each packet weighs a little more than the one
    before; the quantile's bin moves along with the mass below it, so learning takes O(1).
    """

    def __init__(self) -> None:
        self._mass = [0.0] * BINS
        self._weight = 1.0
        self._total = 0.0
        self._bin = 0
        self._up_to_bin = 0.0
        # Transit times that may still become the shortest of the window, in growing order.
        self._shortest: deque[tuple[float, float]] = deque(maxlen=WINDOW_PACKETS)

    @property
    def target(self) -> float:
        """Seconds to wait after the fastest packets' arrival."""
        return (self._bin + 1) * BIN_SECONDS + MARGIN_SECONDS

    @property
    def shortest(self) -> float:
        """Transit time of the fastest packet of the window, in seconds."""
        return self._shortest[0][1] if self._shortest else 0.0

    def add(self, transit: float, now: float) -> None:
        """Learn the transit time (seconds, any constant offset) of a packet that came `now`."""
        shortest = self._shortest
        while shortest and shortest[-1][1] >= transit:
            shortest.pop()
        shortest.append((now, transit))
        while shortest[0][0] < now - WINDOW_SECONDS:
            shortest.popleft()
        late = int((transit - shortest[0][1]) / BIN_SECONDS)
        self._count(min(late, BINS - 1))

    def rebase(self) -> None:
        """Forget the shortest transit time: the publisher's timestamps jumped."""
        self._shortest.clear()

    def _count(self, index: int) -> None:
        mass = self._mass
        mass[index] += self._weight
        self._total += self._weight
        if index <= self._bin:
            self._up_to_bin += self._weight
        wanted = QUANTILE * self._total
        while self._up_to_bin < wanted and self._bin < BINS - 1:
            self._bin += 1
            self._up_to_bin += mass[self._bin]
        while self._bin > 0 and self._up_to_bin - mass[self._bin] >= wanted:
            self._up_to_bin -= mass[self._bin]
            self._bin -= 1
        self._weight /= FORGET
        if self._weight > _RESCALE_AT:
            self._rescale()

    def _rescale(self) -> None:
        """Bring the growing weights back to 1; also clears what rounding has piled up."""
        self._mass = [mass / self._weight for mass in self._mass]
        self._weight = 1.0
        self._total = sum(self._mass)
        self._up_to_bin = sum(self._mass[: self._bin + 1])


class LossMeter:
    """Share of frames that did not come in a packet of their own, among the last 100 or so."""

    FORGET = 0.99
    LONGEST_GAP = 5
    """One gap counts as at most so many lost frames: an outage says nothing about the next."""

    def __init__(self) -> None:
        self.ratio = 0.0

    def add(self, missing: int) -> None:
        """Count one frame that came, after `missing` frames that did not."""
        for _ in range(min(missing, self.LONGEST_GAP)):
            self.ratio += (1 - self.FORGET) * (1 - self.ratio)
        self.ratio *= self.FORGET
