"""Indices of a full binary tree kept in an array (RFC 9420 appendix C).

Leaf i is node 2i; a tree of `width` leaves, a power of two, has 2 * width - 1 nodes.
"""

from __future__ import annotations


def level(node: int) -> int:
    """Height of a node over the leaves: the count of its trailing one bits."""
    return (~node & (node + 1)).bit_length() - 1


def root(width: int) -> int:
    """Root of a tree of `width` leaves."""
    return width - 1


def left(node: int) -> int:
    """Left child. Raises `ValueError` for a leaf."""
    height = level(node)
    if height == 0:
        raise ValueError("a leaf has no children")
    return node ^ (1 << (height - 1))


def right(node: int) -> int:
    """Right child. Raises `ValueError` for a leaf."""
    height = level(node)
    if height == 0:
        raise ValueError("a leaf has no children")
    return node ^ (3 << (height - 1))


def parent(node: int) -> int:
    """Parent; of the root, the root of the tree of twice the width."""
    height = level(node)
    return (node | (1 << height)) & ~(1 << (height + 1))


def sibling(node: int) -> int:
    """The other child of the parent."""
    above = parent(node)
    return right(above) if node < above else left(above)


def direct_path(node: int, width: int) -> list[int]:
    """Nodes from the parent of `node`, which is in the tree, up to the root."""
    path = []
    for _ in range(level(root(width)) - level(node)):
        node = parent(node)
        path.append(node)
    return path


def subtree(node: int) -> range:
    """Indices of the leaves (not nodes) under `node`."""
    span = 1 << level(node)
    first = (node - (span - 1)) // 2
    return range(first, first + span)


def common_ancestor(leaf_a: int, leaf_b: int) -> int:
    """Lowest node above two different leaves, given by leaf index."""
    span = 1 << (leaf_a ^ leaf_b).bit_length()
    return (leaf_a & -span) * 2 + span - 1


def width_for(leaves: int) -> int:
    """Smallest width of a tree with room for `leaves` leaves."""
    return 1 << (leaves - 1).bit_length() if leaves > 1 else 1
