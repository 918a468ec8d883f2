"""Commits of others: whatever is wrong with one, it is refused and not a byte changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from e2ee.errors import AuthenticationError, InvalidError, KeysError
from e2ee.mls.capabilities import RequiredCapabilities
from e2ee.mls.commit import Commit
from e2ee.mls.constants import ContentType, ExtensionType
from e2ee.mls.framing import VerifiedContent
from e2ee.mls.group import Group
from e2ee.mls.key_package import SigningKey, new_key_package
from e2ee.mls.proposals import Add, Remove
from e2ee.mls.psk import external_psks
from e2ee.mls.staging import stage_commit


def commit_of(people: Any, group: Group, **options: Any) -> tuple[bytes, Commit, bytes]:
    """Return a Commit of `group`, what it holds and its confirmation tag, as an insider sees it."""
    state = people.state_of(group)
    message = group.commit(now=people.now, **options).message
    unverified, _ = people.private(message).unprotect(state.secrets.sender_data_secret, state.keys)
    authenticated = unverified.authenticated
    assert isinstance(authenticated.content.content, Commit)
    assert authenticated.auth.confirmation_tag is not None
    return message, authenticated.content.content, authenticated.auth.confirmation_tag


def flips(data: bytes, bits: Iterable[int]) -> Iterable[bytes]:
    for bit in bits:
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        yield bytes(flipped)


@pytest.fixture
def full_commit(people: Any) -> tuple[Group, Group, bytes]:
    """A Commit with all there is in it, its sender and a receiver."""
    host, ann, bob = people.trio()
    bundle = people.bundle("cat")
    pending = host.commit(
        adds=[bundle.message],
        removes=[bob.leaf],
        psks=people.psks,
        extensions={0xF0A0: b"new"},
        now=people.now,
    )
    return host, ann, pending.message


def test_bit_flips_over_a_commit_leave_the_state_unchanged(
    people: Any, full_commit: tuple[Group, Group, bytes]
) -> None:
    _, ann, message = full_commit
    for flipped in flips(message, range(0, len(message) * 8, 61)):
        with people.refused(ann):
            ann.process(flipped, psks=people.psks, now=people.now)
    people.follow(ann, message)


@pytest.mark.slow
def test_all_bit_flips_over_a_commit_leave_the_state_unchanged(
    people: Any, full_commit: tuple[Group, Group, bytes]
) -> None:
    _, ann, message = full_commit
    for flipped in flips(message, range(len(message) * 8)):
        with people.refused(ann):
            ann.process(flipped, psks=people.psks, now=people.now)
    people.follow(ann, message)


def reencrypted(people: Any, group: Group, message: bytes, step: int) -> Iterable[bytes]:
    """Flip bits inside the encryption of a Commit, as another member could on its way."""
    state, body = people.state_of(group), people.private(message)
    generation = body._sender_data(state.secrets.sender_data_secret).generation
    unverified, _ = body.unprotect(state.secrets.sender_data_secret, state.keys)
    authenticated = unverified.authenticated
    plain = authenticated.content.content.encode() + authenticated.auth.encode()
    for flipped in flips(plain, range(0, len(plain) * 8, step)):
        yield people.encrypt_plaintext(state, ContentType.COMMIT, generation, flipped)


def check_inside(people: Any, groups: tuple[Group, Group, bytes], step: int) -> None:
    _, ann, message = groups
    for flipped in reencrypted(people, ann, message, step):
        with people.refused(ann):
            ann.process(flipped, psks=people.psks, now=people.now)
    people.follow(ann, message)


def test_bit_flips_inside_the_encryption_of_a_commit_are_refused(
    people: Any, full_commit: tuple[Group, Group, bytes]
) -> None:
    check_inside(people, full_commit, 61)


@pytest.mark.slow
def test_all_bit_flips_inside_the_encryption_of_a_commit_are_refused(
    people: Any, full_commit: tuple[Group, Group, bytes]
) -> None:
    check_inside(people, full_commit, 1)


def test_a_commit_with_a_wrong_or_without_a_confirmation_tag_is_refused(people: Any) -> None:
    host, ann, _ = people.trio()
    _, commit, _ = commit_of(people, host, path=True)
    for tag in (b"", bytes(32)):
        with people.refused(ann, AuthenticationError, "confirmation tag"):
            ann.process(people.forge(host, commit, tag=tag), now=people.now)


def test_a_commit_signed_by_another_member_is_refused(people: Any) -> None:
    host, ann, bob = people.trio()
    _, commit, tag = commit_of(people, host, path=True)
    key = people.state_of(bob).signing_key
    with people.refused(ann, AuthenticationError, "signature"):
        ann.process(people.forge(bob, commit, sender=0, key=key, tag=tag), now=people.now)


def test_a_commit_without_the_path_it_needs_is_refused(people: Any) -> None:
    host, ann, _ = people.trio()
    for commit in (Commit(()), Commit((Remove(2),))):
        with people.refused(ann, InvalidError, "path"):
            ann.process(people.forge(host, commit, tag=bytes(32)), now=people.now)


def test_an_add_with_a_bad_leaf_signature_is_refused(people: Any) -> None:
    host, ann, _ = people.trio()
    key = SigningKey.generate()
    package = people.bundle("cat").key_package
    stolen = replace(package.leaf_node, signature_key=key.public)
    for bad in (
        replace(package, signature=bytes(64)),
        replace(package, leaf_node=replace(package.leaf_node, signature=bytes(64))),
        replace(package, leaf_node=stolen).signed(key),
    ):
        with people.refused(ann, AuthenticationError):
            message = people.forge(host, Commit((Add(bad),)), tag=bytes(32))
            ann.process(message, now=people.now)


@pytest.fixture
def lawless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let committers build what they know the others must refuse, down to a valid tag."""
    monkeypatch.setattr("e2ee.mls.committing.check_new_tree", lambda *_: None)


