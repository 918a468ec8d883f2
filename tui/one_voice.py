"""One person's voice out of a room: the others are turned down."""

from __future__ import annotations

import re
from collections.abc import Callable

from rooms.events import AnyEvent, ParticipantJoined, Reconnected
from tui.ports import CallPort


class OneVoice:
    """Chooses who is heard in a call we are in, by name or by the fingerprint of their key.

    The first one of a name is who is meant, wherever they are, until the call ends: whoever takes
    that name later has another key. Of several at once it is nobody; `complain` is told.
    """

    def __init__(self, call: CallPort, name: str, complain: Callable[[str], None]) -> None:
        self._call = call
        self._name = name
        self._complain = complain
        # A name that is not unique is shown with a piece of its owner's fingerprint behind it.
        self._meant = re.compile(rf"{re.escape(name)}( \([A-Za-z0-9+/]{{8}}\))?", re.IGNORECASE)
        self._person = ""
        self._settle()
        call.listen(self._on_event)

    def _on_event(self, event: AnyEvent) -> None:
        if isinstance(event, ParticipantJoined | Reconnected):
            self._settle()

    def _settle(self) -> None:
        others = [person for person in self._call.participants if not person.me]
        if not self._person:
            found = {
                person.fingerprint
                for person in others
                if self._name == person.fingerprint or self._meant.fullmatch(person.name)
            }
            if len(found) > 1:
                self._complain(f"several here are called {self._name}: nobody is heard")
            elif found:
                (self._person,) = found
        for person in others:
            self._call.set_volume(person.leaf, float(person.fingerprint == self._person))
