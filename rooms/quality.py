"""What people notice of a connection, and when that changes. Pure."""

from __future__ import annotations

from typing import Final

from rooms.flow_events import Measured, QualityState, Stats

SLOW: Final = 400.0
"""Milliseconds; a longer round trip is one people notice when they talk."""
UNEVEN: Final = 80.0
"""Milliseconds of jitter; more makes the voices come late."""
LOSSY: Final = 0.05
"""The share of packets whose loss is heard, though half of it is mended."""
PATCHY: Final = 0.03
"""The share of concealed sound; more is heard as gaps."""
LIMITS: Final[dict[Measured, float]] = {
    "loss": LOSSY,
    "sent_loss": LOSSY,
    "round_trip_ms": SLOW,
    "jitter_ms": UNEVEN,
    "concealed": PATCHY,
}
STEADY: Final = 3
"""Measurements, one a second, that have to agree before a change is told."""


def past_limits(stats: Stats | QualityState) -> list[Measured]:
    """Return what people notice; what was not measured is not noticed."""
    return [name for name, limit in LIMITS.items() if (getattr(stats, name) or 0.0) > limit]


class QualityJudge:
    """Says when the connection turns bad, and when it is good again."""

    def __init__(self) -> None:
        self._bad = False
        self._others = 0

    def judge(self, stats: Stats) -> QualityState | None:
        """Take a measurement; return the news, if it is one that lasts."""
        bad = past_limits(stats)
        self._others = self._others + 1 if bool(bad) is not self._bad else 0
        if self._others < STEADY:
            return None
        self._bad, self._others = bool(bad), 0
        return QualityState(
            quality="bad" if bad else "good",
            bad=bad,
            loss=stats.loss,
            sent_loss=stats.sent_loss,
            round_trip_ms=stats.round_trip_ms,
            jitter_ms=stats.jitter_ms,
            concealed=stats.concealed,
        )
