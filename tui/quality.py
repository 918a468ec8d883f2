"""How good the connection is: what is measured, and what of it people notice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from rooms.events import Stats

SLOW: Final = 400.0
"""Milliseconds; a longer round trip is one people notice when they talk."""
UNEVEN: Final = 80.0
"""Milliseconds of jitter; more makes the voices come late."""
LOSSY: Final = 0.05
"""The share of packets whose loss is heard, though half of it is mended."""
PATCHY: Final = 0.03
"""The share of concealed sound; more is heard as gaps."""

Unit = Literal["ms", "%"]
_SPELLED: Final[dict[Unit, str]] = {"ms": " milliseconds", "%": " percent"}
_SIGNS: Final[dict[Unit, str]] = {"ms": " ms", "%": "%"}


@dataclass(frozen=True)
class Measure:
    """One thing measured; `words` have `{}` in place of the value. `bad`: people notice."""

    words: str
    value: int
    unit: Unit
    bad: bool

    @property
    def short(self) -> str:
        """What it is, to be read by the eye."""
        return self.words.format(f"{self.value}{_SIGNS[self.unit]}")

    @property
    def spelled(self) -> str:
        """What it is, to be read aloud."""
        return self.words.format(f"{self.value}{_SPELLED[self.unit]}")


def measures(stats: Stats | None) -> tuple[Measure, ...]:
    """Return what was measured, losses first; empty if nothing was yet."""
    if stats is None:
        return ()
    found = [_share("{} lost", stats.loss, LOSSY)]
    if stats.sent_loss is not None:
        found.append(_share("{} of yours lost", stats.sent_loss, LOSSY))
    if stats.round_trip_ms is not None:
        found.append(_delay("round trip {}", stats.round_trip_ms, SLOW))
    found.append(_delay("jitter {}", stats.jitter_ms, UNEVEN))
    found.append(_share("{} concealed", stats.concealed, PATCHY))
    return tuple(found)


def _share(words: str, share: float, limit: float) -> Measure:
    return Measure(words, round(100 * share), "%", share > limit)


def _delay(words: str, milliseconds: float, limit: float) -> Measure:
    return Measure(words, round(milliseconds), "ms", milliseconds > limit)
