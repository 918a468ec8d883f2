"""How good the connection is: what is measured, and what of it people notice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from rooms.quality import past_limits

if TYPE_CHECKING:
    from rooms.events import QualityState, Stats

Unit = Literal["ms", "%"]
_MEASURED: Final[dict[str, tuple[str, int, Unit]]] = {
    "loss": ("{} lost", 100, "%"),
    "sent_loss": ("{} of yours lost", 100, "%"),
    "round_trip_ms": ("round trip {}", 1, "ms"),
    "jitter_ms": ("jitter {}", 1, "ms"),
    "concealed": ("{} concealed", 100, "%"),
}
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


def measures(stats: Stats | QualityState | None) -> tuple[Measure, ...]:
    """Return what was measured, losses first; empty if nothing was yet."""
    if stats is None:
        return ()
    bad = past_limits(stats)
    return tuple(
        Measure(words, round(value * scale), unit, name in bad)
        for name, (words, scale, unit) in _MEASURED.items()
        if (value := getattr(stats, name)) is not None
    )
