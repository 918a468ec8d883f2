"""Who can be let in of those who were admitted. Suites and sizes are in test_hosting."""

from __future__ import annotations

import pytest

from e2ee.identity import DeviceIdentity
from e2ee.link import Link, host_hash, room_keys
from rooms import admissions
from rooms.admissions import room_full, settle
from rooms.errors import RoomFullError
from rooms.knocks import Knocks
from rooms.membership import Membership, new_bundles
from rooms.offers import seal_offers

NOW = 1_800_000_000.0
HOST = DeviceIdentity.generate()
LINK = Link("rooms.example", bytes(16), host_hash(HOST.public_blob))
KEYS = room_keys(LINK.secret)


@pytest.fixture
def membership() -> Membership:
    return Membership.create(LINK, KEYS, HOST, "Hana", now=NOW)


def test_a_lock_keeps_all_out_but_a_host(membership: Membership) -> None:
    knocks = Knocks(membership)
    people = [
        knocks.open(number, seal_offers(KEYS, new_bundles(who, name, KEYS, now=NOW)), now=NOW)
        for number, who, name in ((2, HOST, "Hana"), (3, DeviceIdentity.generate(), "Ada"))
    ]
    assert settle(people, membership, knocks, locked=False, now=NOW) == (people, [])
    kept, dropped = settle(people, membership, knocks, locked=True, now=NOW)
    assert kept == people[:1]
    assert [(who, "locked" in why.message) for who, why in dropped] == [(people[1], True)]


def test_who_does_not_fit_is_told_that_the_room_is_full(
    membership: Membership, monkeypatch
) -> None:
    knocks = Knocks(membership)
    sealed = seal_offers(KEYS, new_bundles(DeviceIdentity.generate(), "Ada", KEYS, now=NOW))
    ada = knocks.open(2, sealed, now=NOW)
    monkeypatch.setattr(admissions, "room_for", lambda *_: 0)
    kept, dropped = settle([ada], membership, knocks, locked=False, now=NOW)
    assert (kept, dropped[0][0]) == ([], ada)
    assert isinstance(dropped[0][1], RoomFullError)
    assert "more than 1" in room_full(membership).message
