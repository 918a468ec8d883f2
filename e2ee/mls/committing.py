"""Commits of our own, with the Welcome for those they add (RFC 9420 sections 12.4.1, 12.4.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from e2ee.mls.commit import Commit, ProposalOrRef
from e2ee.mls.constants import HASH_LENGTH, ExtensionType, WireFormat
from e2ee.mls.epoch import Epoch, Transition
from e2ee.mls.framing import AuthenticatedContent, FramedContent, Sender
from e2ee.mls.group_context import GroupContext
from e2ee.mls.group_info import GroupInfo
from e2ee.mls.key_schedule import WelcomeKey
from e2ee.mls.message import encode_message
from e2ee.mls.proposal_list import Effects, apply_proposals, resolve
from e2ee.mls.psk import PskLookup, find_psks
from e2ee.mls.staging import check_new_tree
from e2ee.mls.tree_hash import tree_hash
from e2ee.mls.tree_math import common_ancestor
from e2ee.mls.treekem import NewPath, create_path, encrypt_path
from e2ee.mls.welcome import GroupSecrets, Welcome


@dataclass(frozen=True)
class PendingCommit:
    """A Commit of ours that is not accepted yet; merged when it is, dropped when another won."""

    message: bytes
    welcome: bytes | None = field(repr=False)
    epoch: int
    """The epoch it starts."""
    added: tuple[int, ...]
    """Leaves of those it adds, in the order given."""
    has_path: bool
    """Whether it renews our own key."""
    base: GroupContext = field(repr=False)
    next: Epoch = field(repr=False)


@dataclass(frozen=True)
class _Draft:
    """A Commit signed but not encrypted, and what it leads to."""

    content: AuthenticatedContent
    effects: Effects
    path: NewPath | None
    transition: Transition
    next: Epoch


def build_commit(
    epoch: Epoch, items: Sequence[ProposalOrRef], lookup: PskLookup, *, path: bool, now: int
) -> tuple[PendingCommit, Epoch]:
    """Build a Commit of `items`, with a path if asked for or needed; `now` in Unix seconds.

    Returns also the epoch without the message key that was used: a Commit that is dropped has
    used its key all the same. Raises a `KeysError` when the group would refuse the Commit.
    """
    draft = _draft(epoch, items, lookup, path=path, now=now)
    message, after = epoch.seal(draft.content)
    welcome = _welcome(draft, epoch.leaf) if draft.effects.added else None
    pending = PendingCommit(
        encode_message(message),
        None if welcome is None else encode_message(welcome),
        draft.next.context.epoch,
        tuple(draft.effects.added),
        draft.path is not None,
        epoch.context,
        draft.next,
    )
    return pending, after


def _draft(
    epoch: Epoch, items: Sequence[ProposalOrRef], lookup: PskLookup, *, path: bool, now: int
) -> _Draft:
    sent = resolve(items, epoch.proposals, epoch.leaf)
    effects = apply_proposals(sent, epoch.tree, epoch.context, epoch.leaf, now)
    tree, private, new_path = effects.tree, epoch.keys_in(effects.tree), None
    commit_secret, update_path = bytes(HASH_LENGTH), None
    if path or effects.needs_path:
        context = epoch.context
        new_path = create_path(tree, private, epoch.signing_key, context.group_id, context.suite)
        tree, private, commit_secret = new_path.tree, new_path.private, new_path.commit_secret
    check_new_tree(epoch, effects, tree, epoch.leaf)
    provisional = epoch.context.next(tree_hash(tree), effects.extensions)
    if new_path is not None:
        added = effects.added.keys()
        update_path = encrypt_path(new_path, provisional.encoded, added, provisional.suite)
    framed = FramedContent(
        epoch.context.group_id,
        epoch.context.epoch,
        Sender.member(epoch.leaf),
        Commit(tuple(items), update_path),
    )
    content = AuthenticatedContent.sign(
        framed, epoch.context, epoch.signing_key, WireFormat.PRIVATE_MESSAGE
    )
    psks = find_psks(effects.psks, lookup)
    transition = Transition.after(
        epoch, provisional, content, commit_secret=commit_secret, psks=psks
    )
    following = transition.begin(tree, private, epoch.signing_key)
    content = content.with_confirmation(transition.confirmation_tag)
    return _Draft(content, effects, new_path, transition, following)


def _welcome(draft: _Draft, committer: int) -> Welcome:
    transition, tree = draft.transition, draft.next.tree
    info = GroupInfo(
        transition.context,
        {ExtensionType.RATCHET_TREE: tree.encode()},
        transition.confirmation_tag,
        committer,
    ).signed(draft.next.signing_key)
    sealed_info = WelcomeKey.of(transition.schedule.welcome_secret).seal(info.encode())
    secrets = []
    for leaf, key_package in draft.effects.added.items():
        path_secret = None
        if draft.path is not None:
            path_secret = draft.path.path_secrets[common_ancestor(committer, leaf)]
        joiner = transition.schedule.joiner_secret
        group_secrets = GroupSecrets(joiner, path_secret, draft.effects.psks)
        secrets.append(group_secrets.seal(key_package, sealed_info))
    return Welcome(tuple(secrets), sealed_info, transition.context.cipher_suite)
