"""What a client supports, and what a group requires (RFC 9420 sections 7.2 and 11.1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from e2ee.errors import InvalidError
from e2ee.mls.cipher_suite import CLASSIC, CipherSuite
from e2ee.mls.codec import Reader, decode, u16, vector
from e2ee.mls.constants import (
    DEFAULT_EXTENSIONS,
    DEFAULT_PROPOSALS,
    CredentialType,
    ExtensionType,
    ProtocolVersion,
)
from e2ee.mls.extensions import Extensions


@dataclass(frozen=True)
class Capabilities:
    """What a leaf node says its client supports (section 7.2)."""

    versions: tuple[int, ...]
    cipher_suites: tuple[int, ...]
    extensions: tuple[int, ...]
    proposals: tuple[int, ...]
    credentials: tuple[int, ...]

    @classmethod
    def ours(cls, extensions: Sequence[int] = (), suite: CipherSuite = CLASSIC) -> Capabilities:
        """Return our profile, with the extension types the application understands.

        Of our suites it lists the one the leaf node is for: no group changes to another.
        """
        return cls(
            (ProtocolVersion.MLS10,),
            (suite.id,),
            tuple(kind for kind in extensions if kind not in DEFAULT_EXTENSIONS),
            (),
            (CredentialType.BASIC,),
        )

    def encode(self) -> bytes:
        """Return the encoding."""
        return b"".join(
            _encode_list(values)
            for values in (
                self.versions,
                self.cipher_suites,
                self.extensions,
                self.proposals,
                self.credentials,
            )
        )

    @classmethod
    def read(cls, reader: Reader) -> Capabilities:
        """Take one off `reader`."""
        return cls(*(reader.vector(Reader.u16) for _ in range(5)))

    def supports_extensions(self, kinds: Iterable[int]) -> bool:
        """Whether every extension type is listed, or is one that everybody knows."""
        return set(kinds) <= DEFAULT_EXTENSIONS.union(self.extensions)

    def check_group(self, extensions: Extensions, suite: CipherSuite = CLASSIC) -> None:
        """Check that the client can be in a group with these GroupContext extensions.

        Raises `InvalidError` if not (sections 7.3 and 11.1), `MalformedError` if the group's
        required capabilities do not decode.
        """
        if ProtocolVersion.MLS10 not in self.versions or suite.id not in self.cipher_suites:
            raise InvalidError("a member does not support the group's version and cipher suite")
        if CredentialType.BASIC not in self.credentials:
            raise InvalidError("a member does not support the credentials of the group")
        if not self.supports_extensions(extensions):
            raise InvalidError("a member does not support an extension of the group")
        required = extensions.get(ExtensionType.REQUIRED_CAPABILITIES)
        if required is not None and not RequiredCapabilities.decode(required).are_met_by(self):
            raise InvalidError("a member lacks a capability the group requires")


@dataclass(frozen=True)
class RequiredCapabilities:
    """The GroupContext extension of type 3 (section 11.1)."""

    extensions: tuple[int, ...] = ()
    proposals: tuple[int, ...] = ()
    credentials: tuple[int, ...] = ()

    def encode(self) -> bytes:
        """Return the encoding."""
        return b"".join(map(_encode_list, (self.extensions, self.proposals, self.credentials)))

    @classmethod
    def decode(cls, data: bytes) -> RequiredCapabilities:
        """Decode extension data. Raises `MalformedError`."""
        return decode(lambda reader: cls(*(reader.vector(Reader.u16) for _ in range(3))), data)

    def are_met_by(self, capabilities: Capabilities) -> bool:
        """Whether a client with these capabilities may be a member."""
        return (
            capabilities.supports_extensions(self.extensions)
            and set(self.proposals) <= DEFAULT_PROPOSALS.union(capabilities.proposals)
            and set(self.credentials) <= set(capabilities.credentials)
        )


def _encode_list(values: Sequence[int]) -> bytes:
    return vector(map(u16, values))
