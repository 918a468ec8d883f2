"""Proposals: what a Commit may do (RFC 9420 section 12.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Final

from e2ee.mls.codec import Reader, opaque, u16, u32
from e2ee.mls.constants import ProposalType
from e2ee.mls.extensions import Extensions, encode_extensions, read_extensions
from e2ee.mls.key_package import KeyPackage
from e2ee.mls.leaf_node import LeafNode
from e2ee.mls.psk import PskId, read_psk_id


@dataclass(frozen=True)
class Add:
    """Add the client of a KeyPackage (section 12.1.1)."""

    type: ClassVar = ProposalType.ADD
    key_package: KeyPackage

    def encode(self) -> bytes:
        """Return the encoding, without the type."""
        return self.key_package.encoded

    @classmethod
    def read(cls, reader: Reader) -> Add:
        """Take one off `reader`."""
        return cls(KeyPackage.read(reader))


@dataclass(frozen=True)
class Update:
    """Replace the sender's own leaf (section 12.1.2)."""

    type: ClassVar = ProposalType.UPDATE
    leaf_node: LeafNode

    def encode(self) -> bytes:
        """Return the encoding, without the type."""
        return self.leaf_node.encoded

    @classmethod
    def read(cls, reader: Reader) -> Update:
        """Take one off `reader`."""
        return cls(LeafNode.read(reader))


@dataclass(frozen=True)
class Remove:
    """Remove the member at a leaf (section 12.1.3)."""

    type: ClassVar = ProposalType.REMOVE
    removed: int

    def encode(self) -> bytes:
        """Return the encoding, without the type."""
        return u32(self.removed)

    @classmethod
    def read(cls, reader: Reader) -> Remove:
        """Take one off `reader`."""
        return cls(reader.u32())


@dataclass(frozen=True)
class PreSharedKey:
    """Mix a pre-shared key into the next epoch (section 12.1.4)."""

    type: ClassVar = ProposalType.PSK
    psk: PskId

    def encode(self) -> bytes:
        """Return the encoding, without the type."""
        return self.psk.encode()

    @classmethod
    def read(cls, reader: Reader) -> PreSharedKey:
        """Take one off `reader`."""
        return cls(read_psk_id(reader))


@dataclass(frozen=True)
class ReInit:
    """End the group for one with other parameters (section 12.1.5); read, always refused."""

    type: ClassVar = ProposalType.REINIT
    group_id: bytes
    version: int
    cipher_suite: int
    extensions: Extensions

    def encode(self) -> bytes:
        """Return the encoding, without the type."""
        head = opaque(self.group_id) + u16(self.version) + u16(self.cipher_suite)
        return head + encode_extensions(self.extensions)

    @classmethod
    def read(cls, reader: Reader) -> ReInit:
        """Take one off `reader`."""
        return cls(reader.opaque(), reader.u16(), reader.u16(), read_extensions(reader))


@dataclass(frozen=True)
class ExternalInit:
    """Join without being asked (section 12.1.6); read, always refused."""

    type: ClassVar = ProposalType.EXTERNAL_INIT
    kem_output: bytes

    def encode(self) -> bytes:
        """Return the encoding, without the type."""
        return opaque(self.kem_output)

    @classmethod
    def read(cls, reader: Reader) -> ExternalInit:
        """Take one off `reader`."""
        return cls(reader.opaque())


@dataclass(frozen=True)
class GroupContextExtensions:
    """Replace all extensions of the GroupContext (section 12.1.7)."""

    type: ClassVar = ProposalType.GROUP_CONTEXT_EXTENSIONS
    extensions: Extensions

    def encode(self) -> bytes:
        """Return the encoding, without the type."""
        return encode_extensions(self.extensions)

    @classmethod
    def read(cls, reader: Reader) -> GroupContextExtensions:
        """Take one off `reader`."""
        return cls(read_extensions(reader))


Proposal = Add | Update | Remove | PreSharedKey | ReInit | ExternalInit | GroupContextExtensions

_READERS: Final[dict[ProposalType, Callable[[Reader], Proposal]]] = {
    ProposalType.ADD: Add.read,
    ProposalType.UPDATE: Update.read,
    ProposalType.REMOVE: Remove.read,
    ProposalType.PSK: PreSharedKey.read,
    ProposalType.REINIT: ReInit.read,
    ProposalType.EXTERNAL_INIT: ExternalInit.read,
    ProposalType.GROUP_CONTEXT_EXTENSIONS: GroupContextExtensions.read,
}


def encode_proposal(proposal: Proposal) -> bytes:
    """Encode a Proposal with its type."""
    return u16(proposal.type) + proposal.encode()


def read_proposal(reader: Reader) -> Proposal:
    """Take a Proposal off `reader`. Raises `MalformedError` for a type we do not know."""
    return _READERS[reader.enum16(ProposalType)](reader)
