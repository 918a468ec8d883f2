"""TreeKEM: fresh keys along a path, and one secret all members learn (RFC 9420 sections 7.4-7.6).

A path is made (`create_path`) and then encrypted (`encrypt_path`), because what it is encrypted
under depends on the tree it is already in; likewise merged (`merge_path`), then decrypted.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from e2ee.errors import InvalidError
from e2ee.mls import tree_math
from e2ee.mls.cipher_suite import CLASSIC, CipherSuite
from e2ee.mls.constants import HASH_LENGTH, LeafNodeSource
from e2ee.mls.crypto import decrypt_with_label, derive_secret, encrypt_with_label
from e2ee.mls.hpke import KeyPair
from e2ee.mls.leaf_node import LeafNode
from e2ee.mls.ratchet_tree import ParentNode, RatchetTree
from e2ee.mls.signing_key import SigningKey
from e2ee.mls.tree_hash import parent_hash, tree_hash
from e2ee.mls.update_path import UpdatePath, UpdatePathNode

_LABEL = "UpdatePathNode"


@dataclass(frozen=True)
class PrivateKeys:
    """The private keys one member holds, by node; always that of its own leaf."""

    leaf: int
    keys: Mapping[int, bytes] = field(repr=False)

    def within(self, tree: RatchetTree) -> PrivateKeys:
        """Return only the keys of nodes that are still in `tree`."""
        kept = {
            node: key
            for node, key in self.keys.items()
            if node < len(tree.nodes) and tree.nodes[node] is not None
        }
        return PrivateKeys(self.leaf, kept)

    def with_keys(self, keys: Mapping[int, bytes]) -> PrivateKeys:
        """Return it with keys added or replaced."""
        return PrivateKeys(self.leaf, {**self.keys, **keys})


@dataclass(frozen=True)
class NewPath:
    """A path of ours, not encrypted yet, with the tree it is already part of."""

    tree: RatchetTree
    leaf_node: LeafNode
    private: PrivateKeys
    path_secrets: Mapping[int, bytes] = field(repr=False)
    """Path secret by node, upwards."""
    commit_secret: bytes = field(repr=False)


@dataclass(frozen=True)
class _Chain:
    """Path secrets and key pairs of consecutive path nodes, and the commit secret above them."""

    path_secrets: Mapping[int, bytes] = field(repr=False)
    pairs: Mapping[int, KeyPair] = field(repr=False)
    commit_secret: bytes = field(repr=False)

    @property
    def private_keys(self) -> dict[int, bytes]:
        return {node: pair.private for node, pair in self.pairs.items()}


def create_path(
    tree: RatchetTree,
    private: PrivateKeys,
    signing_key: SigningKey,
    group_id: bytes,
    suite: CipherSuite = CLASSIC,
) -> NewPath:
    """Make fresh keys for our leaf and every node of its filtered direct path."""
    path = tree.filtered_path(private.leaf)
    chain = _chain(secrets.token_bytes(HASH_LENGTH), [node for node, _ in path], suite)
    parents, above = _with_parent_hashes(
        tree, path, {node: pair.public for node, pair in chain.pairs.items()}
    )
    own = suite.generate_key_pair()
    leaf = tree.member(private.leaf).for_commit(own.public, above)
    leaf = leaf.signed(signing_key, group_id, private.leaf)
    new_tree = tree.with_path(private.leaf, leaf, parents)
    keys = private.with_keys({2 * private.leaf: own.private, **chain.private_keys})
    return NewPath(new_tree, leaf, keys.within(new_tree), chain.path_secrets, chain.commit_secret)


def encrypt_path(
    path: NewPath, group_context: bytes, added: Set[int], suite: CipherSuite = CLASSIC
) -> UpdatePath:
    """Encrypt each path secret to whoever is on the other side of its node.

    `added` are the leaves this Commit adds: they get theirs in the Welcome.
    Raises `MalformedError` if a key in the tree cannot be encrypted to.
    """
    nodes = []
    for node, copath in path.tree.filtered_path(path.private.leaf):
        secret = path.path_secrets[node]
        nodes.append(
            UpdatePathNode(
                _key_of(path.tree, node),
                tuple(
                    encrypt_with_label(_key_of(path.tree, to), _LABEL, group_context, secret, suite)
                    for to in _recipients(path.tree, copath, added)
                ),
            )
        )
    return UpdatePath(path.leaf_node, tuple(nodes))


def merge_path(
    tree: RatchetTree,
    sender: int,
    path: UpdatePath,
    group_id: bytes,
    suite: CipherSuite = CLASSIC,
) -> RatchetTree:
    """Return the tree with a path of `sender` in it, checked as far as its public half goes.

    Raises `InvalidError` or `AuthenticationError` (sections 7.5, 7.9.2 and 12.4.2).
    """
    leaf = path.leaf_node
    if leaf.source is not LeafNodeSource.COMMIT:
        raise InvalidError("a Commit has a leaf node made for something else")
    leaf.verify(group_id, sender, suite)
    filtered = tree.filtered_path(sender)
    if len(path.nodes) != len(filtered):
        raise InvalidError("a Commit has a path of the wrong length")
    keys = [leaf.encryption_key, *(node.encryption_key for node in path.nodes)]
    in_use = {node.encryption_key for node in tree.nodes if node is not None}
    if len(set(keys)) != len(keys) or not in_use.isdisjoint(keys):
        raise InvalidError("a Commit has a path with a key that is in use")
    if not all(map(suite.is_usable, keys)):
        raise InvalidError("a Commit has a path with a key that cannot be encrypted to")
    publics = {node: key for (node, _), key in zip(filtered, keys[1:], strict=True)}
    parents, above = _with_parent_hashes(tree, filtered, publics)
    if leaf.parent_hash != above:
        raise InvalidError("a Commit has a path whose parent hash does not fit the tree")
    return tree.with_path(sender, leaf, parents)


def decrypt_path(
    tree: RatchetTree,
    sender: int,
    path: UpdatePath,
    private: PrivateKeys,
    *,
    group_context: bytes,
    added: Set[int],
    suite: CipherSuite = CLASSIC,
) -> tuple[bytes, PrivateKeys]:
    """Return the commit secret and our keys, from a path that `merge_path` put into `tree`.

    Raises `InvalidError` or `AuthenticationError`.
    """
    shared = _shared_path(tree, sender, private.leaf)
    recipients = _recipients(tree, shared[0][1], added)
    sealed = path.nodes[-len(shared)].encrypted_path_secrets
    if len(sealed) != len(recipients):
        raise InvalidError("a Commit has a path with a wrong count of secrets")
    ours = next((i for i, to in enumerate(recipients) if to in private.keys), None)
    if ours is None:
        raise InvalidError("a Commit has a path that we cannot decrypt")
    key = private.keys[recipients[ours]]
    secret = decrypt_with_label(key, _LABEL, group_context, sealed[ours], suite)
    return learn_path(tree, sender, private, secret, suite)


def learn_path(
    tree: RatchetTree,
    sender: int,
    private: PrivateKeys,
    path_secret: bytes,
    suite: CipherSuite = CLASSIC,
) -> tuple[bytes, PrivateKeys]:
    """Return the commit secret and our keys, given the path secret of our lowest shared node.

    Raises `InvalidError` unless the secrets give exactly the public keys that are in `tree`.
    """
    if len(path_secret) != HASH_LENGTH:
        raise InvalidError("a path secret has the wrong length")
    shared = _shared_path(tree, sender, private.leaf)
    chain = _chain(path_secret, [node for node, _ in shared], suite)
    for node, pair in chain.pairs.items():
        if _key_of(tree, node) != pair.public:
            raise InvalidError("a path secret does not give the keys that are in the tree")
    return chain.commit_secret, private.with_keys(chain.private_keys).within(tree)


def _chain(first: bytes, nodes: Sequence[int], suite: CipherSuite) -> _Chain:
    """Derive the secrets and key pairs of `nodes`, upwards, from the secret of the first."""
    path_secrets, pairs, secret = {}, {}, first
    for node in nodes:
        path_secrets[node] = secret
        pairs[node] = suite.derive_key_pair(derive_secret(secret, "node"))
        secret = derive_secret(secret, "path")
    return _Chain(path_secrets, pairs, secret)


def _with_parent_hashes(
    tree: RatchetTree, path: Sequence[tuple[int, int]], publics: Mapping[int, bytes]
) -> tuple[dict[int, ParentNode], bytes]:
    """Return the inner nodes of a path, and the parent hash its leaf has to hold.

    Nobody is unmerged at a node of a fresh path, so the copath's hash is its original one.
    """
    parents, above = {}, b""
    for node, copath in reversed(path):
        parents[node] = ParentNode(publics[node], above)
        above = parent_hash(parents[node], tree_hash(tree, copath))
    return parents, above


def _shared_path(tree: RatchetTree, sender: int, leaf: int) -> list[tuple[int, int]]:
    """The part of the sender's filtered path that is above `leaf` too; never empty.

    The lowest shared node has `leaf`, a member, on its other side, so it is never left out.
    """
    ancestor = tree_math.common_ancestor(sender, leaf)
    path = tree.filtered_path(sender)
    return path[[node for node, _ in path].index(ancestor) :]


def _recipients(tree: RatchetTree, copath: int, added: Set[int]) -> list[int]:
    """The nodes a path secret is encrypted to."""
    return [node for node in tree.resolution(copath) if node % 2 == 1 or node // 2 not in added]


def _key_of(tree: RatchetTree, node: int) -> bytes:
    found = tree.nodes[node]
    if found is None:
        raise InvalidError("a path goes through a blank node")
    return found.encryption_key
