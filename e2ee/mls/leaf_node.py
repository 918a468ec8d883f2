"""Leaf nodes: a member's keys, credential and capabilities, signed (RFC 9420 section 7.2)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from e2ee.errors import InvalidError
from e2ee.mls.capabilities import Capabilities
from e2ee.mls.cipher_suite import CLASSIC, CipherSuite
from e2ee.mls.codec import Reader, opaque, u8, u32, u64
from e2ee.mls.constants import LeafNodeSource
from e2ee.mls.credential import Credential
from e2ee.mls.crypto import sign_with_label, verify_with_label
from e2ee.mls.extensions import Extensions, encode_extensions, read_extensions
from e2ee.mls.limits import CLOCK_SKEW, KEY_PACKAGE_LIFETIME, MAX_KEY_PACKAGE_LIFETIME
from e2ee.mls.signing_key import SigningKey


class Lifetime(NamedTuple):
    """When a KeyPackage may be used, Unix seconds, both ends included."""

    not_before: int
    not_after: int

    @classmethod
    def starting(cls, now: int) -> Lifetime:
        """Return the lifetime of a KeyPackage made now, with room for clocks that differ."""
        return cls(max(0, now - CLOCK_SKEW), now + KEY_PACKAGE_LIFETIME)

    def check(self, now: int) -> None:
        """Raise `InvalidError` if it is over, not begun, or longer than anyone may ask for."""
        if self.not_after - self.not_before > MAX_KEY_PACKAGE_LIFETIME + CLOCK_SKEW:
            raise InvalidError("a key package asks for too long a lifetime")
        if not self.not_before <= now <= self.not_after:
            raise InvalidError("a key package has expired, or is not valid yet")


@dataclass(frozen=True)
class LeafNode:
    """One leaf of the ratchet tree; `lifetime` only from a KeyPackage, `parent_hash` a Commit."""

    encryption_key: bytes
    signature_key: bytes
    credential: Credential
    capabilities: Capabilities
    source: LeafNodeSource
    lifetime: Lifetime | None = None
    parent_hash: bytes | None = None
    extensions: Extensions = field(default_factory=dict)
    signature: bytes = b""

    @cached_property
    def encoded(self) -> bytes:
        """The encoding; kept because trees are hashed and sent over and over."""
        return self._unsigned + opaque(self.signature)

    @cached_property
    def _unsigned(self) -> bytes:
        parts = [
            opaque(self.encryption_key),
            opaque(self.signature_key),
            self.credential.encode(),
            self.capabilities.encode(),
            u8(self.source),
        ]
        if self.lifetime is not None:
            parts += [u64(self.lifetime.not_before), u64(self.lifetime.not_after)]
        if self.parent_hash is not None:
            parts.append(opaque(self.parent_hash))
        parts.append(encode_extensions(self.extensions))
        return b"".join(parts)

    @classmethod
    def read(cls, reader: Reader) -> LeafNode:
        """Take one off `reader`; nothing is verified."""
        encryption_key, signature_key = reader.opaque(), reader.opaque()
        credential, capabilities = Credential.read(reader), Capabilities.read(reader)
        source = reader.enum8(LeafNodeSource)
        lifetime = parent_hash = None
        if source is LeafNodeSource.KEY_PACKAGE:
            lifetime = Lifetime(reader.u64(), reader.u64())
        elif source is LeafNodeSource.COMMIT:
            parent_hash = reader.opaque()
        return cls(
            encryption_key,
            signature_key,
            credential,
            capabilities,
            source,
            lifetime,
            parent_hash,
            read_extensions(reader),
            reader.opaque(),
        )

    def for_update(self, encryption_key: bytes) -> LeafNode:
        """Return an unsigned copy with a fresh key, for an Update proposal."""
        return self._renewed(LeafNodeSource.UPDATE, encryption_key, None)

    def for_commit(self, encryption_key: bytes, parent_hash: bytes) -> LeafNode:
        """Return an unsigned copy with a fresh key, for the path of a Commit."""
        return self._renewed(LeafNodeSource.COMMIT, encryption_key, parent_hash)

    def _renewed(
        self, source: LeafNodeSource, encryption_key: bytes, parent_hash: bytes | None
    ) -> LeafNode:
        return replace(
            self,
            encryption_key=encryption_key,
            source=source,
            lifetime=None,
            parent_hash=parent_hash,
            signature=b"",
        )

    def signed(self, key: SigningKey, group_id: bytes = b"", leaf: int = 0) -> LeafNode:
        """Return it signed; group and leaf count unless it is a KeyPackage's."""
        content = self._signed_content(group_id, leaf)
        return replace(self, signature=sign_with_label(key, "LeafNodeTBS", content))

    def verify(self, group_id: bytes = b"", leaf: int = 0, suite: CipherSuite = CLASSIC) -> None:
        """Check what it says of itself: usable key, own extensions listed, signature.

        Raises `InvalidError` or `AuthenticationError` (section 7.3).
        """
        if not suite.is_usable(self.encryption_key):
            raise InvalidError("a leaf node has a key that cannot be encrypted to")
        if not self.capabilities.supports_extensions(self.extensions):
            raise InvalidError("a leaf node has an extension its own capabilities do not list")
        content = self._signed_content(group_id, leaf)
        verify_with_label(self.signature_key, "LeafNodeTBS", content, self.signature, "a leaf node")

    def _signed_content(self, group_id: bytes, leaf: int) -> bytes:
        if self.source is LeafNodeSource.KEY_PACKAGE:
            return self._unsigned
        return self._unsigned + opaque(group_id) + u32(leaf)
