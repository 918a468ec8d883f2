"""Why somebody is not let in: as a doorkeeper says it, and as whoever knocked hears it. Pure."""

from __future__ import annotations

from e2ee.errors import SottovoceError
from rooms.bounds import WhyRefused
from rooms.errors import RefusedError, RoomFullError, RoomLockedError, RoomsError


def why_refused(error: SottovoceError) -> WhyRefused:
    """Return what to say with a refusal; of most errors no more than that it is one."""
    match error:
        case RoomLockedError():
            return "locked"
        case RoomFullError():
            return "full"
        case _:
            return "no"


def refusal(why: WhyRefused) -> RoomsError:
    """Return the error that ends a call which a refusal kept out."""
    match why:
        case "locked":
            return RoomLockedError("the room is locked", hint="ask a host to unlock it")
        case "full":
            return RoomFullError("the room is full", hint="try again later")
        case "no":
            return RefusedError("the host did not let you in", hint="ask the host")
