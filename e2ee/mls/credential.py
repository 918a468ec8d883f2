"""Credentials (RFC 9420 section 5.3): who a leaf says it is; the room checks whether it is so."""

from __future__ import annotations

from dataclasses import dataclass

from e2ee.errors import MalformedError
from e2ee.mls.codec import Reader, opaque, u16
from e2ee.mls.constants import CredentialType


@dataclass(frozen=True)
class Credential:
    """A basic credential: an identity whose meaning is the application's."""

    identity: bytes

    def encode(self) -> bytes:
        """Return the encoding."""
        return u16(CredentialType.BASIC) + opaque(self.identity)

    @classmethod
    def read(cls, reader: Reader) -> Credential:
        """Take one off `reader`. Raises `MalformedError` unless it is basic."""
        if reader.enum16(CredentialType) is not CredentialType.BASIC:
            raise MalformedError("an MLS credential is not a basic one")
        return cls(reader.opaque())
