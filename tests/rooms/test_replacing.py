"""Asking for one's own place again: who may, and who may not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from e2ee.identity import DeviceIdentity
from e2ee.link import room_keys
from e2ee.mls.group import Group, Member, SigningKey
from rooms.errors import PolicyError
from rooms.policy import ROOM_STATE, read_person
from rooms.replacing import (
    MAX_PLACES,
    REPLACES,
    Place,
    check_place,
    check_places,
    encode_places,
    places_of,
    read_places,
)

NOW = 1_800_000_000
KEYS = room_keys(bytes(16))


class Holder:
    """Somebody alone in a group, who lost the connection and has a new MLS key."""

    def __init__(self) -> None:
        self.identity, key = DeviceIdentity.generate(), SigningKey.generate()
        self.group = Group.create(
            group_id=KEYS.room_id,
            signing_key=key,
            identity=self.identity.prove(key.public, KEYS.room_id, "Ada"),
            extensions={ROOM_STATE: b"state"},
            now=NOW,
        )
        self.new_key = SigningKey.generate().public

    @property
    def members(self) -> dict[int, Member]:
        return {member.leaf: member for member in self.group.members}

    def check(
        self,
        place: Place,
        *,
        identity: DeviceIdentity | None = None,
        new_key: bytes = b"",
        room_id: bytes = KEYS.room_id,
        name: str = "Ada",
    ) -> None:
        key = SigningKey.generate()
        credential = (identity or self.identity).prove(key.public, KEYS.room_id, name)
        new = read_person(Member(0, credential, key.public), KEYS.room_id)
        people = {leaf: read_person(who, KEYS.room_id) for leaf, who in self.members.items()}
        check_place(
            place,
            new,
            new_key or self.new_key,
            room_id=room_id,
            members=self.members,
            people=people,
        )


@pytest.fixture
def holder() -> Holder:
    return Holder()


def place_of(group: Group, new_key: bytes) -> Place:
    (place,) = places_of(group, new_key)
    return place


def test_who_held_a_place_may_have_it_back(holder: Holder) -> None:
    (place,) = read_places(encode_places(places_of(holder.group, holder.new_key)))
    assert place.leaf == 0
    holder.check(place)


def test_one_of_several_places_is_enough(holder: Holder) -> None:
    """The knock before was answered, and its Welcome got lost: our leaf has that knock's key."""
    before = Holder()
    places = places_of(before.group, holder.new_key, knocked=[holder.group.signing_key])
    assert [place.leaf for place in places] == [0, 0]
    key = SigningKey.generate()
    new = read_person(
        Member(0, holder.identity.prove(key.public, KEYS.room_id, "Ada"), key.public), KEYS.room_id
    )
    people = {leaf: read_person(who, KEYS.room_id) for leaf, who in holder.members.items()}
    given = {"room_id": KEYS.room_id, "members": holder.members, "people": people}
    assert check_places(read_places(encode_places(places)), new, holder.new_key, **given) == 0
    for none in (places[:1], ()):
        with pytest.raises(PolicyError):
            check_places(none, new, holder.new_key, **given)


def test_places_asked_for_are_few(holder: Holder) -> None:
    knocked = [SigningKey.generate() for _ in range(9)]
    places = places_of(holder.group, holder.new_key, knocked=knocked)
    assert len(places) == MAX_PLACES
    assert read_places(encode_places(places)) == places


def test_attack_the_place_of_another_identity(holder: Holder) -> None:
    place = place_of(holder.group, holder.new_key)
    with pytest.raises(PolicyError, match="somebody else"):
        holder.check(place, identity=DeviceIdentity.generate())


def test_attack_somebody_comes_back_by_the_name_of_another(holder: Holder) -> None:
    place = place_of(holder.group, holder.new_key)
    with pytest.raises(PolicyError, match="another name"):
        holder.check(place, name="Hana")


def test_attack_a_place_that_is_not_in_the_group(holder: Holder) -> None:
    place = place_of(holder.group, holder.new_key)
    with pytest.raises(PolicyError, match="not in the room"):
        holder.check(Place(1, place.signature))


def test_attack_a_stolen_identity_key_takes_the_place_of_a_running_client(holder: Holder) -> None:
    thief = Holder()
    with pytest.raises(PolicyError, match="not given up"):
        holder.check(place_of(thief.group, holder.new_key))


def test_attack_a_place_given_up_for_one_key_is_taken_with_another(holder: Holder) -> None:
    place = place_of(holder.group, holder.new_key)
    with pytest.raises(PolicyError, match="not given up"):
        holder.check(place, new_key=SigningKey.generate().public)
    with pytest.raises(PolicyError, match="not given up"):
        holder.check(place, room_id=bytes(16))


@pytest.mark.parametrize("data", [b"", bytes(4), bytes(67), bytes(69), bytes(5 * 68)])
def test_what_is_no_place_is_refused(data: bytes) -> None:
    with pytest.raises(PolicyError, match="no form of ours"):
        read_places({REPLACES: data})


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=80))
def test_whatever_bytes_come_as_a_place_only_our_error_escapes(data: bytes) -> None:
    holder = Holder()
    try:
        (place,) = read_places({REPLACES: data})
    except PolicyError:
        return
    with pytest.raises(PolicyError):
        holder.check(place)


def test_a_key_package_need_not_ask_for_a_place() -> None:
    assert read_places({}) == ()
