"""The ratchet tree: members come to the leftmost blank place, and blanks are cut off."""

from __future__ import annotations

from random import Random

import pytest

from e2ee.errors import InvalidError, MalformedError
from e2ee.mls import ratchet_tree, tree_math
from e2ee.mls.capabilities import Capabilities
from e2ee.mls.codec import decode, optional, u8, vector
from e2ee.mls.constants import LeafNodeSource
from e2ee.mls.credential import Credential
from e2ee.mls.leaf_node import LeafNode
from e2ee.mls.limits import MAX_LEAVES
from e2ee.mls.ratchet_tree import ParentNode, RatchetTree
from e2ee.mls.tree_hash import tree_hash


def leaf(name: str) -> LeafNode:
    key = name.encode().ljust(32, b".")
    capabilities = Capabilities.ours()
    return LeafNode(key, key, Credential(name.encode()), capabilities, LeafNodeSource.UPDATE)


def tree_of(count: int) -> RatchetTree:
    tree = RatchetTree([leaf("0")])
    for index in range(1, count):
        tree, at = tree.with_added(leaf(str(index)))
        assert at == index
    return tree


def with_path(tree: RatchetTree, index: int) -> RatchetTree:
    """Return the tree as after a Commit with a path by `index`."""
    path = {node: ParentNode(b"%d of %d" % (node, index)) for node, _ in tree.filtered_path(index)}
    return tree.with_path(index, leaf(f"{index} again"), path)


def test_a_tree_widens_to_powers_of_two() -> None:
    assert [tree_of(n).width for n in (1, 2, 3, 4, 5, 9)] == [1, 2, 4, 4, 8, 16]


def test_a_blank_place_is_filled_first_and_blanks_at_the_end_are_cut() -> None:
    tree = tree_of(6)
    smaller = tree.without(2)
    assert smaller.width == 8
    filled, at = smaller.with_added(leaf("new"))
    assert at == 2
    assert filled.width == 8
    assert smaller.without(4).without(5).width == 4
    assert tree.without(5).without(4).width == 4
    # The tree itself is a value: it has not changed.
    assert [index for index, _ in tree.leaves()] == list(range(6))


def test_a_path_gives_keys_above_its_leaf_and_a_change_takes_them_away() -> None:
    tree = with_path(tree_of(4), 0)
    assert [tree.parent(node) is not None for node in (1, 3, 5)] == [True, True, False]
    assert tree.resolution(3) == [3]
    for changed in (tree.with_leaf(1, leaf("x")), tree.without(1)):
        assert changed.parent(1) is None
        assert changed.parent(3) is None


def test_a_new_member_is_unmerged_at_every_key_above_it() -> None:
    tree = with_path(tree_of(4).without(1).without(2), 0)
    assert tree.filtered_path(0) == [(3, 5)]
    for name in ("b", "a"):
        tree, _ = tree.with_added(leaf(name))
    root = tree.parent(3)
    assert root is not None
    assert root.unmerged_leaves == (1, 2)
    assert tree.resolution(3) == [3, 2, 4]
    assert root.with_unmerged(0).unmerged_leaves == (0, 1, 2)


def test_nodes_with_nobody_on_their_other_side_are_not_in_a_path() -> None:
    tree = tree_of(8)
    for gone in (5, 4):
        tree = tree.without(gone)
    assert tree.filtered_path(7) == [(13, 12), (7, 3)]
    assert tree_of(1).filtered_path(0) == []


@pytest.mark.parametrize("seed", range(5))
def test_kept_hashes_are_those_of_the_tree_as_it_is(seed: int) -> None:
    random, tree = Random(seed), tree_of(5)
    for step in range(40):
        members = [index for index, _ in tree.leaves()]
        match random.randrange(4):
            case 0 if len(members) > 2:
                tree = tree.without(random.choice(members))
            case 1:
                tree, _ = tree.with_added(leaf(f"s{step}"))
            case 2:
                tree = tree.with_leaf(random.choice(members), leaf(f"u{step}"))
            case _:
                tree = with_path(tree, random.choice(members))
        assert tree_hash(tree) == tree_hash(RatchetTree(tree.nodes))
        assert RatchetTree.decode(tree.encode()) == tree
        assert tree.width == tree.needed_width


def test_a_leaf_that_is_not_there_is_none_or_refused() -> None:
    tree = tree_of(3)
    for index in (3, 4, 1 << 31, -1):
        assert tree.leaf(index) is None
        with pytest.raises(InvalidError, match="not in the group"):
            tree.member(index)
        with pytest.raises(InvalidError, match="not in the group"):
            tree.filtered_path(index)


def test_a_full_group_takes_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ratchet_tree, "MAX_LEAVES", 4)
    with pytest.raises(InvalidError, match="no more members"):
        tree_of(4).with_added(leaf("x"))


LEAF = u8(1) + leaf("a").encoded
PARENT = u8(2) + ParentNode(b"k" * 32).encoded


@pytest.mark.parametrize(
    ("nodes", "match"),
    [
        ([], "empty"),
        ([LEAF, None], "blank"),
        ([PARENT], "wrong kind"),
        ([LEAF, LEAF], "wrong kind"),
        ([None] * (2 * MAX_LEAVES) + [LEAF], "too wide"),
        ([b"\x03"], "NodeType"),
    ],
)
def test_a_tree_out_of_order_is_refused(nodes: list[bytes | None], match: str) -> None:
    with pytest.raises(MalformedError, match=match):
        RatchetTree.decode(vector(map(optional, nodes)))


def test_a_cut_tree_is_filled_up_with_blanks() -> None:
    for nodes, width in ([LEAF], 1), ([LEAF, PARENT], 2), ([LEAF, None, LEAF, None, LEAF], 4):
        tree = RatchetTree.decode(vector(map(optional, nodes)))
        assert tree.width == width
        assert len(tree.nodes) == 2 * width - 1
        assert tree.root == tree_math.root(width)


def test_a_parent_node_is_read_back() -> None:
    node = ParentNode(b"key", b"hash", (1, 5))
    assert decode(ParentNode.read, node.encoded) == node
