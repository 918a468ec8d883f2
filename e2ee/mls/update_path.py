"""UpdatePath: the fresh keys of a committer, each path secret encrypted (RFC 9420 section 7.6)."""

from __future__ import annotations

from dataclasses import dataclass

from e2ee.mls.codec import Reader, opaque, vector
from e2ee.mls.hpke import HpkeCiphertext
from e2ee.mls.leaf_node import LeafNode


@dataclass(frozen=True)
class UpdatePathNode:
    """One node's public key and its path secret, once for each node of the copath resolution."""

    encryption_key: bytes
    encrypted_path_secrets: tuple[HpkeCiphertext, ...]

    def encode(self) -> bytes:
        """Return the encoding."""
        secrets = vector(secret.encode() for secret in self.encrypted_path_secrets)
        return opaque(self.encryption_key) + secrets

    @classmethod
    def read(cls, reader: Reader) -> UpdatePathNode:
        """Take one off `reader`."""
        return cls(reader.opaque(), reader.vector(HpkeCiphertext.read))


@dataclass(frozen=True)
class UpdatePath:
    """A new leaf and the nodes of its filtered direct path, upwards."""

    leaf_node: LeafNode
    nodes: tuple[UpdatePathNode, ...]

    def encode(self) -> bytes:
        """Return the encoding."""
        return self.leaf_node.encoded + vector(node.encode() for node in self.nodes)

    @classmethod
    def read(cls, reader: Reader) -> UpdatePath:
        """Take one off `reader`."""
        return cls(LeafNode.read(reader), reader.vector(UpdatePathNode.read))
