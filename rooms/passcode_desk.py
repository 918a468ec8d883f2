"""The host's end of passcodes: who tries one, how often, and what a right one is given.

Only this counts tries: the server passes messages on and could lie about anything. A try counts
when it begins, so breaking off does not make it free. After the tenth, right or wrong, there is a
new passcode. Pure; `answer` takes a few milliseconds, and 0.1 s (scrypt) more after a new passcode
that was not `prepared`. `now` is in seconds, on any clock that only grows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from e2ee.errors import MalformedError
from e2ee.link import Link
from e2ee.passcode import Passcode, new_passcode
from e2ee.spake2 import Agreed, Exchange, Side
from media.limits import TokenBucket
from rooms.errors import PasscodeTriesError
from rooms.passcode_join import identities, seal_link

TRIES_EACH: Final = 3
"""Tries of one connection."""
TRIES: Final = 10
"""Tries of all connections together until there is a new passcode."""
MAX_ASKING: Final = 16
"""Exchanges under way at once."""
TRY_RATE: Final = 0.1
TRY_BURST: Final = 20.0
"""Tries a second, and at once: so many guesses are all that a server and its friends have, who
may open as many connections as they like. At 30 bits of secret, that is 1 in 120,000 a day."""


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
        self._pace = TokenBucket(TRY_RATE, TRY_BURST)

    def __repr__(self) -> str:
        return f"PasscodeDesk(room={self.passcode.room!r}, tries={self._tries})"

    def renew(self, room: str | None = None) -> None:
        """Take a new passcode, of another room name if there is one; who tries goes on."""
        self.passcode, self._stretched = new_passcode(room or self.passcode.room), None
        self._tries = 0

    def begin_again(self) -> None:
        """Take new words for another connection to the server, which has numbers of its own.

        The pace goes on: whoever breaks connections tries no faster by that.
        """
        self.renew()
        self._askers.clear()

    def prepared(self, passcode: Passcode, stretched: int) -> None:
        """Take what was computed elsewhere of a passcode, if it is still the one that is right."""
        if passcode == self.passcode:
            self._stretched = stretched

    def answer(self, connection: int, share: bytes, now: float) -> bytes:
        """Begin a try; return our share and confirmation.

        A connection that tries again gives up what it had under way. What comes too fast is refused
        and not counted: nothing was learnt by it.
        Raises `PasscodeTriesError` if it may not, `MalformedError` if its share is no point.
        """
        if connection not in self._askers and len(self._askers) >= MAX_ASKING:
            raise PasscodeTriesError("too many try passcodes at once")
        asker = self._askers.setdefault(connection, _Asker())
        asker.agreed = None
        if asker.tries >= TRIES_EACH:
            raise PasscodeTriesError("too many wrong passcodes")
        if not self._pace.take(now):
            raise PasscodeTriesError("passcodes are tried too fast")
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
            self.renew()
