"""Whom we want to see and hear, and how: views of those who may show themselves, volumes.

A volume is meant for a person: it holds when they come back at another leaf, until the call ends.
Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from media.control import OWN, Command, SetView, SetVolume
from rooms import events
from rooms.protocol import RoomProtocol
from rooms.roster import Roster

MAX_GAIN: Final = 4.0


class Attention:
    """What a face asked for, said to the media by `command`. Listens to its session's events."""

    def __init__(self, protocol: RoomProtocol, command: Callable[[Command], None]) -> None:
        self._protocol = protocol
        self._command = command
        self._gains: dict[bytes, float] = {}
        self._views: dict[int, SetView] = {}

    def volume(self, leaf: int) -> float:
        """Return how loud a participant is played for us; 1.0 is as they sent it."""
        roster = self._protocol.roster
        if roster is None or leaf not in roster:
            return 1.0
        return self._gains.get(_who(leaf, roster), 1.0)

    def set_volume(self, leaf: int, gain: float) -> None:
        """Play a person louder or softer, at all of their leaves."""
        roster = self._protocol.roster
        if roster is not None and leaf in roster:
            who = _who(leaf, roster)
            self._gains[who] = min(max(gain, 0.0), MAX_GAIN)
            self._say_volumes(sorted(roster.leaves_of(who)), roster)

    def set_view(self, leaf: int, width: int, height: int) -> None:
        """Ask for pictures of a participant in this size, pixels; 0 x 0 for none."""
        self._views[leaf] = SetView(leaf, width, height)
        if self.sees(leaf):
            self._command(self._views[leaf])

    def sees(self, leaf: int) -> bool:
        """Whether pictures of somebody are shown to us: our own always."""
        roster = self._protocol.roster
        if leaf == OWN or roster is None:
            return leaf == OWN
        return leaf in roster and (leaf == roster.me or roster.may(leaf, "share"))

    def on_event(self, event: events.AnyEvent) -> None:
        """Go on wanting what was wanted: media has forgotten whoever left, the rules may differ."""
        roster = self._protocol.roster
        if roster is None:
            return
        match event:
            case events.ParticipantJoined(participant=person):
                self._say_volumes([person.leaf], roster)
            case events.Reconnected():
                self._say_volumes(roster, roster)
            case events.ParticipantLeft(leaf=leaf):
                self._views.pop(leaf, None)
            case events.RoomState():
                for leaf, view in self._views.items():
                    self._command(view if self.sees(leaf) else SetView(leaf, 0, 0))
            case _:
                pass

    def _say_volumes(self, leaves: Iterable[int], roster: Roster) -> None:
        for leaf in leaves:
            if (gain := self._gains.get(_who(leaf, roster))) is not None:
                self._command(SetVolume(leaf, gain))


def _who(leaf: int, roster: Roster) -> bytes:
    return roster[leaf].credential.public_blob
