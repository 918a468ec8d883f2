"""Events as lines for people, on faces that are lines: what is said, and what was said already."""

from __future__ import annotations

from rooms.events import (
    AnyEvent,
    ChatReceived,
    E2eeState,
    Ended,
    ErrorEvent,
    ParticipantJoined,
)
from tui.cli.report import complaint
from tui.conduct import Stop
from tui.words import describe

THEIRS = "- "
"""What a line begins with that begins with somebody's name: the program's own never do.

Else whoever is called `Digits`, or `All agree on the keys again`, could have its words taken for
the program's.
"""


def theirs(name: str, text: str) -> str:
    """Return a line set off from the program's own if it begins with somebody's name."""
    return f"{THEIRS}{text}" if name and text.startswith(name) else text


class Narrator:
    """Says each thing once. `last_error` is the last error that was told."""

    def __init__(self, stop: Stop) -> None:
        self._stop = stop
        self.last_error = self._last_alarm = ""

    def line(self, event: AnyEvent) -> str:
        """Return what there is to say about an event, often nothing; lines after the first are
        indented.
        """
        match event:
            case ErrorEvent():
                self.last_error = event.message
                return complaint(event.message, event.hint)
            case Ended() if event.code or (self._stop.outcome and self._stop.outcome.message):
                return ""  # said by the error before it, or by whoever gets the outcome
            case ChatReceived():
                return f"{THEIRS}{event.name}: {event.text}".replace("\n", "\n  ")
            case E2eeState():
                text, before = describe(event), self._last_alarm
                self._last_alarm = text
                if before and not text:
                    return "All agree on the keys again: what you send is sent."
                return text if text != before else ""  # a new epoch mended nothing: said already
            case _:
                who = event.participant if isinstance(event, ParticipantJoined) else event
                return theirs(getattr(who, "name", ""), describe(event))
