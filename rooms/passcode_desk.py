"""The host's end of passcodes: who tries one, how often, and what a right one is given.

Only this counts tries: the server passes messages on and could lie about anything. A try counts
when it begins, so breaking off does not make it free. After the tenth, right or wrong, there is a
new passcode. Pure; `answer` takes a few milliseconds, and 0.1 s (scrypt) after a new passcode.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from e2ee.errors import MalformedError
from e2ee.link import Link
from e2ee.passcode import Passcode, new_passcode
from e2ee.spake2 import Agreed, Exchange, Side
from rooms.errors import PasscodeTriesError
from rooms.passcode_join import identities, seal_link

TRIES_EACH: Final = 3
"""Tries of one connection."""
TRIES: Final = 10
"""Tries of all connections together until there is a new passcode."""
MAX_ASKING: Final = 16
"""Exchanges under way at once."""


@dataclass(slots=True)
class _Asker:
    """One connection that tries; `agreed` while its confirmation is awaited."""

    tries: int = 0
    agreed: Agreed | None = None


class PasscodeDesk:
    """Answers tries by connection number. What is refused counts all the same."""

    def __init__(self, link: Link, passcode: Passcode) -> None:
        self.passcode = passcode
        """The one that is right now; a secret, to be told to the host's person only."""
        self._link = link
        self._stretched: int | None = None
        self._tries = 0
        self._askers: dict[int, _Asker] = {}

    def __repr__(self) -> str:
        return f"PasscodeDesk(room={self.passcode.room!r}, tries={self._tries})"

    def answer(self, connection: int, share: bytes) -> bytes:
        """Begin a try; return our share and confirmation.

        A connection that tries again gives up what it had under way.
        Raises `PasscodeTriesError` if it may not, `MalformedError` if its share is no point.
        """
        if connection not in self._askers and len(self._askers) >= MAX_ASKING:
            raise PasscodeTriesError("too many try passcodes at once")
        asker = self._askers.setdefault(connection, _Asker())
        asker.agreed = None
        if asker.tries >= TRIES_EACH:
            raise PasscodeTriesError("too many wrong passcodes")
        asker.tries += 1
        exchange = self._exchange()
        self._count()
        asker.agreed = exchange.finish(share)
        return exchange.share + asker.agreed.confirmation

    def confirm(self, connection: int, confirmation: bytes) -> bytes:
        """Return the sealed link for whoever proves the passcode.

        Raises `MalformedError` without a try under way, `AuthenticationError` if it is wrong.
        """
        asker = self._askers.get(connection)
        if asker is None or asker.agreed is None:
            raise MalformedError("a confirmation comes without a try")
        agreed, asker.agreed = asker.agreed, None
        agreed.check(confirmation)
        return seal_link(agreed.key, self._link)

    def gone(self, connection: int) -> None:
        """Forget a connection that ended; what it tried stays counted."""
        self._askers.pop(connection, None)

    def _exchange(self) -> Exchange:
        if self._stretched is None:
            self._stretched = self.passcode.stretch()
        return Exchange(Side.B, self._stretched, *identities(self.passcode.room))

    def _count(self) -> None:
        """Count a try; the exchange of the tenth still goes by the old passcode."""
        self._tries += 1
        if self._tries >= TRIES:
            self.passcode, self._stretched = new_passcode(self.passcode.room), None
            self._tries = 0
