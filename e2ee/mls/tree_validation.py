"""Whether a ratchet tree that somebody sent is sound (RFC 9420 sections 7.3, 7.9.2, 12.4.3.1)."""

from __future__ import annotations

from collections.abc import Iterable

from e2ee.errors import InvalidError
from e2ee.mls import tree_math
from e2ee.mls.cipher_suite import CLASSIC, CipherSuite
from e2ee.mls.extensions import Extensions
from e2ee.mls.ratchet_tree import ParentNode, RatchetTree
from e2ee.mls.tree_hash import original_tree_hash, parent_hash


def validate_tree(
    tree: RatchetTree, group_id: bytes, extensions: Extensions, suite: CipherSuite = CLASSIC
) -> None:
    """Check a whole tree, as one who joins has to.

    Raises `InvalidError` or `AuthenticationError` for the first thing that is wrong.
    """
    if tree.width != tree.needed_width:
        raise InvalidError("a ratchet tree is wider than its members need")
    validate_leaves(tree, extensions, (leaf for leaf, _ in tree.leaves()), suite)
    for index, leaf in tree.leaves():
        leaf.verify(group_id, index, suite)
    for node in range(1, len(tree.nodes), 2):
        inner = tree.parent(node)
        if inner is not None:
            _validate_parent(tree, node, inner, suite)


def validate_leaves(
    tree: RatchetTree,
    extensions: Extensions,
    changed: Iterable[int],
    suite: CipherSuite = CLASSIC,
) -> None:
    """Check that all keys differ, and that the `changed` leaves can be in the group.

    Does not verify signatures. Raises `InvalidError`.
    """
    check_unique_keys(tree)
    for index in changed:
        tree.member(index).capabilities.check_group(extensions, suite)


def check_unique_keys(tree: RatchetTree) -> None:
    """Raise `InvalidError` if two nodes have one encryption key or two leaves one signature key."""
    encryption = [node.encryption_key for node in tree.nodes if node is not None]
    signature = [leaf.signature_key for _, leaf in tree.leaves()]
    if len(set(encryption)) != len(encryption) or len(set(signature)) != len(signature):
        raise InvalidError("a ratchet tree has one key twice")


def _validate_parent(tree: RatchetTree, node: int, inner: ParentNode, suite: CipherSuite) -> None:
    if not suite.is_usable(inner.encryption_key):
        raise InvalidError("a ratchet tree has a key that cannot be encrypted to")
    _check_unmerged(tree, node, inner)
    if not is_parent_hash_valid(tree, node, inner):
        raise InvalidError("a ratchet tree has a node whose parent hash nobody vouches for")


def _check_unmerged(tree: RatchetTree, node: int, inner: ParentNode) -> None:
    """Check that the unmerged leaves are members below, in order, and unmerged all the way up."""
    unmerged = inner.unmerged_leaves
    if list(unmerged) != sorted(set(unmerged)):
        raise InvalidError("a ratchet tree has unmerged leaves out of order")
    below = tree_math.subtree(node)
    for leaf in unmerged:
        if leaf not in below or tree.leaf(leaf) is None:
            raise InvalidError("a ratchet tree has an unmerged leaf that is not below its node")
        above = tree_math.parent(2 * leaf)
        while above != node:
            between = tree.parent(above)
            if between is not None and leaf not in between.unmerged_leaves:
                raise InvalidError("a ratchet tree has a leaf that is unmerged only in part")
            above = tree_math.parent(above)


def is_parent_hash_valid(tree: RatchetTree, node: int, inner: ParentNode) -> bool:
    """Whether some node below was made in one Commit with `inner` (section 7.9.2).

    That node holds the parent hash of `inner`, and between the two there is nobody but leaves
    that were added later.
    """
    later = set(inner.unmerged_leaves)
    children = tree_math.left(node), tree_math.right(node)
    for child, sibling in (children, children[::-1]):
        expected = parent_hash(inner, original_tree_hash(tree, sibling, later))
        resolution = tree.resolution(child)
        added = {2 * leaf for leaf in later.intersection(tree_math.subtree(child))}
        for candidate in resolution:
            below = tree.nodes[candidate]
            if (
                below is not None
                and below.parent_hash == expected
                and added == {other for other in resolution if other != candidate}
            ):
                return True
    return False
