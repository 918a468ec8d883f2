"""Update paths are read back."""

from __future__ import annotations

import pytest

from e2ee.errors import MalformedError
from e2ee.mls.codec import decode
from e2ee.mls.hpke import HpkeCiphertext
from e2ee.mls.key_package import SigningKey, new_key_package
from e2ee.mls.update_path import UpdatePath, UpdatePathNode

LEAF = new_key_package(SigningKey.generate(), b"ann", now=1_800_000_000).key_package.leaf_node
NODE = UpdatePathNode(b"k" * 32, (HpkeCiphertext(b"a", b"b"), HpkeCiphertext(b"c", b"")))


@pytest.mark.parametrize("nodes", [(), (NODE,), (NODE, UpdatePathNode(b"l" * 32, ()))])
def test_a_path_is_read_back(nodes: tuple[UpdatePathNode, ...]) -> None:
    path = UpdatePath(LEAF, nodes)
    assert decode(UpdatePath.read, path.encode()) == path


def test_a_cut_path_is_refused() -> None:
    encoded = UpdatePath(LEAF, (NODE,)).encode()
    with pytest.raises(MalformedError):
        decode(UpdatePath.read, encoded[:-1])
