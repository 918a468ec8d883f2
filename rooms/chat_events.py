"""Events of what is written in a room. Names and texts are free of control characters. Pure."""

from __future__ import annotations

import msgspec

from rooms.event import Event, UtcTime


class ChatReceived(Event, frozen=True, kw_only=True, tag="chat"):
    """A line was written (ours come back with `mine` once the server ordered them).

    `reply_to` is the id of the line it answers, perhaps one we have not seen; empty for none.
    """

    id: str
    leaf: int
    name: str
    text: str
    sent: UtcTime
    reply_to: str = ""
    mine: bool = False


class KeptLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of an earlier call, as far as it is kept: it cannot be answered any more."""

    name: str
    text: str
    sent: UtcTime
    mine: bool = False


class ChatHistory(Event, frozen=True, kw_only=True, tag="chat_history"):
    """The last lines that were kept of earlier calls in this room, oldest first."""

    lines: list[KeptLine]


class Reaction(Event, frozen=True, kw_only=True, tag="reaction"):
    """Somebody reacted to the line with the id `chat`; or, without `on`, took it back."""

    chat: str
    leaf: int
    name: str
    emoji: str
    on: bool
    mine: bool = False
