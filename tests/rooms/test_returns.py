"""Whose place is given back, when, and by whom it is forgotten."""

from __future__ import annotations

import pytest

from e2ee.identity import DeviceIdentity
from e2ee.link import Link, host_hash, room_keys
from rooms.knocks import Knocks
from rooms.membership import Added, Membership, new_bundles
from rooms.offers import seal_offers
from rooms.removals import Removals
from rooms.returns import MAX_TRIES, Returns

NOW = 1_800_000_000.0
HOST = DeviceIdentity.generate()
LINK = Link("rooms.example", bytes(16), host_hash(HOST.public_blob))
KEYS = room_keys(LINK.secret)


class Room:
    """A host, and Ada who was let in and knocks again with number 7."""

    def __init__(self) -> None:
        self.host = Membership.create(LINK, KEYS, HOST, "Hana", now=NOW)
        ada = DeviceIdentity.generate()
        bundle = new_bundles(ada, "Ada", KEYS, now=NOW)[0]
        pending = self.host.group.commit(
            adds=[bundle.message], psks={KEYS.psk_id: KEYS.psk}, now=int(NOW)
        )
        assert pending.welcome is not None
        guest = Membership.enter(pending.welcome, [bundle], LINK, KEYS)
        self.host.merge(pending, [Added(guest.roster.credentials[1], 5)], [])
        self.knocks = Knocks(self.host)
        self.returns = Returns(self.knocks)
        self.removals = Removals(self.host)
        again = new_bundles(ada, "Ada", KEYS, now=NOW, replacing=guest.group)
        self.knocker = self.knocks.open(7, seal_offers(KEYS, again), now=NOW)

    @property
    def members(self) -> list[bytes]:
        return [member.signature_key for member in self.host.group.members]


@pytest.fixture
def room() -> Room:
    return Room()


def test_a_place_is_given_back_in_our_turn(room: Room) -> None:
    assert room.returns.take(7, due=NOW + 4.0)
    assert (room.returns.knockers, room.returns.dues) == ([room.knocker], [NOW + 4.0])
    assert not room.knocks.waiting
    assert not room.returns.now_due(NOW + 3.9, room.members, room.removals)
    assert set(room.returns.now_due(NOW + 4.0, room.members, room.removals)) == {7}


def test_whoever_asks_for_no_place_of_here_is_a_knock_as_any_other(room: Room) -> None:
    stranger = new_bundles(DeviceIdentity.generate(), "Eve", KEYS, now=NOW)
    room.knocks.open(8, seal_offers(KEYS, stranger), now=NOW)
    assert not room.returns.take(8, due=NOW)
    assert not room.returns.take(9, due=NOW)
    assert 8 in room.knocks.waiting


def test_who_is_back_by_another_ones_commit_is_forgotten(room: Room) -> None:
    room.returns.take(7, due=NOW)
    assert not room.returns.now_due(NOW, [*room.members, room.knocker.signature_key], room.removals)
    assert not room.returns.knockers


def test_who_was_removed_meanwhile_is_asked_about(room: Room) -> None:
    room.returns.take(7, due=NOW)
    pending = room.host.group.commit(removes=[1], now=int(NOW))
    room.host.merge(pending, [], [1])
    assert not room.returns.now_due(NOW, room.members, room.removals)
    assert room.returns.strangers == [room.knocker]
    assert room.knocks.waiting == {7: room.knocker}


def test_attack_somebody_comes_back_before_it_is_removed(room: Room) -> None:
    room.returns.take(7, due=NOW)
    room.removals.add(1, due=NOW + 60.0, lost=True)
    assert set(room.returns.now_due(NOW, room.members, room.removals)) == {7}
    room.removals.add(1)
    assert not room.returns.now_due(NOW, room.members, room.removals)
    assert room.returns.strangers == [room.knocker]


def test_it_is_not_tried_for_ever(room: Room) -> None:
    room.returns.take(7, due=NOW)
    tries = 0
    for _ in range(2 * MAX_TRIES):
        for item in room.returns.now_due(NOW, room.members, room.removals).values():
            tries += 1
            room.returns.forget([7])
            room.returns.again(item, due=NOW)
    assert tries == 1 + MAX_TRIES
    assert not room.returns.knockers


def test_with_the_connection_all_are_forgotten(room: Room) -> None:
    room.returns.take(7, due=NOW)
    room.returns.clear()
    assert not room.returns.knockers
