"""Commits of others: from verified content to an epoch that may be begun (RFC 9420 12.4.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from e2ee.errors import InvalidError
from e2ee.mls.commit import Commit
from e2ee.mls.constants import HASH_LENGTH
from e2ee.mls.epoch import Epoch, Member, Transition
from e2ee.mls.extensions import Extensions
from e2ee.mls.framing import VerifiedContent
from e2ee.mls.group_context import GroupContext
from e2ee.mls.proposal_list import Effects, apply_proposals, resolve
from e2ee.mls.proposals import Remove
from e2ee.mls.psk import ExternalPsk, PskLookup, find_psks
from e2ee.mls.ratchet_tree import RatchetTree
from e2ee.mls.tree_hash import tree_hash
from e2ee.mls.tree_validation import validate_leaves
from e2ee.mls.treekem import decrypt_path, merge_path


@dataclass(frozen=True)
class StagedCommit:
    """A Commit that verified to its confirmation tag and waits for the application's word.

    When it `removes_me` there is no key to verify the tag with, and no epoch to begin.
    """

    sender: int
    epoch: int
    """The epoch it starts."""
    added: tuple[Member, ...]
    offered: Mapping[int, Extensions]
    """The KeyPackage extensions of those it adds, by leaf."""
    removed: tuple[Member, ...]
    left: frozenset[int]
    """The leaves among `removed` that proposed it themselves."""
    updated: tuple[int, ...]
    """Leaves whose Update it commits; the committer's own is told by `has_path`."""
    psk_ids: tuple[bytes, ...]
    """Ids of the external PSKs it mixes in."""
    extensions: Extensions
    """All GroupContext extensions of the new epoch."""
    removes_me: bool
    has_path: bool
    base: GroupContext = field(repr=False)
    next: Epoch | None = field(repr=False)


def stage_commit(
    epoch: Epoch, verified: VerifiedContent, lookup: PskLookup, now: int
) -> StagedCommit:
    """Work a Commit out completely without changing anything; `now` in Unix seconds.

    Raises a `KeysError` for whatever is wrong with it.
    """
    content, sender = verified.authenticated.content, verified.sender
    commit = content.content
    if not isinstance(commit, Commit):
        raise InvalidError("a message that is not a Commit was taken for one")
    if sender == epoch.leaf:
        raise InvalidError("a Commit of our own came back; it is merged, not processed")
    sent = resolve(commit.proposals, epoch.proposals, sender)
    effects = apply_proposals(sent, epoch.tree, epoch.context, sender, now)
    tree = _new_tree(epoch, commit, effects, sender)
    removes_me = epoch.leaf in effects.removed
    following = None
    if not removes_me:
        following = _next_epoch(epoch, verified, effects, tree, lookup)
    return StagedCommit(
        sender=sender,
        epoch=epoch.context.epoch + 1,
        added=_members(tree, effects.added),
        offered={leaf: package.extensions for leaf, package in effects.added.items()},
        removed=tuple(Member.of(leaf, epoch.tree.member(leaf)) for leaf in effects.removed),
        left=frozenset(s.sender for s in sent if s.proposal == Remove(s.sender)),
        updated=effects.updated,
        psk_ids=tuple(psk.psk_id for psk in effects.psks if isinstance(psk, ExternalPsk)),
        extensions=effects.extensions,
        removes_me=removes_me,
        has_path=commit.path is not None,
        base=epoch.context,
        next=following,
    )


def check_new_tree(epoch: Epoch, effects: Effects, tree: RatchetTree, committer: int) -> None:
    """Check the leaves of the tree a Commit makes (sections 7.3 and 12.2). Raises `InvalidError`.

    Leaves that did not change are looked at again only when what they must support did.
    """
    if effects.extensions == epoch.context.extensions:
        changed = [*effects.added, *effects.updated, committer]
    else:
        changed = [leaf for leaf, _ in tree.leaves()]
    validate_leaves(tree, effects.extensions, changed, epoch.context.suite)


def _new_tree(epoch: Epoch, commit: Commit, effects: Effects, sender: int) -> RatchetTree:
    tree = effects.tree
    if commit.path is not None:
        context = epoch.context
        tree = merge_path(tree, sender, commit.path, context.group_id, context.suite)
    elif effects.needs_path:
        raise InvalidError("a Commit lacks the path it needs")
    check_new_tree(epoch, effects, tree, sender)
    return tree


def _next_epoch(
    epoch: Epoch,
    verified: VerifiedContent,
    effects: Effects,
    tree: RatchetTree,
    lookup: PskLookup,
) -> Epoch:
    authenticated = verified.authenticated
    commit = authenticated.content.content
    assert isinstance(commit, Commit)
    psks = find_psks(effects.psks, lookup)
    provisional = epoch.context.next(tree_hash(tree), effects.extensions)
    commit_secret, private = bytes(HASH_LENGTH), epoch.keys_in(effects.tree)
    if commit.path is not None:
        commit_secret, private = decrypt_path(
            tree,
            verified.sender,
            commit.path,
            private,
            group_context=provisional.encoded,
            added=effects.added.keys(),
            suite=epoch.context.suite,
        )
    transition = Transition.after(
        epoch, provisional, authenticated, commit_secret=commit_secret, psks=psks
    )
    transition.check(authenticated.auth.confirmation_tag)
    return transition.begin(tree, private, epoch.signing_key)


def _members(tree: RatchetTree, leaves: Mapping[int, object]) -> tuple[Member, ...]:
    return tuple(Member.of(leaf, tree.member(leaf)) for leaf in leaves)
