"""Whole trees: those of the official vectors are taken, trees somebody bent are not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from e2ee.mls.ratchet_tree import RatchetTree
from e2ee.mls.tree_hash import tree_hash
from e2ee.mls.tree_validation import validate_tree


def test_the_official_trees_are_sound(vectors: Callable[[str], list[dict[str, Any]]]) -> None:
    for case in vectors("tree-validation"):
        tree = RatchetTree.decode(bytes.fromhex(case["tree"]))
        for node, (expected, resolution) in enumerate(
            zip(case["tree_hashes"], case["resolutions"], strict=True)
        ):
            assert tree_hash(tree, node).hex() == expected
            assert tree.resolution(node) == resolution
        validate_tree(tree, bytes.fromhex(case["group_id"]), {})
