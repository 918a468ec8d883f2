"""What all connections to one call share, and what one of them asks with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from rooms.errors import PolicyError, WireError
from rooms.events import AnyEvent, ErrorEvent
from tui.ctl.errors import ToldError
from tui.ctl.following import Follow, Tell
from tui.ctl.talk import Talk
from tui.errors import ActionError, NotAllowedError, UsageError
from tui.ports import CallPort

_CODES: Final = {PolicyError.code: NotAllowedError.code, WireError.code: ActionError.code}
"""Who breaks a rule of the room, or says what cannot be said, forges it; if it is us, we may not,
or cannot."""


class Office:
    """A call that is asked from outside, and its number.

    `told`: the epoch of the code that was told last over a socket.
    """

    def __init__(self, call: CallPort, number: int) -> None:
        self.call, self.number = call, number
        self.told: int | None = None
        self.follow = Follow(call, number)
        self.talk = Talk(call)
        self._failed: ErrorEvent | None = None
        call.listen(self._on_event)

    def carry_out(self, act: Callable[[CallPort], str], takes: str) -> str:
        """Do something to the call; return what is to be said. Raises `SottovoceError`.

        `takes`: the argument there should have been. A call tells by an event what it could not
        do; here that is an error like any other.
        """
        self._failed = None
        try:
            words = act(self.call)
        except UsageError as error:
            raise ToldError(error.code, error.message, f"it takes {takes}") from error
        self.follow.look()
        self._raise_failure()
        return words

    def _raise_failure(self) -> None:
        if (failure := self._failed) is not None:
            code = _CODES.get(failure.code, failure.code)
            raise ToldError(code, failure.message, failure.hint)

    def close(self) -> None:
        """Let go of what was held open."""
        self.talk.let_go()

    def _on_event(self, event: AnyEvent) -> None:
        if isinstance(event, ErrorEvent):
            self._failed = event


@dataclass(frozen=True)
class Caller:
    """One connection to a call: `tell` passes on what it asked to be told later."""

    office: Office
    tell: Tell

    @property
    def call(self) -> CallPort:
        """The call that is asked."""
        return self.office.call
