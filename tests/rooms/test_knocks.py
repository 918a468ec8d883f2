"""Knocks that wait: opened once, bounded, and kept from a locked room."""

from __future__ import annotations

import msgspec
import pytest

from e2ee.identity import DeviceIdentity
from e2ee.link import Link, host_hash, room_keys
from e2ee.mls.cipher_suite import CLASSIC
from rooms.errors import PolicyError, SuiteError
from rooms.knocks import MAX_KNOCKS, Knocks
from rooms.membership import Membership, new_bundles
from rooms.offers import seal_offers

NOW = 1_800_000_000.0
HOST = DeviceIdentity.generate()
LINK = Link("rooms.example", bytes(16), host_hash(HOST.public_blob))
KEYS = room_keys(LINK.secret)


@pytest.fixture
def membership() -> Membership:
    return Membership.create(LINK, KEYS, HOST, "Hana", now=NOW)


@pytest.fixture
def knocks(membership: Membership) -> Knocks:
    return Knocks(membership)


def sealed(identity: DeviceIdentity | None = None) -> bytes:
    identity = identity or DeviceIdentity.generate()
    return seal_offers(KEYS, new_bundles(identity, "Ada", KEYS, now=NOW))


def test_a_knock_waits_until_it_is_taken(knocks: Knocks) -> None:
    knocker = knocks.open(2, sealed(), now=NOW)
    assert knocks.waiting == {2: knocker}
    assert knocker.credential.name == "Ada"
    assert knocks.take(2) == knocker
    assert knocks.take(2) is None


def test_knocks_are_bounded(knocks: Knocks) -> None:
    for number in range(2, 2 + MAX_KNOCKS):
        knocks.open(number, sealed(), now=NOW)
    with pytest.raises(PolicyError):
        knocks.open(999, sealed(), now=NOW)


def test_attack_the_server_plays_a_decided_knock_again(knocks: Knocks) -> None:
    knock = sealed()
    knocks.open(2, knock, now=NOW)
    knocks.take(2)
    with pytest.raises(PolicyError, match="twice"):
        knocks.open(3, knock, now=NOW)


def test_attack_endless_knocks_fill_the_memory(
    knocks: Knocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.knocks.MAX_SEEN", 3)
    first = sealed()
    for number, knock in enumerate([first, *(sealed() for _ in range(3))], start=2):
        knocks.open(number, knock, now=NOW)
        knocks.take(number)
    assert knocks.open(9, first, now=NOW)  # the oldest is forgotten, and no more


def test_a_person_is_warned_of_who_lowers_the_keys_only(membership: Membership) -> None:
    knocks = Knocks(membership)
    assert not knocks.warning(knocks.open(2, sealed(), now=NOW))
    bundles = new_bundles(DeviceIdentity.generate(), "Bob", KEYS, now=NOW, suites=[CLASSIC])
    warning = knocks.warning(knocks.open(3, seal_offers(KEYS, bundles), now=NOW))
    assert warning.startswith("Bob cannot do post-quantum keys")


def test_what_was_forgotten_undecided_may_come_again(knocks: Knocks) -> None:
    decided, undecided = sealed(), sealed()
    for number, knock in ((2, decided), (3, undecided)):
        knocks.open(number, knock, now=NOW)
    knocks.take(2)
    knocks.clear()
    assert not knocks.waiting
    assert knocks.open(3, undecided, now=NOW).participant == 3
    with pytest.raises(PolicyError, match="twice"):
        knocks.open(2, decided, now=NOW)


def test_a_locked_room_hears_nobody_but_a_host(knocks: Knocks, membership: Membership) -> None:
    membership.roster.state = msgspec.structs.replace(membership.roster.state, locked=True)
    with pytest.raises(PolicyError, match="locked"):
        knocks.open(2, sealed(), now=NOW)
    assert knocks.open(3, sealed(HOST), now=NOW).credential.public_blob == HOST.public_blob


def test_only_who_can_do_a_possible_suite_waits(membership: Membership) -> None:
    knocks = Knocks(membership, [membership.group.suite])
    old = new_bundles(DeviceIdentity.generate(), "Otto", KEYS, now=NOW, suites=[CLASSIC])
    with pytest.raises(SuiteError, match="Otto cannot be let in"):
        knocks.open(2, seal_offers(KEYS, old), now=NOW)
    assert not knocks.waiting
