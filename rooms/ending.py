"""The last events of a call: that we were not let in, or left, and that it is over. Pure."""

from __future__ import annotations

from typing import Final

from e2ee.errors import SottovoceError
from rooms import events
from rooms.errors import RefusedError, RoomFullError, RoomLockedError, UnansweredError

NOT_LET_IN: Final = (RefusedError, RoomFullError, RoomLockedError, UnansweredError)


def last_events(error: SottovoceError | None) -> list[events.AnyEvent]:
    """Return what is told at the end, `Ended` last; without an error we left by ourselves."""
    if error is None:
        return [events.Left(), events.Ended(reason="you left")]
    told: list[events.AnyEvent] = [events.ErrorEvent.of(error)]
    if isinstance(error, NOT_LET_IN):
        told.append(events.Refused(reason=error.message, code=error.code))
    return [*told, events.Ended(reason=error.message, code=error.code)]
