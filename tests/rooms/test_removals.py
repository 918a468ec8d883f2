"""Whom our next Commits remove."""

from __future__ import annotations

import pytest

from e2ee.identity import DeviceIdentity
from e2ee.link import Link, host_hash, room_keys
from rooms.membership import Added, Membership, new_bundles
from rooms.removals import Removals

NOW = 1_800_000_000.0
HOST, ADA = DeviceIdentity.generate(), DeviceIdentity.generate()
LINK = Link("rooms.example", bytes(16), host_hash(HOST.public_blob))
KEYS = room_keys(LINK.secret)


@pytest.fixture
def pair() -> tuple[Membership, Membership]:
    """A host and a member."""
    host = Membership.create(LINK, KEYS, HOST, "Hana", now=NOW)
    bundle = new_bundles(ADA, "Ada", KEYS, now=NOW)[0]
    psks = {KEYS.psk_id: KEYS.psk}
    pending = host.group.commit(adds=[bundle.message], psks=psks, now=int(NOW))
    assert pending.welcome is not None
    member = Membership.enter(pending.welcome, [bundle], LINK, KEYS)
    host.merge(pending, [Added(member.roster.credentials[1], 5)], [])
    return host, member


def test_a_decision_is_due_at_once_and_a_loss_in_time(pair: tuple[Membership, Membership]) -> None:
    host, _ = pair
    removals = Removals(host)
    host.roster[1].leaving = "lost"
    removals.add(1, due=NOW + 60.0, lost=True)
    assert not removals.now_due(NOW)
    assert not removals.decided
    removals.add(1)
    assert set(removals.now_due(NOW)) == {1}


def test_nobody_removes_itself_or_who_is_not_here(pair: tuple[Membership, Membership]) -> None:
    removals = Removals(pair[0])
    removals.add(0)
    removals.add(4)
    assert not removals.dues


def test_who_is_heard_again_is_not_lost(pair: tuple[Membership, Membership]) -> None:
    host, _ = pair
    removals = Removals(host)
    host.roster[1].leaving = "lost"
    removals.add(1, lost=True)
    host.roster[1].is_heard()
    assert not removals.now_due(NOW)
    host.roster[1].leaving = "left"
    host.roster[1].is_heard()
    assert host.roster[1].is_gone


def test_it_is_for_one_person_not_for_a_leaf(pair: tuple[Membership, Membership]) -> None:
    host, _ = pair
    removals = Removals(host)
    removals.add(1)
    assert removals.decided
    host.roster.add(1, host.roster.remove(1).credential)
    assert not removals.now_due(NOW)


def test_attack_somebody_gets_its_place_back_while_it_is_removed(
    pair: tuple[Membership, Membership],
) -> None:
    """By the Commit of another one, which the server took first: what a person decided holds."""
    host, member = pair
    removals = Removals(host)
    removals.add(1)
    under_way = removals.now_due(NOW)
    removals.forget([1])
    psks = {KEYS.psk_id: KEYS.psk}
    (again,) = new_bundles(ADA, "Ada", KEYS, now=NOW, replacing=member.group)
    pending = host.group.commit(adds=[again.message], removes=[1], psks=psks, now=int(NOW))
    host.merge(pending, [Added(host.roster.credentials[1], 6)], [1])
    removals.again(under_way)
    assert set(removals.now_due(NOW)) == {1}
    host.roster[1].leaving = "lost"
    lost = Removals(host)
    lost.add(1, due=NOW + 60.0, lost=True)
    host.roster.add(1, host.roster.remove(1).credential)
    assert not lost.now_due(NOW + 60.0)


def test_a_member_removes_nobody_that_does_not_leave(pair: tuple[Membership, Membership]) -> None:
    host, member = pair
    removals = Removals(member)
    removals.add(0)
    assert not removals.now_due(NOW)
    member.read_proposal(host.propose_leaving().message, now=NOW)
    removals.add(0)
    taken = removals.now_due(NOW)
    assert set(taken) == {0}
    removals.forget([0])
    assert not removals.dues
    removals.again(taken)
    assert set(removals.now_due(NOW)) == {0}
    removals.clear()
    assert not removals.dues
