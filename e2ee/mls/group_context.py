"""GroupContext: what all members of an epoch agree on (RFC 9420 section 8.1)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from e2ee.errors import InvalidError
from e2ee.mls.cipher_suite import CipherSuite, suite_of
from e2ee.mls.codec import Reader, opaque, u16, u64
from e2ee.mls.constants import CIPHER_SUITE, MAX_EPOCH, ProtocolVersion
from e2ee.mls.extensions import Extensions, encode_extensions, read_extensions


@dataclass(frozen=True)
class GroupContext:
    """Mixed into every secret of the epoch; `extensions` are the application's, opaque here."""

    group_id: bytes
    epoch: int
    tree_hash: bytes
    confirmed_transcript_hash: bytes
    extensions: Extensions
    version: int = ProtocolVersion.MLS10
    cipher_suite: int = CIPHER_SUITE

    @property
    def suite(self) -> CipherSuite:
        """The group's cipher suite. Raises `InvalidError` if we do not have it."""
        return suite_of(self.cipher_suite)

    @cached_property
    def encoded(self) -> bytes:
        """The encoding."""
        return b"".join(
            (
                u16(self.version),
                u16(self.cipher_suite),
                opaque(self.group_id),
                u64(self.epoch),
                opaque(self.tree_hash),
                opaque(self.confirmed_transcript_hash),
                encode_extensions(self.extensions),
            )
        )

    @classmethod
    def read(cls, reader: Reader) -> GroupContext:
        """Take one off `reader`."""
        version, cipher_suite = reader.u16(), reader.u16()
        group_id, epoch = reader.opaque(), reader.u64()
        tree_hash, transcript_hash = reader.opaque(), reader.opaque()
        extensions = read_extensions(reader)
        return cls(group_id, epoch, tree_hash, transcript_hash, extensions, version, cipher_suite)

    def next(self, tree_hash: bytes, extensions: Extensions) -> GroupContext:
        """Return the provisional context of the next epoch, with the old transcript hash.

        Raises `InvalidError` when there is no next epoch.
        """
        if self.epoch >= MAX_EPOCH:
            raise InvalidError("a group is in its last epoch")
        return replace(self, epoch=self.epoch + 1, tree_hash=tree_hash, extensions=extensions)

    def confirmed(self, transcript_hash: bytes) -> GroupContext:
        """Return it with the transcript hash of the Commit that starts it."""
        return replace(self, confirmed_transcript_hash=transcript_hash)
