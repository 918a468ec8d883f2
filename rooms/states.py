"""Where a connection to the server stands, and what moves it: one table, absent means error."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from types import MappingProxyType

from rooms.wire import (
    ChunkTaken,
    ClientMessage,
    ConfirmPasscode,
    CountRoom,
    Knock,
    Leave,
    NameDoorkeepers,
    NameRoom,
    OpenRoom,
    PasscodeRefused,
    Propose,
    Refuse,
    Refused,
    RefusePasscode,
    Removed,
    ReplyPasscode,
    RoomCount,
    SendApplication,
    SendChunk,
    SendHeartbeat,
    ServerError,
    ServerMessage,
    StartMedia,
    SubmitCommit,
    TryPasscode,
    Welcomed,
)


class State(Enum):
    """What a connection is to the server; says nothing about roles, which only members know."""

    NEW = auto()
    MEMBER = auto()
    """Inside; what only doorkeepers may, `rooms.hall` sees to: others make them doorkeepers."""
    KNOCKING = auto()
    TRYING = auto()
    """Proves a passcode to somebody inside; what comes when, `rooms.naming` sees to."""
    GONE = auto()


_MEMBER_MAY: Mapping[type[ClientMessage | ServerMessage], State | None] = {
    Propose: None,
    SendApplication: None,
    SendChunk: None,
    ChunkTaken: None,
    SendHeartbeat: None,
    StartMedia: None,
    SubmitCommit: None,
    NameDoorkeepers: None,
    Refuse: None,
    NameRoom: None,
    ReplyPasscode: None,
    RefusePasscode: None,
    Leave: State.GONE,
    Removed: State.GONE,
    ServerError: State.GONE,
}
"""None: stays where it is."""

TRANSITIONS: Mapping[State, Mapping[type[ClientMessage | ServerMessage], State | None]] = (
    MappingProxyType(
        {
            State.NEW: {
                OpenRoom: State.MEMBER,
                Knock: State.KNOCKING,
                TryPasscode: State.TRYING,
                CountRoom: None,
                RoomCount: State.GONE,
                Leave: State.GONE,
                ServerError: State.GONE,
            },
            State.MEMBER: _MEMBER_MAY,
            State.KNOCKING: {
                Welcomed: State.MEMBER,
                Refused: State.GONE,
                Leave: State.GONE,
                ServerError: State.GONE,
            },
            State.TRYING: {
                TryPasscode: None,
                ConfirmPasscode: None,
                PasscodeRefused: State.GONE,
                Leave: State.GONE,
                ServerError: State.GONE,
            },
            State.GONE: {},
        }
    )
)
"""State -> message the client sent, or the server is about to send -> next state.

`ServerError` stands for a fatal one; the others move nothing.
"""


def allowed(state: State, message: ClientMessage) -> bool:
    """Whether a client in `state` may send `message`."""
    return type(message) in TRANSITIONS[state]


def moved(state: State, by: type[ClientMessage | ServerMessage]) -> State:
    """Return the state after `by`. KeyError if it is not in the table: a bug of ours."""
    return TRANSITIONS[state][by] or state
