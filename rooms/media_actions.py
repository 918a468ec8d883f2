"""What a hall wants the engine to do about media. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from media.engine.ports import MediaOffer


@dataclass(frozen=True, slots=True)
class JoinMedia:
    """Have the engine add a participant's leg, then call `Hall.media_answered`."""

    conn: int
    room: str
    participant: int
    offer: MediaOffer
    leaf: int


@dataclass(frozen=True, slots=True)
class LeaveMedia:
    """Have the engine drop a participant's leg."""

    room: str
    participant: int


MediaAction = JoinMedia | LeaveMedia
