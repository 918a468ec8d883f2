"""A room's passcode at its host: names the room, answers who tries, tells the host's person. Pure.

Call, then drain the `Out` it was given. `now` is in seconds since 1970.
"""

from __future__ import annotations

from typing import Final, Literal

from e2ee.errors import KeysError
from e2ee.link import Link
from e2ee.passcode import Passcode, new_passcode, new_room_name
from rooms import events, wire
from rooms.errors import PasscodeTriesError, WireError
from rooms.out import Out
from rooms.passcode_desk import PasscodeDesk

MAX_NAMES: Final = 8
"""Names tried before there is no passcode: a server with so few left has none for us."""

Reason = Literal["made", "asked", "renewed", "used_up"]
"""Why a passcode is told: see `rooms.events.PasscodeShown`."""
PasscodeMessage = (
    wire.RoomNamed
    | wire.NameTaken
    | wire.PasscodeTried
    | wire.PasscodeConfirmed
    | wire.PasscodeGone
)
"""What a server says about passcodes to somebody who is inside."""


class Passcodes:
    """The passcode of one room, if its host wants one. Nobody but the host's client uses it."""

    def __init__(self, out: Out, link: Link) -> None:
        self._out = out
        self._link = link
        self._desk: PasscodeDesk | None = None
        self._named = False
        self._names = 0
        self._reason: Reason = "made"

    def __repr__(self) -> str:
        return f"Passcodes(named={self._named})"

    @property
    def passcode(self) -> Passcode | None:
        """The passcode that is right now, once the server knows the room's name."""
        return self._desk.passcode if self._desk is not None and self._named else None

    def prepared(self, passcode: Passcode, stretched: int) -> None:
        """Take the number of a passcode (`Passcode.stretch`), computed beside an event loop."""
        if self._desk is not None:
            self._desk.prepared(passcode, stretched)

    # --- what the person wants ---

    def ask(self) -> None:
        """Have the passcode told; one is made if there is none."""
        if self._desk is None:
            self._desk = PasscodeDesk(self._link, new_passcode(new_room_name()))
            self._reason = "made"
            self._ask_name()
        elif self._named:
            self._tell("asked")

    def renew(self) -> None:
        """Have a new passcode; the old one is over."""
        if self._desk is not None and self._named:
            self._desk.renew()
            self._tell("renewed")
        else:
            self.ask()

    def come_back(self) -> None:
        """Name the room again on a new connection, with new words.

        With the old ones, whoever can break connections would have as many tries as they like.
        """
        if self._desk is not None:
            self._desk.begin_again()
            self._reason = "renewed"
            self._ask_name()

    # --- what the server says ---

    def received(self, message: PasscodeMessage, now: float) -> None:
        """Handle one message; what is not for us is refused and reported."""
        desk = self._desk
        match message:
            case wire.RoomNamed() | wire.NameTaken():
                self._named_or_not(message)
            case wire.PasscodeGone():
                if desk is not None:
                    desk.gone(message.attempt)
            case _ if desk is None or not self._named:
                self._out.outbox.append(wire.RefusePasscode(message.attempt))
            case _:
                self._answer(desk, message, now)

    def _named_or_not(self, message: wire.RoomNamed | wire.NameTaken) -> None:
        desk = self._desk
        if desk is None or self._named or message.name != desk.passcode.room:
            self._out.report(WireError("the server speaks of a name that we did not ask for"))
        elif isinstance(message, wire.RoomNamed):
            self._named, self._names = True, 0
            self._tell(self._reason)
        elif self._names < MAX_NAMES:
            desk.renew(new_room_name())
            self._ask_name()
        else:
            self._desk, self._names = None, 0
            self._out.note("there is no passcode: the server has no name for the room")

    def _answer(
        self, desk: PasscodeDesk, message: wire.PasscodeTried | wire.PasscodeConfirmed, now: float
    ) -> None:
        before = desk.passcode
        try:
            match message:
                case wire.PasscodeTried():
                    reply = desk.answer(message.attempt, message.share, now)
                case wire.PasscodeConfirmed():
                    reply = desk.confirm(message.attempt, message.confirmation)
        except (PasscodeTriesError, KeysError):
            desk.gone(message.attempt)
            self._out.outbox.append(wire.RefusePasscode(message.attempt))
        else:
            self._out.outbox.append(wire.ReplyPasscode(message.attempt, reply))
        if desk.passcode is not before:
            self._tell("used_up")

    def _ask_name(self) -> None:
        assert self._desk is not None
        self._named = False
        self._names += 1
        self._out.outbox.append(wire.NameRoom(self._desk.passcode.room))

    def _tell(self, reason: Reason) -> None:
        assert self._desk is not None
        passcode = self._desk.passcode
        self._out.events.append(
            events.PasscodeShown(
                passcode=passcode.to_text(),
                room=passcode.room,
                server=self._link.server,
                reason=reason,
            )
        )
