"""How we come into a room: one participation, one name, one Welcome for each knock."""

from __future__ import annotations

import pytest

from e2ee.identity import DeviceIdentity
from e2ee.link import Link, host_hash, new_secret, room_keys
from e2ee.mls.cipher_suite import SUITES
from rooms import wire
from rooms.entrance import Entrance
from rooms.errors import UntrustedHostError
from rooms.known_people import KnownPeople
from rooms.offers import read_offers
from rooms.policy import Policy
from rooms.returning import Returning

NOW = 1_800_000_000.0


@pytest.fixture
def identity() -> DeviceIdentity:
    return DeviceIdentity.generate()


@pytest.fixture
def link(identity: DeviceIdentity) -> Link:
    return Link("rooms.example", new_secret(), host_hash(identity.public_blob))


def test_every_connection_of_one_participation_has_one_ticket(identity, link) -> None:
    entrance = Entrance(link, identity, "Hana", SUITES)
    opens, knocks = entrance.open(), entrance.knock(NOW)
    assert opens.ticket == knocks.ticket == entrance.ticket
    assert len(entrance.ticket) == 16
    assert entrance.ticket != Entrance(link, identity, "Hana", SUITES).ticket
    assert opens.room == knocks.room == room_keys(link.secret).room_id


def test_the_link_names_its_host_and_nobody_else(identity, link) -> None:
    assert Entrance(link, identity, "Hana", SUITES).is_ours
    assert not Entrance(link, DeviceIdentity.generate(), "Hana", SUITES).is_ours


def test_a_knock_offers_every_suite_under_a_clean_name(identity, link) -> None:
    knock = Entrance(link, identity, "Ha\x1b[2Jna ", SUITES).knock(NOW)
    offers = read_offers(room_keys(link.secret), knock.sealed, now=NOW)
    assert offers.credential.name == "Hana"


def test_a_knock_is_good_for_one_welcome(identity, link) -> None:
    entrance = Entrance(link, DeviceIdentity.generate(), "Ana", SUITES)
    assert not entrance.knocked
    entrance.knock(NOW)
    assert entrance.knocked
    with pytest.raises(UntrustedHostError):
        entrance.enter(b"no welcome", KnownPeople(), None)
    assert not entrance.knocked


def test_whoever_opened_a_room_is_in_it_and_comes_back_by_its_place(identity, link) -> None:
    entrance = Entrance(link, identity, "Hana", SUITES)
    membership = entrance.create(NOW, KnownPeople(), Policy(chat=False))
    assert [person.name for person in membership.roster.participants()] == ["Hana"]
    assert not membership.roster.state.policy.chat
    returning = Returning(membership, NOW, entrance.ticket)
    knock = entrance.come_back(returning, NOW)
    assert isinstance(knock, wire.Knock)
    assert knock.ticket == entrance.ticket
    assert entrance.knocked
