"""Where a client stands with its server, and what may be said there: one table, absent is error."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from types import MappingProxyType
from typing import Final

from rooms import wire


class Phase(Enum):
    """Where this end stands."""

    NEW = auto()
    TRYING = auto()
    """Proving a passcode, on a connection of its own (`rooms.passcode_client`)."""
    COUNTING = auto()
    """Asking how many are in a room, on a connection of its own (`rooms.counting`)."""
    OPENING = auto()
    KNOCKING = auto()
    INSIDE = auto()
    AWAY = auto()
    """The connection to a room we were in broke; another one is to be made."""
    RETURNING = auto()
    """It is made; we knock for our place, or open the room again."""
    OVER = auto()


EXPECTED: Final[Mapping[Phase, frozenset[type[wire.ServerMessage]]]] = MappingProxyType(
    {
        Phase.NEW: frozenset(),
        Phase.TRYING: frozenset({wire.PasscodeReplied, wire.PasscodeRefused}),
        Phase.COUNTING: frozenset({wire.RoomCount}),
        Phase.OPENING: frozenset({wire.RoomOpened}),
        Phase.KNOCKING: frozenset({wire.KnockWaiting, wire.Welcomed, wire.Refused}),
        Phase.INSIDE: frozenset(
            {
                wire.KnockReceived,
                wire.KnockWithdrawn,
                wire.CommitAccepted,
                wire.CommitRejected,
                wire.CommitDelivered,
                wire.ProposalDelivered,
                wire.ApplicationDelivered,
                wire.ApplicationAccepted,
                wire.ChunkDelivered,
                wire.ChunkAccepted,
                wire.HeartbeatDelivered,
                wire.ParticipantGone,
                wire.MediaStarted,
                wire.RoomNamed,
                wire.NameTaken,
                wire.PasscodeTried,
                wire.PasscodeConfirmed,
                wire.PasscodeGone,
                wire.Removed,
            }
        ),
        Phase.AWAY: frozenset(),
        Phase.RETURNING: frozenset(
            {wire.RoomOpened, wire.KnockWaiting, wire.Welcomed, wire.Refused}
        ),
        Phase.OVER: frozenset(),
    }
)
"""What the server may say in each phase, besides `ServerError`; absent means error."""
