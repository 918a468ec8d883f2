"""Tree hashes: every node counts, and one who was added later can be left out again."""

from __future__ import annotations

from e2ee.mls.capabilities import Capabilities
from e2ee.mls.constants import LeafNodeSource
from e2ee.mls.credential import Credential
from e2ee.mls.leaf_node import LeafNode
from e2ee.mls.ratchet_tree import ParentNode, RatchetTree
from e2ee.mls.tree_hash import original_tree_hash, parent_hash, tree_hash


def leaf(name: bytes) -> LeafNode:
    capabilities = Capabilities.ours()
    return LeafNode(name, name, Credential(name), capabilities, LeafNodeSource.UPDATE)


def tree() -> RatchetTree:
    found = RatchetTree([leaf(b"a"), None, leaf(b"b")])
    return found.with_path(0, leaf(b"a2"), {1: ParentNode(b"root")})


def test_every_part_of_a_tree_is_in_its_hash() -> None:
    base = tree()
    hashes = {
        tree_hash(base),
        tree_hash(base.with_path(0, leaf(b"a2"), {})),
        tree_hash(base.with_path(0, leaf(b"a2"), {1: ParentNode(b"root", b"hash")})),
        tree_hash(base.with_path(0, leaf(b"a3"), {1: ParentNode(b"root")})),
        tree_hash(base.with_path(1, leaf(b"b2"), {1: ParentNode(b"root")})),
    }
    assert len(hashes) == 5


def test_a_hash_is_computed_once() -> None:
    base = tree()
    tree_hash(base)
    assert set(base.hashes) == {0, 1, 2}
    base.hashes[1] = b"kept"
    assert tree_hash(base) == b"kept"


def test_the_original_hash_is_the_one_before_later_members_came() -> None:
    before = tree().with_added(leaf(b"c"))[0].with_path(2, leaf(b"c"), {3: ParentNode(b"top")})
    later, index = before.with_added(leaf(b"d"))
    assert index == 3
    assert tree_hash(later) != tree_hash(before)
    assert original_tree_hash(later, later.root, {3}) == tree_hash(before)
    assert original_tree_hash(later, later.root, set()) == tree_hash(later)


def test_a_parent_hash_is_over_key_hash_above_and_sibling() -> None:
    hashes = {
        parent_hash(ParentNode(b"key", b"above"), b"sibling"),
        parent_hash(ParentNode(b"other", b"above"), b"sibling"),
        parent_hash(ParentNode(b"key", b"else"), b"sibling"),
        parent_hash(ParentNode(b"key", b"above"), b"else"),
    }
    assert len(hashes) == 4
    # Who is unmerged is not in it: members come without anybody signing anew.
    unmerged = parent_hash(ParentNode(b"key", b"above", (1,)), b"sibling")
    assert unmerged in hashes
