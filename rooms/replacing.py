"""Coming back to one's own place: a KeyPackage that says which leaf of the same person it replaces.

The KeyPackage extension `REPLACES` is `u32 leaf || signature`. The signature is made with the MLS
key of the leaf that goes, so only the client that held it comes back by it; and since every client
that comes back has a new key, one that was used is good for nothing more. Pure.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from e2ee.errors import KeysError
from e2ee.identity import Credential
from e2ee.mls.extensions import Extensions
from e2ee.mls.group import Group, Member
from e2ee.sshsig import join_strings
from rooms.errors import PolicyError

REPLACES: Final = 0xF0A1
"""Extension type of a KeyPackage, from the private range (RFC 9420 section 17.3)."""
LABEL: Final = "sottovoce replaces"
"""For SignWithLabel (RFC 9420 section 5.1.2)."""
SIGNATURE_LENGTH: Final = 64


@dataclass(frozen=True, slots=True)
class Place:
    """The leaf that a KeyPackage asks to replace, and the word of its MLS key for that."""

    leaf: int
    signature: bytes

    def encode(self) -> Extensions:
        """Return the KeyPackage extension."""
        return {REPLACES: self.leaf.to_bytes(4, "big") + self.signature}


def place_of(group: Group, new_key: bytes) -> Place:
    """Return our place in a group, for a KeyPackage of ours with the MLS key `new_key`."""
    content = _content(group.group_id, group.leaf, new_key)
    return Place(group.leaf, group.sign(LABEL, content))


def read_place(extensions: Extensions) -> Place | None:
    """Return the place a KeyPackage asks for; None if it asks for none.

    Raises `PolicyError` if it is malformed.
    """
    data = extensions.get(REPLACES)
    if data is None:
        return None
    if len(data) != 4 + SIGNATURE_LENGTH:
        raise PolicyError("a key package asks for a place in no form of ours")
    return Place(int.from_bytes(data[:4], "big"), data[4:])


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
