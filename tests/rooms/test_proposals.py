"""Which Proposals are held, and what a Commit names of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from e2ee.errors import InvalidError
from e2ee.identity import DeviceIdentity
from e2ee.link import room_keys
from e2ee.mls.credential import Credential
from e2ee.mls.group import Group, ReceivedProposal
from e2ee.mls.key_package import new_key_package
from e2ee.mls.proposals import Update
from rooms.errors import PolicyError
from rooms.proposals import HeldProposals

NOW = 1_800_000_000
KEYS = room_keys(bytes(16))
PSKS = {KEYS.psk_id: KEYS.psk}


class Three:
    """A host and two others in one group, and what the host holds."""

    def __init__(self) -> None:
        key, credential = DeviceIdentity.generate().proven_key(KEYS.room_id, "Hana")
        self.host = Group.create(
            group_id=KEYS.room_id, signing_key=key, identity=credential, extensions={}, now=NOW
        )
        bundles = []
        for name in ("Ada", "Bob"):
            key, credential = DeviceIdentity.generate().proven_key(KEYS.room_id, name)
            bundles.append(new_key_package(key, credential, now=NOW))
        adds = [bundle.message for bundle in bundles]
        pending = self.host.commit(adds=adds, psks=PSKS, now=NOW)
        assert pending.welcome is not None
        self.host.merge(pending)
        self.ada, self.bob = (
            Group.join(pending.welcome, bundle, psks=PSKS, required_psk=KEYS.psk_id)
            for bundle in bundles
        )
        self.held = HeldProposals()

    def receive(self, message: bytes) -> ReceivedProposal:
        received = self.host.process(message, now=NOW)
        assert isinstance(received, ReceivedProposal)
        return received

    def hold(self, message: bytes) -> bytes:
        received = self.receive(message)
        self.held.hold(received, self.host)
        return received.reference


@pytest.fixture
def three() -> Three:
    return Three()


def test_updates_and_goodbyes_are_named_by_the_next_commit(three: Three) -> None:
    update = three.hold(three.ada.propose_update())
    leaving = three.hold(three.bob.propose_remove(2))
    named, removes = three.held.references([2])
    assert (set(named), removes) == ({update, leaving}, ())
    pending = three.host.commit(proposals=named, removes=removes, now=NOW)
    three.host.merge(pending)
    assert [member.leaf for member in three.host.members] == [0, 1]


def test_who_is_removed_is_neither_updated_nor_removed_twice(three: Three) -> None:
    three.hold(three.ada.propose_update())
    named, removes = three.held.references([1])
    assert (named, removes) == ((), (1,))
    three.host.merge(three.host.commit(proposals=named, removes=removes, now=NOW))


def test_attack_a_member_proposes_to_remove_or_to_add_somebody(three: Three) -> None:
    received = three.receive(three.ada.propose_remove(2))
    with pytest.raises(PolicyError, match="none may propose"):
        three.held.hold(received, three.host)
    with pytest.raises(InvalidError):
        three.host.commit(proposals=[received.reference], now=NOW)
    assert (dict(three.held.updates), dict(three.held.leaving)) == ({}, {})


def test_attack_a_member_fills_the_list_of_proposals_up(three: Three) -> None:
    first = three.hold(three.ada.propose_update())
    for _ in range(3):
        received = three.receive(three.ada.propose_update())
        with pytest.raises(PolicyError, match="twice"):
            three.held.hold(received, three.host)
    assert three.held.updates == {1: first}


def test_attack_an_update_takes_another_name(three: Three) -> None:
    _, credential = DeviceIdentity.generate().proven_key(KEYS.room_id, "Hana")
    stolen = three.receive(renamed(three.ada, credential))
    with pytest.raises(PolicyError, match="changes who"):
        three.held.hold(stolen, three.host)


def renamed(group: Group, identity: bytes) -> bytes:
    """An Update of a member that says it is somebody else."""
    state = group._state
    own = state.context.suite.generate_key_pair()
    leaf = replace(
        state.tree.member(state.leaf).for_update(own.public), credential=Credential(identity)
    )
    leaf = leaf.signed(state.signing_key, state.context.group_id, state.leaf)
    return group._propose(Update(leaf), state)


def test_a_proposal_of_an_epoch_that_is_over_is_not_held(three: Three) -> None:
    late = three.receive(three.ada.propose_update())
    three.host.merge(three.host.commit(path=True, now=NOW))
    with pytest.raises(InvalidError, match="another epoch"):
        three.held.hold(late, three.host)
    assert dict(three.held.updates) == {}
