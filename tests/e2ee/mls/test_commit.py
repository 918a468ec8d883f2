"""Commits are read back, by value and by reference, with and without a path."""

from __future__ import annotations

import pytest

from e2ee.errors import MalformedError
from e2ee.mls.codec import decode
from e2ee.mls.commit import Commit
from e2ee.mls.hpke import HpkeCiphertext
from e2ee.mls.key_package import SigningKey, new_key_package
from e2ee.mls.proposals import Remove
from e2ee.mls.update_path import UpdatePath, UpdatePathNode

LEAF = new_key_package(SigningKey.generate(), b"ann", now=1_800_000_000).key_package.leaf_node
PATH = UpdatePath(LEAF, (UpdatePathNode(b"k" * 32, (HpkeCiphertext(b"a", b"b"),)),))


@pytest.mark.parametrize(
    "commit", [Commit(()), Commit((Remove(1), b"r" * 32)), Commit((b"r" * 32,), PATH)]
)
def test_a_commit_is_read_back(commit: Commit) -> None:
    assert decode(Commit.read, commit.encode()) == commit


def test_a_proposal_that_is_neither_value_nor_reference_is_refused() -> None:
    with pytest.raises(MalformedError):
        decode(Commit.read, b"\x02\x03\x00\x00")
