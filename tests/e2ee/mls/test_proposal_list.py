"""What Proposals do to a group, and which ones do not go together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from e2ee.mls.codec import decode
from e2ee.mls.group_context import GroupContext
from e2ee.mls.proposal_list import SentProposal, apply_proposals
from e2ee.mls.proposals import read_proposal
from e2ee.mls.ratchet_tree import RatchetTree
from e2ee.mls.tree_hash import tree_hash


@pytest.mark.usefixtures("any_lifetime")
def test_trees_change_as_in_the_official_vectors(
    vectors: Callable[[str], list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The vectors name no group, so the signature of an Update cannot be checked.
    monkeypatch.setattr("e2ee.mls.leaf_node.verify_with_label", lambda *_: None)
    for case in vectors("tree-operations"):
        before = RatchetTree.decode(bytes.fromhex(case["tree_before"]))
        assert tree_hash(before).hex() == case["tree_hash_before"]
        sent = SentProposal(
            decode(read_proposal, bytes.fromhex(case["proposal"])), case["proposal_sender"]
        )
        context = GroupContext(b"", 0, b"", b"", {})
        after = apply_proposals([sent], before, context, committer=-1, now=1_700_000_000).tree
        assert after.encode().hex() == case["tree_after"]
        assert tree_hash(after).hex() == case["tree_hash_after"]
