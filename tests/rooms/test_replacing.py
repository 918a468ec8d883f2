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
from rooms.replacing import REPLACES, Place, check_place, place_of, read_place

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


def test_who_held_a_place_may_have_it_back(holder: Holder) -> None:
    place = read_place(place_of(holder.group, holder.new_key).encode())
    assert place is not None
    assert place.leaf == 0
    holder.check(place)


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


@pytest.mark.parametrize("data", [b"", bytes(4), bytes(67), bytes(69)])
def test_what_is_no_place_is_refused(data: bytes) -> None:
    with pytest.raises(PolicyError, match="no form of ours"):
        read_place({REPLACES: data})


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=80))
def test_whatever_bytes_come_as_a_place_only_our_error_escapes(data: bytes) -> None:
    holder = Holder()
    try:
        place = read_place({REPLACES: data})
    except PolicyError:
        return
    assert place is not None
    with pytest.raises(PolicyError):
        holder.check(place)


def test_a_key_package_need_not_ask_for_a_place() -> None:
    assert read_place({}) is None
