"""A group as the room uses it: people come, speak, renew keys and go; attackers are refused."""

from __future__ import annotations

from typing import Any

import pytest

from e2ee.errors import (
    AuthenticationError,
    InvalidError,
    MalformedError,
    ReplayError,
    UnknownKeyError,
)
from e2ee.mls.capabilities import RequiredCapabilities
from e2ee.mls.constants import ExtensionType
from e2ee.mls.group import (
    ApplicationMessage,
    Group,
    ReceivedProposal,
    SigningKey,
    StagedCommit,
)
from e2ee.mls.key_package import new_key_package
from e2ee.mls.limits import PADDED_SIZES
from e2ee.mls.proposals import ExternalInit, ReInit, Remove, Update


def test_a_group_begins_with_its_founder(people: Any) -> None:
    host = people.found()
    assert (host.group_id, host.epoch, host.leaf) == (b"room", 0, 0)
    assert [(m.leaf, m.identity) for m in host.members] == [(0, b"host")]
    assert host.extensions == {0xF0A0: b"state"}
    assert len(host.epoch_authenticator) == 32


def test_all_members_agree_and_hear_each_other(people: Any) -> None:
    groups = people.trio()
    people.agree(*groups)
    assert [m.identity for m in groups[0].members] == [b"host", b"ann", b"bob"]
    for speaker in groups:
        message = speaker.protect(b"hello")
        for listener in groups:
            if listener is not speaker:
                heard = listener.process(message, now=people.now)
                assert heard == ApplicationMessage(speaker.leaf, b"hello")


def test_a_commit_says_what_it_does_before_it_is_applied(people: Any) -> None:
    host, ann, _ = people.trio()
    bundle = people.bundle("cat")
    pending = host.commit(
        adds=[bundle.message],
        removes=[2],
        psks=people.psks,
        extensions={0xF0A0: b"locked"},
        now=people.now,
    )
    assert (pending.epoch, pending.added) == (2, (2,))
    staged = ann.process(pending.message, psks=people.psks, now=people.now)
    assert isinstance(staged, StagedCommit)
    assert (staged.sender, staged.epoch) == (0, 2)
    assert [(m.leaf, m.identity) for m in staged.added] == [(2, b"cat")]
    assert [(m.leaf, m.identity) for m in staged.removed] == [(2, b"bob")]
    assert staged.psk_ids == (b"link",)
    assert staged.extensions == {0xF0A0: b"locked"}
    assert staged.has_path
    assert not staged.removes_me
    assert (host.epoch, ann.epoch) == (1, 1)
    host.merge(pending)
    ann.apply(staged)
    people.agree(host, ann)
    assert pending.welcome is not None
    cat = Group.join(pending.welcome, bundle, psks=people.psks, required_psk=b"link")
    people.agree(host, ann, cat)


def test_a_staged_commit_that_is_not_applied_leaves_no_trace(people: Any) -> None:
    host, ann, bob = people.trio()
    pending = host.commit(removes=[bob.leaf], now=people.now)
    before = people.snapshot(ann)
    ann.process(pending.message, now=people.now)
    assert people.snapshot(ann) == before
    # The room's policy said no; what the others then do is understood all the same.
    people.follow(ann, bob.commit(path=True, now=people.now).message)


def test_the_loser_of_a_race_drops_its_commit_and_follows_the_winner(people: Any) -> None:
    host, ann, bob = people.trio()
    loser = ann.commit(path=True, now=people.now)
    winner = bob.commit(path=True, now=people.now)
    bob.merge(winner)
    for group in (host, ann):
        people.follow(group, winner.message)
    with people.refused(ann, InvalidError, "another epoch"):
        ann.merge(loser)
    with people.refused(bob, UnknownKeyError):
        bob.process(loser.message, now=people.now)
    again = ann.commit(path=True, now=people.now)
    ann.merge(again)
    for group in (host, bob):
        people.follow(group, again.message)
    people.agree(host, ann, bob)


