"""Tree indices, against the official vectors and against counting by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from e2ee.mls import tree_math


def test_indices_are_those_of_the_official_vectors(
    vectors: Callable[[str], list[dict[str, Any]]],
) -> None:
    for case in vectors("tree-math"):
        width = case["n_leaves"]
        assert 2 * width - 1 == case["n_nodes"]
        assert tree_math.root(width) == case["root"]
        for node in range(case["n_nodes"]):
            if tree_math.level(node):
                assert tree_math.left(node) == case["left"][node]
                assert tree_math.right(node) == case["right"][node]
            else:
                assert case["left"][node] is case["right"][node] is None
            if node == case["root"]:
                assert case["parent"][node] is case["sibling"][node] is None
            else:
                assert tree_math.parent(node) == case["parent"][node]
                assert tree_math.sibling(node) == case["sibling"][node]


def test_a_leaf_has_no_children() -> None:
    for child in (tree_math.left, tree_math.right):
        with pytest.raises(ValueError, match="no children"):
            child(4)


def test_the_lowest_common_ancestor_is_the_first_node_on_both_paths() -> None:
    for a in range(16):
        for b in range(16):
            if a != b:
                path = tree_math.direct_path(2 * a, 16)
                other = tree_math.direct_path(2 * b, 16)
                expected = next(node for node in path if node in other)
                assert tree_math.common_ancestor(a, b) == expected


def test_a_subtree_is_the_leaves_whose_path_leads_through_its_node() -> None:
    for node in range(31):
        expected = [
            leaf for leaf in range(16) if node in (2 * leaf, *tree_math.direct_path(2 * leaf, 16))
        ]
        assert list(tree_math.subtree(node)) == expected


def test_the_width_is_the_next_power_of_two() -> None:
    assert [tree_math.width_for(n) for n in (0, 1, 2, 3, 4, 5, 8, 9)] == [1, 1, 2, 4, 4, 8, 8, 16]
