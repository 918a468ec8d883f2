"""The joiner's end of a passcode: from four words to the room's link.

share -> share and confirmation of the host -> our confirmation -> the link, sealed. Each side
proves that it has the passcode before it believes anything of the other. Pure.
"""

from __future__ import annotations

import hmac
from dataclasses import replace
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from e2ee.errors import AuthenticationError, LinkError, MalformedError
from e2ee.link import MAX_LINK, Link
from e2ee.passcode import Passcode
from e2ee.spake2 import CONFIRMATION_LENGTH, SHARE_LENGTH, Agreed, Exchange, Side
from rooms.errors import PasscodeWrongError, ServerIdentityError

NONCE: Final = bytes(12)
"""Each key seals one link, so one nonce is enough."""
CONTEXT: Final = b"sottovoce passcode link"
SEALED_LENGTH: Final = MAX_LINK + 16


def identities(room: str) -> tuple[bytes, bytes]:
    """Return what the two sides of an exchange are called; both have to mean the same room."""
    return b"sottovoce joiner", b"sottovoce host of " + room.encode()


def seal_link(key: bytes, link: Link) -> bytes:
    """Encrypt a link under an agreed key: AES-128-GCM, padded to the longest that links are."""
    text = link.to_text().encode()
    return AESGCM(key).encrypt(NONCE, text + bytes(MAX_LINK - len(text)), CONTEXT)


class PasscodeAsking:
    """One try with one passcode. `share` goes out first. Takes 0.1 s to make (scrypt)."""

    def __init__(self, passcode: Passcode) -> None:
        self._exchange = Exchange(Side.A, passcode.stretch(), *identities(passcode.room))
        self._agreed: Agreed | None = None
        self.share = self._exchange.share

    def answered(self, answer: bytes) -> bytes:
        """Take the host's answer; return our confirmation.

        Raises `PasscodeWrongError` if whoever answers has another passcode, `MalformedError`.
        """
        if len(answer) != SHARE_LENGTH + CONFIRMATION_LENGTH:
            raise MalformedError("the answer to a passcode has the wrong size")
        agreed = self._exchange.finish(answer[:SHARE_LENGTH])
        try:
            agreed.check(answer[SHARE_LENGTH:])
        except AuthenticationError:
            # Whoever answered could have been the server, guessing: it had one guess, too.
            raise PasscodeWrongError(
                "the passcode is wrong", hint="ask for it again; it may be a new one"
            ) from None
        self._agreed = agreed
        return agreed.confirmation

    def delivered(self, sealed: bytes, seen_pin: bytes, server: str) -> Link:
        """Open the link. `seen_pin` and `server` (`host[:port]`) are those we talked through.

        The link names `server` then: hosts may know it by an address that leads nowhere from here.
        Raises `AuthenticationError` if it is not from the host, `ServerIdentityError` if the
        host's link is of another server, `LinkError`, `MalformedError`.
        """
        if self._agreed is None or len(sealed) != SEALED_LENGTH:
            raise MalformedError("no link is expected, or not of this size")
        agreed, self._agreed = self._agreed, None
        try:
            text = AESGCM(agreed.key).decrypt(NONCE, sealed, CONTEXT).rstrip(b"\0")
            link = Link.parse(text.decode("ascii"))
        except InvalidTag:
            raise AuthenticationError("the link was not sealed by the host") from None
        except UnicodeDecodeError:
            raise LinkError("this is not a room link") from None
        # Without a pin the name is the identity, which public certificates prove when we knock.
        if link.server_pin is None:
            same = link.server.casefold() == server.casefold()
        else:
            same = hmac.compare_digest(link.server_pin, seen_pin)
        if not same:
            raise ServerIdentityError(
                "the server is not the one the host is on",
                hint="somebody may be in between; ask the host for the address, or for the link",
            )
        return replace(link, server=server)
