"""Why an action of a person or a script could not be carried out.

Messages have no capital letter and no full stop; faces make sentences of them (`in_a_sentence`).
"""

from __future__ import annotations

from e2ee.errors import Fault, SottovoceError


class ActionError(SottovoceError):
    """Base of them all. Nothing was done."""

    code = "action.failed"
    fault = Fault.PERSON


class UsageError(ActionError):
    """The argument is none the action takes. The message says what to say, in the imperative."""

    code = "action.usage"


class NotFoundError(ActionError):
    """Nobody, or nothing, is as it was called."""

    code = "action.not_found"


class AmbiguousError(ActionError):
    """Several are as it was called."""

    code = "action.ambiguous"


class UnsureError(ActionError):
    """It has to be asked for in a way that leaves no doubt who is meant; the message says how."""

    code = "action.unsure"


class NotAllowedError(ActionError):
    """Our role, or a rule of the room, does not allow it."""

    code = "action.not_allowed"


class NotInRoomError(ActionError):
    """It can only be done in a room, and we are in none now."""

    code = "action.not_in_room"

    def __init__(self, message: str = "you are not in the room") -> None:
        super().__init__(message)


class NoDeviceError(ActionError):
    """There is no device for it."""

    code = "action.no_device"


def in_a_sentence(error: SottovoceError) -> str:
    """Return the message as it is said to a person."""
    return f"{error.message[:1].upper()}{error.message[1:]}."
