"""Whole trees: those of the official vectors are taken, trees somebody bent are not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from e2ee.errors import AuthenticationError, InvalidError, KeysError
from e2ee.mls.credential import Credential
from e2ee.mls.ratchet_tree import Node, ParentNode, RatchetTree
from e2ee.mls.tree_hash import tree_hash
from e2ee.mls.tree_validation import check_unique_keys, validate_tree


def test_the_official_trees_are_sound(vectors: Callable[[str], list[dict[str, Any]]]) -> None:
    for case in vectors("tree-validation"):
        tree = RatchetTree.decode(bytes.fromhex(case["tree"]))
        for node, (expected, resolution) in enumerate(
            zip(case["tree_hashes"], case["resolutions"], strict=True)
        ):
            assert tree_hash(tree, node).hex() == expected
            assert tree.resolution(node) == resolution
        validate_tree(tree, bytes.fromhex(case["group_id"]), {})


@pytest.fixture
def tree(people: Any) -> RatchetTree:
    """Five members, two paths, and one who came later."""
    host = people.found()
    people.admit(host, "ann", "bob", "cat")
    for _ in range(2):
        host.merge(host.commit(path=True, now=people.now))
    people.admit(host, "dan")
    found: RatchetTree = people.state_of(host).tree
    validate_tree(found, b"room", {})
    return found


def bent(tree: RatchetTree, **nodes: Node) -> RatchetTree:
    changed = list(tree.nodes)
    for name, node in nodes.items():
        changed[int(name[1:])] = node
    return RatchetTree(changed)


def inner(tree: RatchetTree, node: int) -> ParentNode:
    found = tree.parent(node)
    assert found is not None
    return found


def test_a_changed_or_moved_leaf_is_refused(tree: RatchetTree) -> None:
    first, second = tree.member(0), tree.member(1)
    renamed = replace(second, credential=Credential(b"host"))
    for other in (bent(tree, n2=renamed), bent(tree, n0=replace(first, parent_hash=b""))):
        with pytest.raises(AuthenticationError):
            validate_tree(other, b"room", {})
    with pytest.raises(KeysError):
        validate_tree(bent(tree, n0=second, n2=first), b"room", {})
    with pytest.raises(AuthenticationError):
        validate_tree(tree, b"another room", {})


def test_a_key_the_server_planted_in_a_parent_is_refused(tree: RatchetTree) -> None:
    planted = replace(inner(tree, 1), encryption_key=b"k" * 32)
    with pytest.raises(InvalidError, match="nobody vouches"):
        validate_tree(bent(tree, n1=planted), b"room", {})
    with pytest.raises(InvalidError, match="nobody vouches"):
        validate_tree(bent(tree, n5=planted), b"room", {})
    planted = replace(planted, encryption_key=bytes(32))
    with pytest.raises(InvalidError, match="cannot be encrypted to"):
        validate_tree(bent(tree, n1=planted), b"room", {})


def test_a_parent_that_was_left_out_is_refused(tree: RatchetTree) -> None:
    with pytest.raises(InvalidError, match="nobody vouches"):
        validate_tree(bent(tree, n1=None), b"room", {})


@pytest.mark.parametrize(
    ("node", "unmerged", "match"),
    [
        (3, (2, 2), "out of order"),
        (3, (3, 2), "out of order"),
        (1, (2,), "not below"),
        (3, (9,), "not below"),
        (3, (1,), "only in part"),
        (3, (2,), "nobody vouches"),
    ],
)
def test_unmerged_leaves_that_do_not_fit_are_refused(
    tree: RatchetTree, node: int, unmerged: tuple[int, ...], match: str
) -> None:
    changed = replace(inner(tree, node), unmerged_leaves=unmerged)
    with pytest.raises(InvalidError, match=match):
        validate_tree(bent(tree, **{f"n{node}": changed}), b"room", {})


def test_a_new_member_who_is_passed_off_as_knowing_a_key_is_refused(people: Any) -> None:
    host = people.found()
    people.admit(host, "ann", "bob", "cat")
    host.merge(host.commit(removes=[1], now=people.now))
    people.admit(host, "dan")
    tree = people.state_of(host).tree
    root = inner(tree, 3)
    assert root.unmerged_leaves == (1,)
    with pytest.raises(InvalidError, match="nobody vouches"):
        validate_tree(bent(tree, n3=replace(root, unmerged_leaves=())), b"room", {})


def test_an_unmerged_leaf_that_is_blank_is_refused(tree: RatchetTree) -> None:
    gone = bent(tree, n6=None)
    changed = replace(inner(tree, 3), unmerged_leaves=(3,))
    with pytest.raises(InvalidError, match="not below"):
        validate_tree(bent(gone, n3=changed), b"room", {})


def test_one_key_twice_is_refused(tree: RatchetTree) -> None:
    first, second = tree.member(1), tree.member(2)
    for other in (
        bent(tree, n4=replace(second, encryption_key=first.encryption_key)),
        bent(tree, n4=replace(second, signature_key=first.signature_key)),
        bent(tree, n1=replace(inner(tree, 1), encryption_key=first.encryption_key)),
    ):
        with pytest.raises(InvalidError, match="twice"):
            check_unique_keys(other)


def test_a_tree_wider_than_it_needs_to_be_or_without_members_is_refused(
    tree: RatchetTree,
) -> None:
    wide = RatchetTree([*tree.nodes, *[None] * (len(tree.nodes) + 1)])
    empty = RatchetTree([None, ParentNode(b"k" * 32), None])
    for other in (wide, empty):
        with pytest.raises(InvalidError, match="wider"):
            validate_tree(other, b"room", {})


def test_a_member_who_lacks_an_extension_of_the_group_is_refused(tree: RatchetTree) -> None:
    validate_tree(tree, b"room", {0xF0A0: b""})
    with pytest.raises(InvalidError, match="extension"):
        validate_tree(tree, b"room", {0xF0A1: b""})
