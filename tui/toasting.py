"""What is told over the call for a few seconds, or until a person has seen it. Pure.

`now` is in seconds of any steady clock. Everything told is in the log as well; this is for whoever
does not read along.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from rooms.events import (
    ErrorEvent,
    KeyChanged,
    ParticipantJoined,
    ParticipantLeft,
    Reconnected,
    Reconnecting,
    RecordingState,
    RoomState,
)
from tui.words import describe

if TYPE_CHECKING:
    from rooms.events import AnyEvent

Tone = Literal["plain", "warning", "alarm"]
SHORT: Final = 4.0
LONG: Final = 8.0
"""Seconds something is told."""
MOST: Final = 3
"""Told at once."""
KEPT: Final = 8
"""Alarms kept until they are seen; of more, the oldest make room."""
FINGERPRINT: Final = len("SHA256:") + 8
"""Characters of a fingerprint that are shown; the log has all of it."""


@dataclass(frozen=True)
class Toast:
    """One thing that is told; `until` None: until it was seen. All of it is plain text."""

    text: str
    tone: Tone
    until: float | None


class Toasts:
    """Call `heed`, `tick` or `seen`, then read `shown` and `next_tick`."""

    def __init__(self) -> None:
        self._alarms: dict[str, Toast] = {}
        self._passing: dict[str, Toast] = {}
        self._names: dict[str, list[str]] = {"came in": [], "left": []}

    @property
    def shown(self) -> tuple[Toast, ...]:
        """What is told now, alarms first, then what is newest."""
        alarms = tuple(self._alarms.values())
        passing = tuple(reversed(self._passing.values()))
        if len(alarms) > MOST:
            more = Toast(f"and {len(alarms) - MOST + 1} more changed keys", "alarm", None)
            return (*alarms[: MOST - 1], more)
        return (*alarms, *passing)[:MOST]

    @property
    def next_tick(self) -> float | None:
        """When something is told no more; None if nothing passes by itself."""
        ends = (toast.until for toast in self._passing.values() if toast.until is not None)
        return min(ends, default=None)

    @property
    def alarmed(self) -> bool:
        """Whether there is something a person has to say they have seen."""
        return bool(self._alarms)

    def heed(self, event: AnyEvent, now: float) -> None:
        """Take in an event, if it is one to be told."""
        self.tick(now)
        match event:
            case KeyChanged():
                self._alarm(event)
            case ParticipantJoined():
                self._crowd("came in", event.participant.name, now)
            case ParticipantLeft():
                self._crowd("left", event.name, now)
            case RecordingState():
                text, long = describe(event), LONG if event.on else SHORT
                self._tell(f"recording {event.leaf}", text, "warning", now + long)
            case RoomState() if event.changed:
                self._tell("room", describe(event), "plain", now + LONG)
            case Reconnecting():
                self._tell("line", describe(event), "warning", None)
            case Reconnected():
                self._tell("line", describe(event), "plain", now + SHORT)
            case ErrorEvent():
                self._tell(event.message, describe(event), "alarm", now + LONG)
            case _:
                pass

    def tick(self, now: float) -> None:
        """Tell no more what was told long enough."""
        for key, toast in list(self._passing.items()):
            if toast.until is not None and toast.until <= now:
                del self._passing[key]
                self._names.get(key, []).clear()

    def seen(self) -> None:
        """Take the person's word that they have seen the alarms there are."""
        self._alarms.clear()

    def _alarm(self, event: KeyChanged) -> None:
        text = (
            f"KEY CHANGED: {event.name} had {event.old[:FINGERPRINT]}…, "
            f"now has {event.new[:FINGERPRINT]}…. Ask them another way, or compare a code."
        )
        self._alarms[f"{event.name} {event.new}"] = Toast(text, "alarm", None)
        while len(self._alarms) > KEPT:
            del self._alarms[next(iter(self._alarms))]

    def _crowd(self, what: str, name: str, now: float) -> None:
        """Tell of several who come, or go, in one."""
        names = self._names[what]
        if name not in names:
            names.append(name)
        self._tell(what, f"{listed(names)} {what}.", "plain", now + SHORT)

    def _tell(self, key: str, text: str, tone: Tone, until: float | None) -> None:
        self._passing.pop(key, None)
        self._passing[key] = Toast(text, tone, until)
        while len(self._passing) > KEPT:
            del self._passing[next(iter(self._passing))]


def listed(names: Sequence[str]) -> str:
    """Return one name, two, or the first and how many others."""
    match names:
        case [one]:
            return one
        case [one, two]:
            return f"{one} and {two}"
        case _:
            return f"{names[0]} and {len(names) - 1} others"
