"""What a participant's end of a room wants sent, done and told. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from e2ee.errors import SottovoceError
from media.control import Command
from rooms import events, wire


@dataclass(slots=True)
class Out:
    """Shared by a protocol and its parts, so that what they say keeps its order; to be drained.

    `outbox` goes to the server, `commands` to the media plane, `events` to the face.
    """

    outbox: list[wire.ClientMessage] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    events: list[events.AnyEvent] = field(default_factory=list)

    def take(self) -> Out:
        """Return all there is, and begin anew."""
        taken = Out(self.outbox, self.commands, self.events)
        self.outbox, self.commands, self.events = [], [], []
        return taken

    def note(self, text: str) -> None:
        """Tell the person something in a line."""
        self.events.append(events.Note(text=text))

    def report(self, error: SottovoceError) -> None:
        """Tell the face about an error that ends nothing."""
        self.events.append(events.ErrorEvent.of(error))
