"""Coming back to one's own place: a KeyPackage that says which leaf of the same person it replaces.

The KeyPackage extension `REPLACES` is up to four times `u32 leaf || signature`, of which one has to
hold. The signature is made with the MLS key of the leaf that goes, so only the client that held it
comes back by it; and since every client that comes back has a new key, one that was used is good
for nothing more. Several, because whoever lost the connection while it came back cannot know
whether its last knock was answered. Pure.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from e2ee.errors import KeysError
from e2ee.identity import Credential
from e2ee.mls.crypto import sign_with_label
from e2ee.mls.extensions import Extensions
from e2ee.mls.group import Group, Member, SigningKey
from e2ee.sshsig import join_strings
from rooms.errors import PolicyError

REPLACES: Final = 0xF0A1
"""Extension type of a KeyPackage, from the private range (RFC 9420 section 17.3)."""
LABEL: Final = "sottovoce replaces"
"""For SignWithLabel (RFC 9420 section 5.1.2)."""
SIGNATURE_LENGTH: Final = 64
MAX_PLACES: Final = 4
"""Most places a KeyPackage asks for: each costs a verification."""
_PLACE_LENGTH: Final = 4 + SIGNATURE_LENGTH


@dataclass(frozen=True, slots=True)
class Place:
    """The leaf that a KeyPackage asks to replace, and the word of its MLS key for that."""

    leaf: int
    signature: bytes


def places_of(
    group: Group, new_key: bytes, *, knocked: Sequence[SigningKey] = ()
) -> tuple[Place, ...]:
    """Return our place in a group, for a KeyPackage of ours with the MLS key `new_key`.

    `knocked` are the keys we knocked with since, the last one last. If such a knock was answered,
    its key has our leaf, or the first one that was free.
    """
    taken, free = {member.leaf for member in group.members}, 0
    while free in taken and free < group.leaf:
        free += 1
    asked = [(group.leaf, group.signing_key)]
    asked += [(leaf, key) for key in reversed(knocked) for leaf in {group.leaf, free}]
    return tuple(
        Place(leaf, sign_with_label(key, LABEL, _content(group.group_id, leaf, new_key)))
        for leaf, key in asked[:MAX_PLACES]
    )


def encode_places(places: Sequence[Place]) -> Extensions:
    """Return the KeyPackage extension."""
    data = b"".join(place.leaf.to_bytes(4, "big") + place.signature for place in places)
    return {REPLACES: data}


def read_places(extensions: Extensions) -> tuple[Place, ...]:
    """Return the places a KeyPackage asks for. Raises `PolicyError` if they are malformed."""
    data = extensions.get(REPLACES)
    if data is None:
        return ()
    count, rest = divmod(len(data), _PLACE_LENGTH)
    if rest or not 1 <= count <= MAX_PLACES:
        raise PolicyError("a key package asks for a place in no form of ours")
    parts = (data[at : at + _PLACE_LENGTH] for at in range(0, len(data), _PLACE_LENGTH))
    return tuple(Place(int.from_bytes(part[:4], "big"), part[4:]) for part in parts)


def check_places(
    places: Sequence[Place],
    new: Credential,
    new_key: bytes,
    *,
    room_id: bytes,
    members: Mapping[int, Member],
    people: Mapping[int, Credential],
) -> int:
    """Return the leaf of the first place that `check_place` lets through.

    Raises `PolicyError` if there is none.
    """
    error = PolicyError("a key package asks for no place")
    for place in places:
        try:
            check_place(place, new, new_key, room_id=room_id, members=members, people=people)
        except PolicyError as refused:
            error = refused
        else:
            return place.leaf
    raise error


def check_place(
    place: Place,
    new: Credential,
    new_key: bytes,
    *,
    room_id: bytes,
    members: Mapping[int, Member],
    people: Mapping[int, Credential],
) -> None:
    """Check that a place is in the group, that of the same identity and name, and given up for it.

    `new_key` is the MLS signature key that comes, `members` and `people` are those of the group.
    Raises `PolicyError`.
    """
    member, person = members.get(place.leaf), people.get(place.leaf)
    if member is None or person is None:
        raise PolicyError("somebody asks for a place that is not in the room")
    if not hmac.compare_digest(person.public_blob, new.public_blob):
        raise PolicyError("somebody asks for the place of somebody else")
    if person.name != new.name:  # nobody is asked, and somebody admitted this name
        raise PolicyError("somebody asks for a place under another name")
    try:
        member.verify(LABEL, _content(room_id, place.leaf, new_key), place.signature)
    except KeysError as error:
        raise PolicyError("somebody asks for a place that was not given up for it") from error


def _content(room_id: bytes, leaf: int, new_key: bytes) -> bytes:
    return join_strings(room_id, leaf.to_bytes(4, "big"), new_key)
