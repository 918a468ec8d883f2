"""What a client makes of a server's answers: of errors, and of what is out of place. Pure."""

from __future__ import annotations

from typing import Final, TypeVar

from rooms import wire
from rooms.errors import (
    OTHER_VERSION,
    RoomFullError,
    RoomMissingError,
    RoomsError,
    UnansweredError,
    WireError,
)
from rooms.text import clean_line

Answer = TypeVar("Answer", bound=wire.ServerMessage)

_BY_CODE: Final[dict[str, type[RoomsError]]] = {
    error.code: error for error in (RoomMissingError, RoomFullError, UnansweredError)
}
_HINTS: Final = {
    WireError.code: OTHER_VERSION,
    RoomMissingError.code: "the call may be over; ask for a new link",
    RoomFullError.code: "try again later",
    UnansweredError.code: "ask whether the host is there, then join again",
}


def expect(kind: type[Answer], message: wire.ServerMessage) -> Answer:
    """Return a message that has to be of a kind. Raises `WireError` and what the server reports."""
    if isinstance(message, wire.ServerError):
        raise error_of(message)
    if not isinstance(message, kind):
        raise WireError("the server says something that does not belong here", hint=OTHER_VERSION)
    return message


def error_of(message: wire.ServerError) -> RoomsError:
    """Return the error a server reports; its words are shown, without control characters."""
    family = message.code.partition(".")[0]
    kind = WireError if family == "wire" else _BY_CODE.get(message.code, RoomsError)
    text = clean_line(message.message) or "the server reports an error"
    return kind(text, hint=_HINTS.get(kind.code, ""))
