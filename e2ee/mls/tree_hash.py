"""Tree hashes and parent hashes (RFC 9420 sections 7.8 and 7.9)."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

from e2ee.mls import tree_math
from e2ee.mls.codec import opaque, optional, u8, u32
from e2ee.mls.constants import NodeType
from e2ee.mls.crypto import digest
from e2ee.mls.leaf_node import LeafNode
from e2ee.mls.ratchet_tree import ParentNode, RatchetTree


def tree_hash(tree: RatchetTree, node: int | None = None) -> bytes:
    """Hash of the subtree at `node`, by default the root; kept in the tree."""
    at = tree.root if node is None else node
    known = tree.hashes.get(at)
    if known is None:
        if tree_math.level(at) == 0:
            known = _leaf_hash(at // 2, tree.leaf(at // 2))
        else:
            children = tree_hash(tree, tree_math.left(at)), tree_hash(tree, tree_math.right(at))
            known = _parent_hash_input(tree.parent(at), *children)
        tree.hashes[at] = known
    return known


def original_tree_hash(tree: RatchetTree, node: int, without: Set[int]) -> bytes:
    """Hash of the subtree at `node` as it was before the leaves `without` were added."""
    if without.isdisjoint(tree_math.subtree(node)):
        return tree_hash(tree, node)
    if tree_math.level(node) == 0:
        return _leaf_hash(node // 2, None)
    inner = tree.parent(node)
    if inner is not None:
        kept = tuple(leaf for leaf in inner.unmerged_leaves if leaf not in without)
        inner = replace(inner, unmerged_leaves=kept)
    return _parent_hash_input(
        inner,
        original_tree_hash(tree, tree_math.left(node), without),
        original_tree_hash(tree, tree_math.right(node), without),
    )


def parent_hash(node: ParentNode, sibling_hash: bytes) -> bytes:
    """ParentHashInput of an inner node, hashed (section 7.9).

    `sibling_hash` is the original tree hash of the child that the hash is not for.
    """
    return digest(opaque(node.encryption_key) + opaque(node.parent_hash) + opaque(sibling_hash))


def _leaf_hash(leaf: int, node: LeafNode | None) -> bytes:
    encoded = None if node is None else node.encoded
    return digest(u8(NodeType.LEAF) + u32(leaf) + optional(encoded))


def _parent_hash_input(node: ParentNode | None, left: bytes, right: bytes) -> bytes:
    encoded = None if node is None else node.encoded
    return digest(u8(NodeType.PARENT) + optional(encoded) + opaque(left) + opaque(right))
