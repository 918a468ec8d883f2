"""Whether the Proposals of a Commit go together, and what they do (RFC 9420 12.2, 12.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from e2ee.errors import InvalidError
from e2ee.mls.commit import ProposalOrRef
from e2ee.mls.constants import LeafNodeSource, ProposalType, ResumptionPskUsage
from e2ee.mls.extensions import Extensions
from e2ee.mls.group_context import GroupContext
from e2ee.mls.key_package import KeyPackage
from e2ee.mls.limits import MAX_PROPOSALS, MAX_PSKS
from e2ee.mls.proposals import (
    Add,
    ExternalInit,
    GroupContextExtensions,
    PreSharedKey,
    Proposal,
    ReInit,
    Remove,
    Update,
)
from e2ee.mls.psk import PskId, ResumptionPsk, check_psk_ids
from e2ee.mls.ratchet_tree import RatchetTree

_PATH_NOT_NEEDED: Final = frozenset({ProposalType.ADD, ProposalType.PSK})
"""A Commit of nothing but these may go without a path (section 17.4)."""


@dataclass(frozen=True)
class SentProposal:
    """A Proposal and the leaf of the member who made it."""

    proposal: Proposal
    sender: int


@dataclass(frozen=True)
class Effects:
    """The group after a list of Proposals, before the committer's path."""

    tree: RatchetTree
    extensions: Extensions
    added: Mapping[int, KeyPackage]
    """KeyPackage by the leaf it got."""
    removed: tuple[int, ...]
    updated: tuple[int, ...]
    psks: tuple[PskId, ...]
    needs_path: bool


def resolve(
    items: Sequence[ProposalOrRef], held: Mapping[bytes, SentProposal], committer: int
) -> tuple[SentProposal, ...]:
    """Find the Proposals a Commit names. Raises `InvalidError` for a reference to none we hold."""
    if len(items) > MAX_PROPOSALS:
        raise InvalidError("a Commit has too many proposals")
    found = []
    for item in items:
        sent = held.get(item) if isinstance(item, bytes) else SentProposal(item, committer)
        if sent is None:
            raise InvalidError("a Commit names a proposal we have not received")
        found.append(sent)
    return tuple(found)


def check_proposal(sent: SentProposal, tree: RatchetTree, context: GroupContext, now: int) -> None:
    """Check one Proposal for itself (section 12.1); `now` in Unix seconds.

    What depends on the group it makes, such as capabilities, is checked with the Commit.
    Raises `InvalidError` or `AuthenticationError`.
    """
    match sent.proposal:
        case Add(key_package):
            if key_package.cipher_suite != context.cipher_suite:
                raise InvalidError("a key package is of another cipher suite than the group")
            key_package.verify(now)
        case Update(leaf):
            if leaf.source is not LeafNodeSource.UPDATE:
                raise InvalidError("an Update has a leaf node made for something else")
            if leaf.encryption_key == tree.member(sent.sender).encryption_key:
                raise InvalidError("an Update has the key it is to replace")
            leaf.verify(context.group_id, sent.sender, context.suite)
        case Remove(removed):
            tree.member(removed)
        case PreSharedKey(psk):
            check_psk_ids([psk])
            if isinstance(psk, ResumptionPsk) and psk.usage is not ResumptionPskUsage.APPLICATION:
                raise InvalidError("a proposal has a pre-shared key of another purpose")
        case GroupContextExtensions():
            pass
        case ExternalInit() | ReInit():
            raise InvalidError("external commits and reinitialisation are refused")


def apply_proposals(
    sent: Sequence[SentProposal], tree: RatchetTree, context: GroupContext, committer: int, now: int
) -> Effects:
    """Check a list of Proposals as a whole and return the group it makes (section 12.3).

    The caller validates the leaves of the result. Raises `InvalidError` or `AuthenticationError`.
    """
    extensions = _new_extensions(sent, context.extensions)
    for item in sent:
        check_proposal(item, tree, context, now)
    _check_targets(sent, committer)
    updates = {s.sender: s.proposal.leaf_node for s in sent if isinstance(s.proposal, Update)}
    removes = tuple(s.proposal.removed for s in sent if isinstance(s.proposal, Remove))
    for leaf, node in updates.items():
        tree = tree.with_leaf(leaf, node)
    for leaf in removes:
        tree = tree.without(leaf)
    added = {}
    for key_package in [s.proposal.key_package for s in sent if isinstance(s.proposal, Add)]:
        tree, leaf = tree.with_added(key_package.leaf_node)
        added[leaf] = key_package
    if len({key_package.init_key for key_package in added.values()}) != len(added):
        raise InvalidError("a Commit adds one init key twice")
    needs_path = not all(s.proposal.type in _PATH_NOT_NEEDED for s in sent) or not sent
    return Effects(tree, extensions, added, removes, tuple(updates), _psks_of(sent), needs_path)


def _new_extensions(sent: Sequence[SentProposal], current: Extensions) -> Extensions:
    found = [s.proposal.extensions for s in sent if isinstance(s.proposal, GroupContextExtensions)]
    if len(found) > 1:
        raise InvalidError("a Commit changes the group's extensions twice")
    return found[0] if found else current


def _psks_of(sent: Sequence[SentProposal]) -> tuple[PskId, ...]:
    psks = tuple(s.proposal.psk for s in sent if isinstance(s.proposal, PreSharedKey))
    if len(psks) > MAX_PSKS:
        raise InvalidError("a Commit has too many pre-shared keys")
    check_psk_ids(psks)
    return psks


def _check_targets(sent: Sequence[SentProposal], committer: int) -> None:
    """Check that no leaf is updated or removed twice, and the committer's own not at all."""
    targets = []
    for item in sent:
        match item.proposal:
            case Update():
                targets.append(item.sender)
            case Remove(removed):
                targets.append(removed)
    if len(set(targets)) != len(targets):
        raise InvalidError("a Commit updates or removes one member twice")
    if committer in targets:
        raise InvalidError("a Commit updates or removes its own committer")
