"""What a server's `error` message means to a client: an error of ours, with a hint. Pure."""

from __future__ import annotations

from typing import Final

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

_BY_CODE: Final[dict[str, type[RoomsError]]] = {
    error.code: error for error in (RoomMissingError, RoomFullError, UnansweredError)
}
_HINTS: Final = {
    WireError.code: OTHER_VERSION,
    RoomMissingError.code: "the call may be over; ask for a new link",
    RoomFullError.code: "try again later",
    UnansweredError.code: "ask whether the host is there, then join again",
}


def error_of(message: wire.ServerError) -> RoomsError:
    """Return the error a server reports; its words are shown, without control characters."""
    family = message.code.partition(".")[0]
    kind = WireError if family == "wire" else _BY_CODE.get(message.code, RoomsError)
    text = clean_line(message.message) or "the server reports an error"
    return kind(text, hint=_HINTS.get(kind.code, ""))
