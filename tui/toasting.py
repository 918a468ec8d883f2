"""What is told over the call for a few seconds, or until a person has seen it. Pure.

`now` is in seconds of any steady clock. Everything told is in the log as well; this is for whoever
does not read along.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
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
"""Kept of each kind; more alarms are counted, of more that passes the oldest makes room."""
CROWD: Final = 64
"""Names of those who came, or went, that are told apart; more are counted."""
LONGEST: Final = 30.0
"""Seconds after which those who come are a new crowd."""
FINGERPRINT: Final = slice(len("SHA256:"), len("SHA256:") + 8)
"""Characters of a fingerprint that are shown; the log has all of it."""
NAME: Final = 20
"""Characters of a name in an alarm: it must not push out what the alarm is about."""


@dataclass(frozen=True)
class Toast:
    """One thing that is told; `until` None: until it was seen. All of it is plain text."""

    text: str
    tone: Tone
    until: float | None


@dataclass
class _Crowd:
    """Those who came, or went, one after the other."""

    since: float
    names: list[str] = field(default_factory=list)
    more: int = 0

    def take(self, name: str) -> None:
        if name in self.names:
            return
        if len(self.names) < CROWD:
            self.names.append(name)
        else:
            self.more += 1

    @property
    def words(self) -> str:
        """One name, two, or the first and how many others."""
        match self.names:
            case [one]:
                return one
            case [one, two]:
                return f"{one} and {two}"
            case _:
                return f"{self.names[0]} and {len(self.names) - 1 + self.more} others"


class Toasts:
    """Call `heed`, `tick` or `seen`, then read `shown` and `next_tick`."""

    def __init__(self) -> None:
        self._alarms: dict[str, Toast] = {}
        self._uncounted = 0
        self._passing: dict[str, Toast] = {}
        self._crowds: dict[str, _Crowd] = {}

    @property
    def shown(self) -> tuple[Toast, ...]:
        """What is told now, alarms first, then what is newest."""
        alarms = tuple(self._alarms.values())
        passing = tuple(reversed(self._passing.values()))
        hidden = len(alarms) + self._uncounted - MOST
        if hidden > 0:
            more = Toast(f"and {hidden + 1} more changed keys", "alarm", None)
            return (*alarms[: MOST - 1], more)
        return (*alarms, *passing)[:MOST]

    @property
    def next_tick(self) -> float | None:
        """When something is told no more; None if nothing passes by itself."""
        ends = (toast.until for toast in self._passing.values() if toast.until is not None)
        return min(ends, default=None)

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
                self._drop(key)

    def seen(self, told: Collection[Toast]) -> list[Toast]:
        """Take the person's word that they have seen these; return which alarms are over.

        What was not told yet stays: nobody can have seen it.
        """
        over = {key: toast for key, toast in self._alarms.items() if toast in told}
        for key in over:
            del self._alarms[key]
        if not self._alarms:
            self._uncounted = 0  # the log has them
        return list(over.values())

    def _alarm(self, event: KeyChanged) -> None:
        name = event.name if len(event.name) <= NAME else f"{event.name[: NAME - 1]}…"
        new, old = event.new[FINGERPRINT], event.old[FINGERPRINT]
        text = f"KEY CHANGED: {name} has {new}…, had {old}…. Compare a code: /verify"
        key = f"{event.name} {event.new}"
        if key in self._alarms or len(self._alarms) < KEPT:
            self._alarms[key] = Toast(text, "alarm", None)
        else:
            self._uncounted += 1

    def _crowd(self, what: str, name: str, now: float) -> None:
        """Tell of several who come, or go, in one."""
        crowd = self._crowds.get(what)
        if crowd is None or now - crowd.since > LONGEST:
            crowd = self._crowds[what] = _Crowd(now)
        crowd.take(name)
        self._tell(what, f"{crowd.words} {what}.", "plain", now + SHORT)

    def _tell(self, key: str, text: str, tone: Tone, until: float | None) -> None:
        self._passing.pop(key, None)
        self._passing[key] = Toast(text, tone, until)
        if len(self._passing) > KEPT:
            passing = (old for old, toast in self._passing.items() if toast.until is not None)
            self._drop(next(passing))

    def _drop(self, key: str) -> None:
        del self._passing[key]
        self._crowds.pop(key, None)