def test_two_commits_of_ours_in_one_epoch_use_different_message_keys(people: Any) -> None:
    host, ann, _ = people.trio()
    first, second = (host.commit(path=True, now=people.now) for _ in range(2))
    for pending in (second, first):
        ann.process(pending.message, now=people.now)
    state = people.state_of(host)
    assert next(r.generation for (leaf, _), r in state.keys.ratchets.items() if leaf == 0) == 2


def test_an_update_and_a_leave_are_proposed_and_committed(people: Any) -> None:
    host, ann, bob = people.trio()
    references = []
    for message in (ann.propose_update(), bob.propose_remove(bob.leaf)):
        for group in (host, ann, bob):
            try:
                received = group.process(message, now=people.now)
            except ReplayError:
                continue  # The proposer's own.
            assert isinstance(received, ReceivedProposal)
            group.hold(received)
            if group is host:
                references.append(received.reference)
    pending = host.commit(proposals=references, now=people.now)
    host.merge(pending)
    staged = people.follow(ann, pending.message)
    assert staged.updated == (ann.leaf,)
    assert [m.leaf for m in staged.removed] == [bob.leaf]
    assert staged.left == {bob.leaf}
    people.agree(host, ann)
    # Ann's new key works: a path encrypted to it reaches her.
    pending = host.commit(path=True, now=people.now)
    host.merge(pending)
    people.follow(ann, pending.message)
    people.agree(host, ann)


def test_a_removed_member_decrypts_nothing_and_holds_nothing(people: Any) -> None:
    host, ann, bob = people.trio()
    pending = host.commit(removes=[bob.leaf], now=people.now)
    host.merge(pending)
    people.follow(ann, pending.message)
    later = host.protect(b"he is gone")
    with people.refused(bob, UnknownKeyError):
        bob.process(later, now=people.now)
    staged = bob.process(pending.message, now=people.now)
    assert staged.removes_me
    assert staged.next is None
    bob.apply(staged)
    for use in (
        lambda: bob.process(later, now=people.now),
        lambda: bob.export("label", b"", 16),
        lambda: bob.protect(b"x"),
        lambda: bob.members,
    ):
        with pytest.raises(InvalidError, match="no longer"):
            use()


def test_a_commit_by_a_removed_member_is_refused(people: Any) -> None:
    host, ann, bob = people.trio()
    late = bob.commit(path=True, now=people.now)
    pending = host.commit(removes=[bob.leaf], now=people.now)
    host.merge(pending)
    people.follow(ann, pending.message)
    for group in (host, ann):
        with people.refused(group, UnknownKeyError):
            group.process(late.message, now=people.now)
        # The same from his old keys, claiming to be of the new epoch.
        with people.refused(group, AuthenticationError):
            group.process(people.forge(bob, b"still here", epoch=group.epoch), now=people.now)
        # With the new keys even, helped by a member: there is no leaf to verify it with.
        with people.refused(group, InvalidError, "not in the group"):
            message = people.forge(
                host, b"x", sender=bob.leaf, key=people.state_of(bob).signing_key
            )
            group.process(message, now=people.now)


def test_an_unsigned_application_message_is_refused(people: Any) -> None:
    host, ann, _ = people.trio()
    for signature in (b"", bytes(64)):
        with people.refused(ann, AuthenticationError):
            ann.process(people.forge(host, b"x", signature=signature), now=people.now)


def test_a_resigned_application_message_is_refused(people: Any) -> None:
    host, ann, bob = people.trio()
    for key in (people.state_of(bob).signing_key, SigningKey.generate()):
        message = people.forge(bob, b"I am the host", sender=host.leaf, key=key)
        with people.refused(ann, AuthenticationError):
            ann.process(message, now=people.now)
    # And the victim's key was not used up by it.
    assert ann.process(host.protect(b"really"), now=people.now).plaintext == b"really"


def test_what_a_member_signs_for_the_application_names_it_and_its_purpose(people: Any) -> None:
    host, ann, bob = people.trio()
    signature = ann.sign("purpose", b"content")
    signer, other = bob.members[ann.leaf], bob.members[host.leaf]
    signer.verify("purpose", b"content", signature)
    for member, label, content in (
        (other, "purpose", b"content"),
        (signer, "another", b"content"),
        (signer, "purpose", b"contents"),
    ):
        with pytest.raises(AuthenticationError):
            member.verify(label, content, signature)


