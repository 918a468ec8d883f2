"""What Proposals do to a group, and which ones do not go together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from e2ee.errors import AuthenticationError, InvalidError
from e2ee.mls import hpke
from e2ee.mls.codec import decode
from e2ee.mls.constants import ResumptionPskUsage
from e2ee.mls.epoch import Epoch
from e2ee.mls.group_context import GroupContext
from e2ee.mls.proposal_list import Effects, SentProposal, apply_proposals, resolve
from e2ee.mls.proposals import (
    Add,
    ExternalInit,
    GroupContextExtensions,
    PreSharedKey,
    Proposal,
    ReInit,
    Remove,
    Update,
    read_proposal,
)
from e2ee.mls.psk import ExternalPsk, ResumptionPsk
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


PSK = PreSharedKey(ExternalPsk(b"link", bytes(32)))
FRESH = hpke.generate_key_pair().public


class Scene:
    """Three members; the host at leaf 0 commits."""

    def __init__(self, people: Any) -> None:
        self.people = people
        groups = people.trio()
        self.epochs: list[Epoch] = [people.state_of(group) for group in groups]

    def add(self, name: str = "cat") -> Add:
        return Add(self.people.bundle(name).key_package)

    def update(self, leaf: int, key: bytes = FRESH) -> Update:
        epoch = self.epochs[leaf]
        node = epoch.tree.member(leaf).for_update(key)
        return Update(node.signed(epoch.signing_key, b"room", leaf))

    def apply(self, *sent: Proposal | tuple[Proposal, int], now: int | None = None) -> Effects:
        epoch = self.epochs[0]
        items = [SentProposal(*s) if isinstance(s, tuple) else SentProposal(s, 0) for s in sent]
        return apply_proposals(
            items, epoch.tree, epoch.context, committer=0, now=now or self.people.now
        )


@pytest.fixture
def scene(people: Any) -> Scene:
    return Scene(people)


def test_a_list_does_all_it_says(scene: Scene) -> None:
    add, update = scene.add(), scene.update(1)
    extensions = GroupContextExtensions({0xF0A0: b"new"})
    effects = scene.apply(add, Remove(2), (update, 1), PSK, extensions)
    # Removals come first, wherever they stand: the new one gets the place that became free.
    assert effects.added == {2: add.key_package}
    assert (effects.removed, effects.updated) == ((2,), (1,))
    assert effects.extensions == {0xF0A0: b"new"}
    assert effects.psks == (PSK.psk,)
    assert effects.tree.member(1).encryption_key == FRESH


def test_only_additions_and_psks_go_without_a_path(scene: Scene) -> None:
    assert not scene.apply(scene.add()).needs_path
    assert not scene.apply(PSK).needs_path
    for sent in (Remove(1), (scene.update(1), 1), GroupContextExtensions({})):
        assert scene.apply(sent, PSK).needs_path
    assert scene.apply().needs_path


def test_lists_that_do_not_go_together_are_refused(scene: Scene) -> None:
    add = scene.add()
    extensions = GroupContextExtensions({})
    lists: list[tuple[Proposal | tuple[Proposal, int], ...]] = [
        (Remove(1), Remove(1)),
        (Remove(1), (scene.update(1), 1)),
        ((scene.update(1), 1), (scene.update(1), 1)),
        (Remove(0),),
        (scene.update(0),),
        (extensions, extensions),
        (PSK, PSK),
        (add, Add(replace(scene.add("dan").key_package, init_key=add.key_package.init_key))),
        tuple(PreSharedKey(ExternalPsk.fresh(b"x")) for _ in range(17)),
    ]
    for sent in lists:
        with pytest.raises((InvalidError, AuthenticationError)):
            scene.apply(*sent)


def test_one_init_key_for_two_is_refused(scene: Scene) -> None:
    first, second = scene.people.bundle("cat"), scene.people.bundle("dan")
    shared = replace(second.key_package, init_key=first.key_package.init_key)
    with pytest.raises(InvalidError, match="init key twice"):
        scene.apply(Add(first.key_package), Add(shared.signed(second.signing_key)))


def test_proposals_that_are_invalid_for_themselves_are_refused(scene: Scene) -> None:
    nonce = bytes(32)
    old = scene.epochs[0].tree.member(1).encryption_key
    commit_leaf = scene.epochs[1].tree.member(1).for_commit(FRESH, b"")
    commit_leaf = commit_leaf.signed(scene.epochs[1].signing_key, b"room", 1)
    for sent in (
        ExternalInit(bytes(32)),
        ReInit(b"g", 1, 1, {}),
        Remove(3),
        Remove(1 << 31),
        PreSharedKey(ExternalPsk(b"x", b"short")),
        PreSharedKey(ResumptionPsk(ResumptionPskUsage.BRANCH, b"room", 0, nonce)),
        PreSharedKey(ResumptionPsk(ResumptionPskUsage.REINIT, b"room", 0, nonce)),
        (scene.update(1, old), 1),
        (scene.update(1, bytes(32)), 1),
        (Update(scene.add().key_package.leaf_node), 1),
        (Update(commit_leaf), 1),
    ):
        with pytest.raises(InvalidError):
            scene.apply(sent)


def test_an_update_for_the_leaf_of_another_is_refused(scene: Scene) -> None:
    with pytest.raises(AuthenticationError):
        scene.apply((scene.update(1), 2))


def test_an_add_with_a_bad_signature_or_that_expired_is_refused(scene: Scene) -> None:
    package = scene.add().key_package
    with pytest.raises(AuthenticationError):
        scene.apply(Add(replace(package, signature=bytes(64))))
    with pytest.raises(InvalidError, match="expired"):
        scene.apply(Add(package), now=scene.people.now + 3 * 24 * 3600)


def test_references_are_found_and_their_senders_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    held = {b"r": SentProposal(Remove(2), 1)}
    assert resolve([b"r", Remove(3)], held, 0) == (
        SentProposal(Remove(2), 1),
        SentProposal(Remove(3), 0),
    )
    with pytest.raises(InvalidError, match="not received"):
        resolve([b"s"], held, 0)
    monkeypatch.setattr("e2ee.mls.proposal_list.MAX_PROPOSALS", 1)
    with pytest.raises(InvalidError, match="too many"):
        resolve([b"r", b"r"], held, 0)
