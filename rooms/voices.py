"""Whose voice is whose, for media that keeps voices apart. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from media.control import Command, NameVoice
from rooms import events
from rooms.protocol import RoomProtocol


class Voices:
    """Says it to the media by `command`. Listens to its session's events.

    A person is who has a key: the same at another leaf, after a while away or beside the first.
    """

    def __init__(self, protocol: RoomProtocol, command: Callable[[Command], None]) -> None:
        self._protocol = protocol
        self._command = command

    def on_event(self, event: events.AnyEvent) -> None:
        """Name whoever is new, or everybody where leaves may be others than before."""
        match event:
            case events.Joined():
                self._name(event.participants)
            case events.ParticipantJoined():
                self._name([event.participant])
            case events.Reconnected() if (roster := self._protocol.roster) is not None:
                self._name(roster.participants())
            case _:
                pass

    def _name(self, people: Iterable[events.Participant]) -> None:
        for person in people:
            if not person.me:
                self._command(NameVoice(person.leaf, person.fingerprint, person.name))
