"""Epochs follow one another: random histories in which everybody who is in agrees, and the bounds
of what one epoch takes."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from e2ee.errors import AuthenticationError, InvalidError, KeysError, UnknownKeyError
from e2ee.mls.constants import HASH_LENGTH
from e2ee.mls.epoch import Member, Transition
from e2ee.mls.group import Group, StagedCommit


def test_an_epoch_shows_no_secret(people: Any) -> None:
    host, ann, _ = people.trio()
    ann.process(host.protect(b"x"), now=people.now)
    host.propose_update()
    for group in (host, ann):
        state = people.state_of(group)
        secrets = [
            state.signing_key.private,
            *state.private.keys.values(),
            *(getattr(state.secrets, name) for name in state.secrets.__dataclass_fields__),
            *state.keys.secrets.values(),
            *(ratchet.secret for ratchet in state.keys.ratchets.values()),
            *state.updates.values(),
        ]
        shown = repr(state)
        assert not [secret for secret in secrets if repr(secret)[2:-1] in shown]


def test_the_encryption_secret_does_not_outlive_the_start_of_an_epoch(people: Any) -> None:
    host, _, _ = people.trio()
    context = people.state_of(host).context
    start = Transition.from_joiner(context, bytes(range(32)), ())
    epoch = start.begin(people.state_of(host).tree, people.state_of(host).private, None)
    encryption_secret = start.schedule.encryption_secret
    assert set(epoch.keys.secrets.values()) == {encryption_secret}
    # Once every member has spoken nothing is left that leads to a used key.
    keys = epoch.keys
    for leaf in range(keys.width):
        keys = keys._with_ratchets_of(leaf)
    assert repr(encryption_secret).encode() not in people.encode(replace(epoch, keys=keys))


def test_a_confirmation_tag_is_needed_and_has_to_fit(people: Any) -> None:
    host, _, _ = people.trio()
    start = Transition.from_joiner(people.state_of(host).context, bytes(HASH_LENGTH), ())
    start.check(start.confirmation_tag)
    for tag in (None, b"", bytes(32), start.confirmation_tag[:-1]):
        with pytest.raises(AuthenticationError):
            start.check(tag)


def test_a_message_of_another_epoch_or_group_is_not_opened(people: Any) -> None:
    host, ann, _ = people.trio()
    message = people.private(host.protect(b"x"))
    state = people.state_of(ann)
    for change in ({"epoch": 0}, {"epoch": 2}, {"group_id": b"other"}):
        with pytest.raises(UnknownKeyError):
            state.open(replace(message, **change))


def test_opening_a_message_leaves_the_epoch_as_it_was(people: Any) -> None:
    host, ann, _ = people.trio()
    state, before = people.state_of(ann), people.snapshot(ann)
    _, after = state.open(people.private(host.protect(b"x")))
    assert people.snapshot(ann) == before
    assert people.encode(after) != before


def test_members_are_listed_by_leaf(people: Any) -> None:
    host, ann, bob = people.trio()
    expected = [
        Member(leaf, name, people.state_of(group).signing_key.public)
        for leaf, (name, group) in enumerate([(b"host", host), (b"ann", ann), (b"bob", bob)])
    ]
    assert list(people.state_of(ann).members) == expected


def test_an_epoch_without_us_has_no_keys_of_ours(people: Any) -> None:
    host, ann, _ = people.trio()
    with pytest.raises(InvalidError):
        people.state_of(ann).keys_in(people.state_of(host).tree.without(ann.leaf))


class History:
    """Groups that live through random events; all who are in agree after every one."""

    def __init__(self, people: Any, seed: int) -> None:
        self.people, self.random = people, Random(seed)
        self.groups: list[Group] = [people.found("p0")]
        self.gone: list[Group] = []
        self.count = 1

    def step(self) -> None:
        author = self.random.choice(self.groups)
        adds, removes, options = self.plan(author)
        bundles = [self.people.bundle(f"p{self.count + i}") for i in range(adds)]
        self.count += adds
        pending = author.commit(
            adds=[b.message for b in bundles],
            removes=[g.leaf for g in removes],
            psks=self.people.psks,
            now=self.people.now,
            **options,
        )
        for group in self.groups:
            if group is author:
                group.merge(pending)
            elif group in removes:
                staged = group.process(pending.message, psks=self.people.psks, now=self.people.now)
                assert isinstance(staged, StagedCommit)
                assert staged.removes_me
            else:
                self.people.follow(group, pending.message)
        self.groups = [g for g in self.groups if g not in removes]
        self.gone += removes
        for bundle in bundles:
            assert pending.welcome is not None
            psks = self.people.psks
            joined = Group.join(pending.welcome, bundle, psks=psks, required_psk=b"link")
            self.groups.append(joined)
        self.check(author)

    def plan(self, author: Group) -> tuple[int, list[Group], dict[str, Any]]:
        others = [g for g in self.groups if g is not author]
        removes = self.random.sample(others, min(len(others), self.random.choice((0, 0, 1, 1, 3))))
        room = 20 - len(self.groups) + len(removes)
        adds = min(room, self.random.choice((0, 1, 1, 2, 5)))
        options: dict[str, Any] = {"path": self.random.random() < 0.5}
        if self.random.random() < 0.2:
            options["extensions"] = {0xF0A0: self.random.randbytes(8)}
        return adds, removes, options

    def check(self, author: Group) -> None:
        self.people.agree(*self.groups)
        assert 1 <= len(self.groups) == len(author.members) <= 20
        message = author.protect(b"hello")
        for group in self.groups:
            if group is not author:
                assert group.process(message, now=self.people.now).plaintext == b"hello"
        for group in self.gone:
            with pytest.raises(KeysError):
                group.process(message, now=self.people.now)


@pytest.mark.parametrize("seed", range(3))
def test_random_histories_of_up_to_twenty_members(people: Any, seed: int) -> None:
    history = History(people, seed)
    for _ in range(15):
        history.step()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 120))
def test_long_random_histories(people: Any, seed: int) -> None:
    history = History(people, seed)
    for _ in range(60):
        history.step()