@pytest.mark.usefixtures("lawless")
def test_a_commit_that_adds_one_key_twice_is_refused(people: Any) -> None:
    host, ann, _ = people.trio()
    key = SigningKey.generate()
    twins = [
        new_key_package(key, name, now=people.now, extensions_supported=(0xF0A0,)).message
        for name in (b"cat", b"dan")
    ]
    with people.refused(ann, InvalidError, "twice"):
        ann.process(host.commit(adds=twins, now=people.now).message, now=people.now)


@pytest.mark.usefixtures("lawless")
def test_a_commit_that_adds_or_leaves_in_one_who_lacks_a_capability_is_refused(
    people: Any,
) -> None:
    host, ann, _ = people.trio()
    plain = new_key_package(SigningKey.generate(), b"cat", now=people.now)
    required = RequiredCapabilities(extensions=(0xF0A1,)).encode()
    for options in (
        {"adds": [plain.message]},
        {"extensions": {0xF0A1: b""}},
        {"extensions": {ExtensionType.REQUIRED_CAPABILITIES: required}},
    ):
        with people.refused(ann, InvalidError):
            ann.process(host.commit(**options, now=people.now).message, now=people.now)


def test_a_path_that_was_encrypted_to_others_only_is_refused(people: Any) -> None:
    host, ann, bob = people.trio()
    _, commit, tag = commit_of(people, host, path=True)
    assert commit.path is not None
    first, *rest = commit.path.nodes
    secrets = first.encrypted_path_secrets
    for bent in ((), secrets[:0], (*secrets, secrets[0])):
        node = replace(first, encrypted_path_secrets=bent)
        path = replace(commit.path, nodes=(node, *rest))
        with people.refused(ann, InvalidError, "count of secrets"):
            message = people.forge(host, Commit((), path), tag=tag)
            ann.process(message, now=people.now)
    # Ann's secret is replaced by Bob's: it does not open with her key.
    swapped = rest[-1].encrypted_path_secrets if rest else secrets
    path = replace(commit.path, nodes=(replace(first, encrypted_path_secrets=swapped[:1]), *rest))
    with people.refused(ann, KeysError):
        ann.process(people.forge(host, Commit((), path), tag=tag), now=people.now)
    assert bob.epoch == 1


