"""The public ratchet tree (RFC 9420 sections 4.1 and 7.7), an immutable value.

Every change returns a new tree, so a Commit that turns out to be bad leaves nothing to undo.
Node indices are those of `tree_math`; leaves are named by leaf index.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from e2ee.errors import InvalidError, MalformedError
from e2ee.mls import tree_math
from e2ee.mls.codec import Reader, decode, opaque, optional, u8, u32, vector
from e2ee.mls.constants import NodeType
from e2ee.mls.leaf_node import LeafNode
from e2ee.mls.limits import MAX_LEAVES


@dataclass(frozen=True)
class ParentNode:
    """An inner node; `unmerged_leaves` do not know its private key (section 7.1)."""

    encryption_key: bytes
    parent_hash: bytes = b""
    unmerged_leaves: tuple[int, ...] = ()

    @cached_property
    def encoded(self) -> bytes:
        """The encoding."""
        unmerged = vector(map(u32, self.unmerged_leaves))
        return opaque(self.encryption_key) + opaque(self.parent_hash) + unmerged

    @classmethod
    def read(cls, reader: Reader) -> ParentNode:
        """Take one off `reader`; its place in the tree is checked by `tree_validation`."""
        return cls(reader.opaque(), reader.opaque(), reader.vector(Reader.u32))

    def with_unmerged(self, leaf: int) -> ParentNode:
        """Return it with one more unmerged leaf, in order."""
        at = bisect(self.unmerged_leaves, leaf)
        leaves = (*self.unmerged_leaves[:at], leaf, *self.unmerged_leaves[at:])
        return replace(self, unmerged_leaves=leaves)


Node = LeafNode | ParentNode | None


class RatchetTree:
    """A full binary tree of nodes, any of which may be blank."""

    __slots__ = ("hashes", "nodes")

    def __init__(self, nodes: Sequence[Node], hashes: Mapping[int, bytes] | None = None) -> None:
        self.nodes = tuple(nodes)
        self.hashes = dict(hashes or {})
        """Tree hashes computed already, by node; filled by `tree_hash`."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RatchetTree) and self.nodes == other.nodes

    __hash__ = None  # type: ignore[assignment]

    @property
    def width(self) -> int:
        """Count of leaves, blank ones included: a power of two."""
        return (len(self.nodes) + 1) // 2

    @property
    def needed_width(self) -> int:
        """The least width that has room for every member where it is."""
        return tree_math.width_for(max((leaf for leaf, _ in self.leaves()), default=0) + 1)

    @property
    def root(self) -> int:
        """Node index of the root."""
        return tree_math.root(self.width)

    def leaf(self, index: int) -> LeafNode | None:
        """The leaf at a leaf index, or None if it is blank or there is none."""
        node = self.nodes[2 * index] if 0 <= index < self.width else None
        return node if isinstance(node, LeafNode) else None

    def member(self, index: int) -> LeafNode:
        """The leaf at a leaf index. Raises `InvalidError` if it is blank or there is none."""
        node = self.leaf(index)
        if node is None:
            raise InvalidError("a message names a member who is not in the group")
        return node

    def parent(self, node: int) -> ParentNode | None:
        """The inner node at a node index, or None if it is blank."""
        found = self.nodes[node]
        return found if isinstance(found, ParentNode) else None

    def leaves(self) -> Iterator[tuple[int, LeafNode]]:
        """Leaf index and leaf of every member, in order."""
        for index, node in enumerate(self.nodes[::2]):
            if isinstance(node, LeafNode):
                yield index, node

    def resolution(self, node: int) -> list[int]:
        """The fewest non-blank nodes that cover the members under `node` (section 4.1.1)."""
        found = self.nodes[node]
        if isinstance(found, ParentNode):
            return [node, *(2 * leaf for leaf in found.unmerged_leaves)]
        if found is not None:
            return [node]
        if tree_math.level(node) == 0:
            return []
        below = self.resolution(tree_math.left(node))
        return below + self.resolution(tree_math.right(node))

    def filtered_path(self, leaf: int) -> list[tuple[int, int]]:
        """The nodes a Commit of `leaf` gives keys to, upwards, each with its copath child.

        Nodes with nobody on their other side are left out (section 4.1.2). Raises `InvalidError`
        unless `leaf` is a member.
        """
        self.member(leaf)
        path, node = [], 2 * leaf
        for above in tree_math.direct_path(node, self.width):
            copath = tree_math.sibling(node)
            if not self._is_blank(copath):
                path.append((above, copath))
            node = above
        return path

    def with_added(self, leaf: LeafNode) -> tuple[RatchetTree, int]:
        """Return the tree with a leaf at the leftmost blank place, and its index (section 7.7).

        Raises `InvalidError` when the group is full.
        """
        index = next((i for i, node in enumerate(self.nodes[::2]) if node is None), self.width)
        nodes = list(self.nodes)
        if index == self.width:
            if self.width >= MAX_LEAVES:
                raise InvalidError("a group takes no more members")
            nodes += [None] * (len(nodes) + 1)
        nodes[2 * index] = leaf
        for above in tree_math.direct_path(2 * index, (len(nodes) + 1) // 2):
            node = nodes[above]
            if isinstance(node, ParentNode):
                nodes[above] = node.with_unmerged(index)
        return self._changed(nodes, index), index

    def with_leaf(self, index: int, leaf: LeafNode) -> RatchetTree:
        """Return the tree with a leaf replaced and the path above it blank (Update)."""
        return self._blanked_above(index, leaf)

    def without(self, index: int) -> RatchetTree:
        """Return the tree without a leaf, cut to the smallest that holds the rest (Remove)."""
        tree = self._blanked_above(index, None)
        width = tree.needed_width
        if width == tree.width:
            return tree
        size = 2 * width - 1
        kept = {node: value for node, value in tree.hashes.items() if node < size}
        return RatchetTree(tree.nodes[:size], kept)

    def with_path(self, index: int, leaf: LeafNode, path: Mapping[int, ParentNode]) -> RatchetTree:
        """Return the tree with the leaf and path of a Commit; the rest of the path is blank."""
        nodes = list(self.nodes)
        nodes[2 * index] = leaf
        for above in tree_math.direct_path(2 * index, self.width):
            nodes[above] = path.get(above)
        return self._changed(nodes, index)

    def encode(self) -> bytes:
        """Return the ratchet_tree extension's data: nodes up to the last non-blank one."""
        count = max((i + 1 for i, node in enumerate(self.nodes) if node is not None), default=0)
        return vector(optional(_encode_node(node)) for node in self.nodes[:count])

    @classmethod
    def decode(cls, data: bytes) -> RatchetTree:
        """Decode extension data (section 12.4.3.3); whether it is sound is for `tree_validation`.

        Raises `MalformedError` for nodes out of place, a blank at the end or too many nodes.
        """
        nodes = decode(lambda reader: reader.vector(_read_optional_node), data)
        if not nodes or nodes[-1] is None:
            raise MalformedError("a ratchet tree is empty or ends in a blank node")
        if len(nodes) > 2 * MAX_LEAVES:
            raise MalformedError("a ratchet tree is too wide")
        for index, node in enumerate(nodes):
            if node is not None and isinstance(node, LeafNode) != (index % 2 == 0):
                raise MalformedError("a ratchet tree has a node of the wrong kind")
        size = 2 * tree_math.width_for((len(nodes) + 1) // 2 + (len(nodes) + 1) % 2) - 1
        return cls((*nodes, *[None] * (size - len(nodes))))

    def _is_blank(self, node: int) -> bool:
        """Whether nobody is under `node`."""
        leaves = tree_math.subtree(node)
        return all(leaf is None for leaf in self.nodes[2 * leaves.start : 2 * leaves.stop : 2])

    def _blanked_above(self, index: int, leaf: LeafNode | None) -> RatchetTree:
        nodes = list(self.nodes)
        nodes[2 * index] = leaf
        for above in tree_math.direct_path(2 * index, self.width):
            nodes[above] = None
        return self._changed(nodes, index)

    def _changed(self, nodes: Sequence[Node], leaf: int) -> RatchetTree:
        """Return a tree of `nodes`, which differ only at `leaf` and above it."""
        stale = {2 * leaf, *tree_math.direct_path(2 * leaf, (len(nodes) + 1) // 2)}
        kept = {node: value for node, value in self.hashes.items() if node not in stale}
        return RatchetTree(nodes, kept)


def _encode_node(node: Node) -> bytes | None:
    match node:
        case LeafNode():
            return u8(NodeType.LEAF) + node.encoded
        case ParentNode():
            return u8(NodeType.PARENT) + node.encoded
        case None:
            return None


def _read_node(reader: Reader) -> LeafNode | ParentNode:
    if reader.enum8(NodeType) is NodeType.LEAF:
        return LeafNode.read(reader)
    return ParentNode.read(reader)


def _read_optional_node(reader: Reader) -> Node:
    return reader.optional(_read_node)