def test_a_replayed_message_is_refused(people: Any) -> None:
    host, ann, _ = people.trio()
    first, second = host.protect(b"1"), host.protect(b"2")
    for message in (second, first):
        ann.process(message, now=people.now)
    for message in (first, second):
        with people.refused(ann, ReplayError):
            ann.process(message, now=people.now)


def test_our_own_messages_that_come_back_are_refused(people: Any) -> None:
    host, _, _ = people.trio()
    for message in (host.protect(b"x"), host.commit(path=True, now=people.now).message):
        with people.refused(host, ReplayError):
            host.process(message, now=people.now)


def test_a_message_of_another_epoch_or_group_is_refused(people: Any) -> None:
    host, ann, _ = people.trio()
    old = host.protect(b"old")
    pending = host.commit(path=True, now=people.now)
    host.merge(pending)
    people.follow(ann, pending.message)
    for message in (old, people.found("else").protect(b"x")):
        with people.refused(ann, UnknownKeyError):
            ann.process(message, now=people.now)


def test_bit_flips_over_an_application_message_are_refused(people: Any) -> None:
    host, ann, _ = people.trio()
    message = host.protect(b"hello")
    for bit in range(0, len(message) * 8, 5):
        flipped = bytearray(message)
        flipped[bit // 8] ^= 1 << bit % 8
        with people.refused(ann):
            ann.process(bytes(flipped), now=people.now)
    assert ann.process(message, now=people.now).plaintext == b"hello"


@pytest.mark.parametrize("size", [0, 1, 100, 500, 3000, 5000, 10_000])
def test_sizes_of_application_messages_tell_little(people: Any, size: int) -> None:
    host, ann, _ = people.trio()
    message = host.protect(bytes(size))
    content = len(people.private(message).ciphertext) - 16
    assert content in PADDED_SIZES or content % PADDED_SIZES[-1] == 0
    assert ann.process(message, now=people.now).plaintext == bytes(size)


def test_duplicate_keys_are_refused(people: Any) -> None:
    host, _, _ = people.trio()
    signing_key, bundle = SigningKey.generate(), people.bundle("cat")
    twins = [
        new_key_package(signing_key, name, now=people.now, extensions_supported=(0xF0A0,)).message
        for name in (b"cat", b"cat again")
    ]
    for adds in ([bundle.message, bundle.message], twins):
        with people.refused(host, InvalidError, "twice"):
            host.commit(adds=adds, now=people.now)
    people.admit(host, "dan")
    pending = host.commit(adds=twins[:1], now=people.now)
    host.merge(pending)
    with people.refused(host, InvalidError, "twice"):
        host.commit(adds=twins[1:], now=people.now)
    # The same person may be put in place of its old leaf, in one Commit.
    host.commit(adds=twins[1:], removes=pending.added, now=people.now)


def test_an_expired_key_package_is_refused(people: Any) -> None:
    host, ann, _ = people.trio()
    bundle = people.bundle("cat")
    later = people.now + 2 * 24 * 3600
    with people.refused(host, InvalidError, "expired"):
        host.commit(adds=[bundle.message], now=later)
    pending = host.commit(adds=[bundle.message], now=people.now)
    with people.refused(ann, InvalidError, "expired"):
        ann.process(pending.message, now=later)


def test_an_external_commit_is_refused(people: Any) -> None:
    host, ann, _ = people.trio()
    for message in people.external_commits(host):
        with people.refused(ann, InvalidError):
            ann.process(message, now=people.now)


def test_an_unknown_psk_is_refused(people: Any) -> None:
    host, ann, _ = people.trio()
    pending = host.commit(psks={b"other": b"secret"}, now=people.now)
    with people.refused(ann, UnknownKeyError, "pre-shared key"):
        ann.process(pending.message, psks=people.psks, now=people.now)
    with people.refused(ann, AuthenticationError, "confirmation tag"):
        ann.process(pending.message, psks={b"other": b"guess"}, now=people.now)


def test_required_capabilities_are_honoured(people: Any) -> None:
    host, ann, bob = people.trio()
    required = {ExtensionType.REQUIRED_CAPABILITIES: RequiredCapabilities((0xF0A0,)).encode()}
    pending = host.commit(extensions={0xF0A0: b"state", **required}, now=people.now)
    host.merge(pending)
    for group in (ann, bob):
        people.follow(group, pending.message)
    people.agree(host, ann, bob)
    plain = new_key_package(SigningKey.generate(), b"cat", now=people.now)
    with people.refused(host, InvalidError):
        host.commit(adds=[plain.message], now=people.now)
    too_much = {ExtensionType.REQUIRED_CAPABILITIES: RequiredCapabilities((0xF0A1,)).encode()}
    for extensions in (too_much, {0xF0A1: b""}):
        with people.refused(host, InvalidError):
            host.commit(extensions=extensions, now=people.now)
    with pytest.raises(InvalidError):
        Group.create(
            group_id=b"g",
            signing_key=SigningKey.generate(),
            identity=b"x",
            extensions=too_much,
            now=people.now,
        )


def test_a_commit_the_group_would_refuse_is_not_built(people: Any) -> None:
    host, _, _ = people.trio()
    for options in (
        {"removes": [host.leaf]},
        {"removes": [9]},
        {"removes": [1, 1]},
        {"proposals": [bytes(32)]},
        {"adds": [b"junk"]},
    ):
        with people.refused(host):
            host.commit(**options, now=people.now)


def test_handshakes_in_the_clear_and_other_objects_are_refused(people: Any) -> None:
    host, ann, _ = people.trio()
    bundle = people.bundle("cat")
    welcome = host.commit(adds=[bundle.message], psks=people.psks, now=people.now).welcome
    for message in (welcome, bundle.message):
        with people.refused(ann, InvalidError, "private messages only"):
            ann.process(message, now=people.now)
    for junk in (b"", b"\x00", bytes(100)):
        with people.refused(ann, MalformedError):
            ann.process(junk, now=people.now)


def test_a_proposal_that_is_invalid_for_itself_is_not_held(people: Any) -> None:
    host, ann, bob = people.trio()
    others = people.state_of(bob).tree.member(bob.leaf)
    for proposal in (Remove(9), ReInit(b"g", 1, 1, {}), ExternalInit(b""), Update(others)):
        with people.refused(ann):
            ann.process(people.forge(host, proposal), now=people.now)
    ann.process(people.forge(host, Remove(2)), now=people.now)


def test_proposals_held_are_bounded(people: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    host, ann, _ = people.trio()
    for leaf in range(3):
        ann.hold(ann.process(host.propose_remove(leaf), now=people.now))
    received = ann.process(host.propose_update(), now=people.now)
    monkeypatch.setattr("e2ee.mls.epoch.MAX_PROPOSALS", 3)
    with people.refused(ann, InvalidError, "too many"):
        ann.hold(received)


def test_a_proposal_that_was_not_held_counts_for_nothing(people: Any) -> None:
    host, ann, _ = people.trio()
    received = host.process(ann.propose_update(), now=people.now)
    with people.refused(host, InvalidError, "not received"):
        host.commit(proposals=[received.reference], now=people.now)
    host.hold(received)
    host.merge(host.commit(proposals=[received.reference], now=people.now))
    with people.refused(host, InvalidError, "another epoch"):
        host.hold(received)


def test_who_proposed_its_own_removal_is_told_apart_from_who_was_removed(people: Any) -> None:
    host, ann, bob = people.trio()
    received = host.process(ann.propose_remove(bob.leaf), now=people.now)
    host.hold(received)
    pending = host.commit(proposals=[received.reference], now=people.now)
    staged = people.follow(ann, pending.message)
    assert [m.leaf for m in staged.removed] == [bob.leaf]
    assert staged.left == frozenset()