def test_a_path_of_the_wrong_length_or_with_used_keys_is_refused(people: Any) -> None:
    host, ann, _ = people.trio()
    _, commit, tag = commit_of(people, host, path=True)
    path = commit.path
    assert path is not None
    old = people.state_of(ann).tree.member(ann.leaf)
    bent = [
        replace(path, nodes=path.nodes[:-1]),
        replace(path, nodes=path.nodes + path.nodes[:1]),
        replace(path, nodes=(replace(path.nodes[0], encryption_key=old.encryption_key),) * 2),
        replace(path, nodes=(replace(path.nodes[0], encryption_key=bytes(32)), *path.nodes[1:])),
        replace(path, nodes=tuple(replace(n, encryption_key=b"k" * 32) for n in path.nodes)),
        replace(path, leaf_node=old),
    ]
    for other in bent:
        with people.refused(ann, InvalidError):
            ann.process(people.forge(host, Commit((), other), tag=tag), now=people.now)


def test_a_path_that_keeps_the_old_key_of_its_leaf_is_refused(people: Any) -> None:
    host, ann, _ = people.trio()
    state = people.state_of(host)
    _, commit, tag = commit_of(people, host, path=True)
    assert commit.path is not None
    old = state.tree.member(host.leaf).encryption_key
    leaf = commit.path.leaf_node.for_commit(old, commit.path.leaf_node.parent_hash)
    leaf = leaf.signed(state.signing_key, state.context.group_id, host.leaf)
    with people.refused(ann, InvalidError, "in use"):
        message = people.forge(host, Commit((), replace(commit.path, leaf_node=leaf)), tag=tag)
        ann.process(message, now=people.now)


def test_a_path_that_does_not_fit_the_tree_is_refused(people: Any) -> None:
    host, ann, _ = people.trio()
    state = people.state_of(host)
    _, commit, tag = commit_of(people, host, path=True)
    path = commit.path
    assert path is not None
    leaf = replace(path.leaf_node, parent_hash=bytes(32))
    leaf = leaf.signed(state.signing_key, state.context.group_id, host.leaf)
    with people.refused(ann, InvalidError, "parent hash"):
        message = people.forge(host, Commit((), replace(path, leaf_node=leaf)), tag=tag)
        ann.process(message, now=people.now)
    moved = path.leaf_node.signed(state.signing_key, state.context.group_id, 1)
    with people.refused(ann, AuthenticationError, "leaf node"):
        message = people.forge(host, Commit((), replace(path, leaf_node=moved)), tag=tag)
        ann.process(message, now=people.now)


def test_a_commit_of_our_own_is_not_staged(people: Any) -> None:
    host, _, _ = people.trio()
    state = people.state_of(host)
    message = host.commit(path=True, now=people.now).message
    verified, _ = state.open(people.private(message))
    with pytest.raises(InvalidError, match="our own"):
        stage_commit(state, verified, external_psks({}), people.now)


def test_content_that_is_no_commit_is_not_staged(people: Any) -> None:
    host, ann, _ = people.trio()
    state = people.state_of(ann)
    verified, _ = state.open(people.private(host.protect(b"x")))
    assert isinstance(verified, VerifiedContent)
    with pytest.raises(InvalidError, match="not a Commit"):
        stage_commit(state, verified, external_psks({}), people.now)


def test_a_commit_that_names_a_proposal_we_never_saw_is_refused(people: Any) -> None:
    host, ann, bob = people.trio()
    received = host.process(bob.propose_update(), now=people.now)
    host.hold(received)
    pending = host.commit(proposals=[received.reference], now=people.now)
    with people.refused(ann, InvalidError, "not received"):
        ann.process(pending.message, now=people.now)


def test_a_staged_commit_shows_no_secret(people: Any) -> None:
    host, ann, _ = people.trio()
    staged = ann.process(host.commit(path=True, now=people.now).message, now=people.now)
    assert "next=" not in repr(staged)
