"""Names of rooms at a server, and those who try passcodes there: a table and a relay.

Names are no secrets and mean nothing but where a try is passed on to. What passes here is SPAKE2
(RFC 9382): nobody can check guesses against it. How many tries there are, the host counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from types import MappingProxyType
from typing import Final

from rooms import wire
from rooms.errors import RoomFullError, RoomMissingError
from rooms.limits import TOO_FAST, Limits, Sources
from rooms.room import Connection

NO_SUCH_NAME: Final = "no room has this name here"


class Step(Enum):
    """Where a try is; each message has one place in it."""

    TRIED = auto()
    ANSWERED = auto()
    CONFIRMED = auto()
    DELIVERED = auto()


_REPLIED: Final = {Step.TRIED: Step.ANSWERED, Step.CONFIRMED: Step.DELIVERED}


@dataclass(eq=False, slots=True)
class Attempt:
    """One connection that tries; `number` is what whoever has the name knows it by."""

    connection: Connection
    name: Name
    number: int
    since: float
    step: Step = Step.TRIED

    def takes(self, message: wire.TryPasscode) -> bool:
        """Whether it may begin again so: its answer came, and the name is the same."""
        return self.step is Step.ANSWERED and self.name.text == message.name


@dataclass(eq=False, slots=True)
class Name:
    """A name, the member that has it, and those who try there. Numbers are never given twice."""

    text: str
    keeper: Connection
    attempts: dict[int, Attempt] = field(default_factory=dict)
    numbered: int = 0


class Names:
    """All names of one server. `send`, `fail` and `close` are what the hall does to connections."""

    def __init__(
        self,
        limits: Limits,
        sources: Sources,
        *,
        send: Callable[[Connection, wire.ServerMessage], None],
        fail: Callable[[Connection, str, str], None],
        close: Callable[[Connection, type[wire.ServerMessage]], None],
    ) -> None:
        self._limits = limits
        self._sources = sources
        self._send, self._fail, self._close = send, fail, close
        self._names: dict[str, Name] = {}
        self._kept: dict[Connection, Name] = {}
        self._attempts: dict[Connection, Attempt] = {}

    @property
    def names(self) -> Mapping[str, Name]:
        """The names there are, to look at."""
        return MappingProxyType(self._names)

    @property
    def attempts(self) -> Mapping[Connection, Attempt]:
        """Those who try, to look at."""
        return MappingProxyType(self._attempts)

    def ended(self, connection: Connection) -> None:
        """Forget a connection: free its name, or tell whoever has the name it tried."""
        self._release(connection)
        attempt = self._attempts.get(connection)
        if attempt is not None:
            self._forget(attempt)
            self._send(attempt.name.keeper, wire.PasscodeGone(attempt.number))

    # --- whoever has a name ---

    def keep(
        self,
        member: Connection,
        message: wire.NameRoom | wire.ReplyPasscode | wire.RefusePasscode,
        now: float,
    ) -> None:
        """Do what a member asks."""
        match message:
            case wire.NameRoom():
                if self._sources.take_name(member.source, now):
                    self._give(member, message.name)
                else:
                    self._fail(member, TOO_FAST, "too many rooms are named from this address")
            case wire.ReplyPasscode():
                self._reply(member, message)
            case wire.RefusePasscode():
                self._refuse(member, message)

    def _give(self, member: Connection, text: str) -> None:
        there = self._names.get(text)
        kept = len(self._names) - (member in self._kept)
        if there is not None and there.keeper is member:
            self._send(member, wire.RoomNamed(text))
        elif there is not None or kept >= self._limits.names:
            self._send(member, wire.NameTaken(text))
        else:
            self._release(member)
            self._names[text] = self._kept[member] = Name(text, member)
            self._send(member, wire.RoomNamed(text))

    def _release(self, member: Connection) -> None:
        """Free the name of a member, if it has one, and end who tries it."""
        name = self._kept.pop(member, None)
        if name is None:
            return
        del self._names[name.text]
        for attempt in list(name.attempts.values()):
            self._forget(attempt)
            self._fail(attempt.connection, RoomMissingError.code, NO_SUCH_NAME)

    def _reply(self, member: Connection, message: wire.ReplyPasscode) -> None:
        """Pass an answer on; one that nobody waits for is dropped: whoever tried may have gone."""
        attempt = self._attempt_at(member, message.attempt)
        if attempt is not None and attempt.step in _REPLIED:
            attempt.step = _REPLIED[attempt.step]
            self._send(attempt.connection, wire.PasscodeReplied(message.reply))

    def _refuse(self, member: Connection, message: wire.RefusePasscode) -> None:
        attempt = self._attempt_at(member, message.attempt)
        if attempt is not None:
            self._forget(attempt)
            self._send(attempt.connection, wire.PasscodeRefused())
            self._close(attempt.connection, wire.PasscodeRefused)

    def _attempt_at(self, member: Connection, number: int) -> Attempt | None:
        name = self._kept.get(member)
        return name.attempts.get(number) if name is not None else None

    # --- whoever tries ---

    def tried(
        self,
        connection: Connection,
        message: wire.TryPasscode | wire.ConfirmPasscode,
        now: float,
    ) -> bool:
        """Pass on what somebody sends who tries; False if it is not its turn."""
        attempt = self._attempts.get(connection)
        if isinstance(message, wire.TryPasscode):
            if attempt is not None and not attempt.takes(message):
                return False
            if self._sources.take_try(connection.source, now):
                self._try(connection, attempt, message, now)
            else:
                self._fail(connection, TOO_FAST, "too many passcodes are tried from this address")
            return True
        if attempt is None or attempt.step is not Step.ANSWERED:
            return False
        attempt.step = Step.CONFIRMED
        told = wire.PasscodeConfirmed(attempt.number, message.confirmation)
        self._send(attempt.name.keeper, told)
        return True

    def _try(
        self,
        connection: Connection,
        attempt: Attempt | None,
        message: wire.TryPasscode,
        now: float,
    ) -> None:
        name = self._names.get(message.name)
        if name is None:
            self._fail(connection, RoomMissingError.code, NO_SUCH_NAME)
            return
        if attempt is None:
            self._make_place(name, now)
            if len(name.attempts) >= self._limits.tries:
                text = "too many try passcodes of this room"
                self._fail(connection, RoomFullError.code, text)
                return
            name.numbered += 1
            attempt = Attempt(connection, name, name.numbered, now)
            name.attempts[attempt.number] = self._attempts[connection] = attempt
        attempt.step, attempt.since = Step.TRIED, now
        self._send(name.keeper, wire.PasscodeTried(attempt.number, message.share))

    def _make_place(self, name: Name, now: float) -> None:
        """Where it is full, end those who take too long: without a clock here, only then."""
        if len(name.attempts) >= self._limits.tries:
            for attempt in list(name.attempts.values()):
                if now - attempt.since >= self._limits.try_seconds:
                    self._fail(attempt.connection, RoomFullError.code, "others wait to try")

    def _forget(self, attempt: Attempt) -> None:
        del self._attempts[attempt.connection]
        del attempt.name.attempts[attempt.number]
