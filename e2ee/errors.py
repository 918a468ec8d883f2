"""Errors of the keys layer, and the base of every error the product raises on purpose."""

from __future__ import annotations

from enum import StrEnum


class Fault(StrEnum):
    """Whose fault an error is; decides its wording and colour on every face."""

    OURS = "ours"
    PERSON = "person"
    PEER = "peer"


class SottovoceError(Exception):
    """Base of all expected errors: one clear line, a stable code, whose fault, what to do.

    The message and the hint are shown to people and written to logs: they never carry a secret.
    """

    code: str = "internal"
    fault: Fault = Fault.OURS

    def __init__(self, message: str, *, hint: str = "") -> None:
        # A path that is no text may be quoted; words have to get through sockets and JSON.
        self.message = message.encode(errors="replace").decode()
        super().__init__(self.message)
        self.hint = hint


class KeysError(SottovoceError):
    """Base of everything `e2ee` raises; input from a peer was refused and nothing changed."""

    code = "e2ee.refused"
    fault = Fault.PEER


class MalformedError(KeysError):
    """Bytes that do not decode as what they claim to be."""

    code = "e2ee.malformed"


class AuthenticationError(KeysError):
    """A signature, MAC or AEAD tag that does not verify."""

    code = "e2ee.unauthentic"


class ReplayError(KeysError):
    """A message or frame that was already accepted, or is older than the window."""

    code = "e2ee.replay"


class UnknownKeyError(KeysError):
    """No key is held for what arrived (another epoch, an unknown KID, a missing PSK)."""

    code = "e2ee.unknown_key"


class InvalidError(KeysError):
    """Well formed and authentic, yet against the rules of MLS (RFC 9420) in this state."""

    code = "e2ee.invalid"


class LinkError(SottovoceError):
    """A link that cannot be read."""

    code = "link.malformed"
    fault = Fault.PERSON
