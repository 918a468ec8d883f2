"""The roles and rules of a room as a face sees them, and what its person wants of them."""

from __future__ import annotations

import time
from collections.abc import Callable

from rooms import events
from rooms.protocol import RoomProtocol
from rooms.roles import Appoint, Dismiss, Lock, RoomChange, SetPolicy, as_event
from rooms.roster import Rule


class Moderating:
    """Implements `tui.ports.ModerationPort`. `drain` passes on what the protocol makes of it."""

    def __init__(self, protocol: RoomProtocol, drain: Callable[[], None]) -> None:
        self._protocol = protocol
        self._drain = drain

    @property
    def role(self) -> events.Role:
        """What we are in the room, or will be as soon as we have opened it."""
        return self._protocol.role

    @property
    def state(self) -> events.RoomState | None:
        """The roles and rules there are; None before we are in the room."""
        roster = self._protocol.roster
        return as_event(roster) if roster is not None else None

    def may(self, rule: Rule) -> bool:
        """Whether we may do what a rule is about; before we know the rules, yes."""
        roster = self._protocol.roster
        return roster is None or roster.may(roster.me, rule)

    def lock(self, on: bool) -> None:
        """Let nobody new in, or again."""
        self._change(Lock(on))

    def allow(self, rule: str, on: bool) -> None:
        """Allow plain members something, or not."""
        self._change(SetPolicy(rule, on))

    def appoint(self, leaf: int) -> None:
        """Make somebody a cohost."""
        self._change(Appoint(leaf))

    def dismiss(self, fingerprint: str) -> None:
        """Take the cohost with this key its role, be it here or not."""
        self._change(Dismiss(fingerprint))

    def _change(self, change: RoomChange) -> None:
        self._protocol.change(change, time.time())
        self._drain()
