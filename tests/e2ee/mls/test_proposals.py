"""Proposals are read back as what they are."""

from __future__ import annotations

import pytest

from e2ee.errors import MalformedError
from e2ee.mls.codec import decode
from e2ee.mls.constants import ProposalType
from e2ee.mls.key_package import SigningKey, new_key_package
from e2ee.mls.proposals import (
    Add,
    ExternalInit,
    GroupContextExtensions,
    PreSharedKey,
    Proposal,
    ReInit,
    Remove,
    Update,
    encode_proposal,
    read_proposal,
)
from e2ee.mls.psk import ExternalPsk

PACKAGE = new_key_package(SigningKey.generate(), b"ann", now=1_800_000_000).key_package
PROPOSALS: list[Proposal] = [
    Add(PACKAGE),
    Update(PACKAGE.leaf_node),
    Remove(7),
    PreSharedKey(ExternalPsk(b"id", bytes(32))),
    ReInit(b"group", 1, 1, {1: b"x"}),
    ExternalInit(b"kem"),
    GroupContextExtensions({0xF0A0: b"state"}),
]


@pytest.mark.parametrize("proposal", PROPOSALS, ids=lambda p: type(p).__name__)
def test_a_proposal_is_read_back(proposal: Proposal) -> None:
    read = decode(read_proposal, encode_proposal(proposal))
    assert type(read) is type(proposal)
    assert encode_proposal(read) == encode_proposal(proposal)


def test_there_is_one_of_every_type() -> None:
    assert [proposal.type for proposal in PROPOSALS] == list(ProposalType)


@pytest.mark.parametrize("kind", ["0000", "0008", "0a0a"])
def test_an_unknown_type_is_refused(kind: str) -> None:
    with pytest.raises(MalformedError):
        decode(read_proposal, bytes.fromhex(kind) + bytes(8))
