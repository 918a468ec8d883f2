"""Who may do what in a room, and the check every client makes of every Commit, whoever sent it.

The roles live in a GroupContext extension (RFC 9420 section 13.4), so everybody in an epoch agrees
on them. Nothing here asks the server. Pure.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec

from e2ee.appointment import check_appointment
from e2ee.errors import KeysError
from e2ee.identity import Credential, read_credential
from e2ee.link import host_hash
from e2ee.mls.group import Member, StagedCommit
from rooms.errors import PolicyError
from rooms.events import Role
from rooms.replacing import check_places, read_places

ROOM_STATE: Final = 0xF0A0
"""Extension type of the room state, from the private range (RFC 9420 section 17.3)."""
MAX_STATE: Final = 24 * 1024
"""Largest encoded room state, bytes: as many hosts and cohosts as may be, all with RSA-4096."""
MAX_COHOSTS: Final = 8

IdentityBlob = Annotated[bytes, msgspec.Meta(min_length=1, max_length=1024)]
Proof = Annotated[bytes, msgspec.Meta(min_length=1, max_length=2048)]


class Appointment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One cohost by its identity blob, with the host's proof (`e2ee.appointment`)."""

    blob: IdentityBlob
    proof: Proof


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What plain members may do, beside hosts and cohosts, who always may."""

    recording: bool = True
    ai: bool = False
    chat: bool = True
    share: bool = True
    stage: bool = False


class RoomState(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The roles and rules of a room; only hosts and cohosts may change them.

    People are named by their identity keys (SSH public key blobs). `locked`: nobody is added.
    """

    hosts: Annotated[tuple[IdentityBlob, ...], msgspec.Meta(min_length=1, max_length=8)]
    cohosts: Annotated[tuple[Appointment, ...], msgspec.Meta(max_length=MAX_COHOSTS)] = ()
    locked: bool = False
    policy: Policy = Policy()

    def role(self, public_blob: bytes) -> Role:
        """Return the role of whoever holds an identity key."""
        if public_blob in self.hosts:
            return "host"
        appointed = any(appointment.blob == public_blob for appointment in self.cohosts)
        return "cohost" if appointed else "member"

    @property
    def keepers(self) -> Iterable[bytes]:
        """The identity keys of hosts and cohosts."""
        return (*self.hosts, *(appointment.blob for appointment in self.cohosts))

    def encode(self) -> bytes:
        """Return the extension's content (msgpack). Raises `PolicyError` if it is too large."""
        data = _encoder.encode(self)
        if len(data) > MAX_STATE:
            raise PolicyError("the room has too many cohosts", hint="dismiss one first")
        return data


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(RoomState)


def read_state(extensions: Mapping[int, bytes]) -> RoomState:
    """Return the room state of a group. Raises `PolicyError` if it is missing or malformed."""
    data = extensions.get(ROOM_STATE, b"")
    if not 0 < len(data) <= MAX_STATE:
        raise PolicyError("the group carries no room state")
    try:
        return _decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise PolicyError("the group's room state is malformed") from None


def check_roles(state: RoomState, room_id: bytes, link_host: bytes) -> None:
    """Check that everybody has its role from the link's host. Raises `PolicyError`.

    Nothing proves another host to somebody who joins, so there is none: else whoever may welcome
    people, as a cohost does, could be host to them.
    """
    if not all(is_link_host(blob, link_host) for blob in state.hosts):
        raise PolicyError("somebody is host whom the link does not name")
    check_appointments(state, room_id, link_host)


def check_appointments(state: RoomState, room_id: bytes, link_host: bytes) -> None:
    """Check every cohost's proof, from the hash in the link down. Raises `PolicyError`."""
    for cohost in state.cohosts:
        try:
            check_appointment(
                cohost.proof, room_id=room_id, cohost=cohost.blob, expected_host=link_host
            )
        except KeysError as error:
            raise PolicyError(f"a cohost was not appointed: {error.message}") from error


def is_link_host(public_blob: bytes, expected: bytes) -> bool:
    """Whether an identity key is the one whose 16 byte hash the link names."""
    return hmac.compare_digest(host_hash(public_blob), expected)


@dataclass(frozen=True, slots=True)
class Room:
    """What a Commit is checked against: the epoch it builds on, as we hold it.

    `people` are the verified credentials by leaf, `members` the leaves they were verified for.
    `link_host` is the hash in the link.
    """

    room_id: bytes
    psk_id: bytes
    link_host: bytes
    state: RoomState
    people: Mapping[int, Credential]
    members: Sequence[Member]
    extensions: Mapping[int, bytes]


@dataclass(frozen=True, slots=True)
class AgreedCommit:
    """A Commit that the room's rules allow; the only kind that is applied."""

    staged: StagedCommit
    state: RoomState
    added: Mapping[int, Credential]


def check(staged: StagedCommit, room: Room) -> AgreedCommit:
    """Return the Commit as agreed. Raises `PolicyError`; nothing has changed then."""
    sender = room.people.get(staged.sender)
    if sender is None:
        raise PolicyError("a Commit comes from somebody who is not in the room")
    role = room.state.role(sender.public_blob)
    _check_psks(staged, room)
    _check_same_people(staged, room)
    added = _read_added(staged.added, room.room_id)
    back = _replaced(staged, room, added)
    if role == "member":
        _check_nobody_new(staged, room, back)
        return AgreedCommit(staged, room.state, added)
    state = _new_state(staged, room, sender)
    _check_lock(state, [who for leaf, who in added.items() if leaf not in back])
    if role != "host":
        _check_hosts_stay(staged, room, added.values())
    return AgreedCommit(staged, state, added)


def read_person(member: Member, room_id: bytes) -> Credential:
    """Verify a member's credential for its MLS key and this room. Raises `PolicyError`."""
    try:
        return read_credential(member.identity, signature_key=member.signature_key, room_id=room_id)
    except KeysError as error:
        raise PolicyError(f"a participant's identity does not verify: {error.message}") from error


def _check_psks(staged: StagedCommit, room: Room) -> None:
    if any(psk_id != room.psk_id for psk_id in staged.psk_ids):
        raise PolicyError("a Commit brings in a secret that is not the link's")
    if staged.added and not staged.psk_ids:
        raise PolicyError("a Commit adds somebody without proof of the link")


def _check_same_people(staged: StagedCommit, room: Room) -> None:
    """Refuse another identity or signature key at a leaf that stays: MLS itself would take it."""
    if staged.next is None:
        return
    removed = {member.leaf for member in staged.removed}
    stay = {member for member in room.members if member.leaf not in removed}
    if not stay <= set(staged.next.members):
        raise PolicyError("a Commit changes who a participant is")


def _replaced(
    staged: StagedCommit, room: Room, added: Mapping[int, Credential]
) -> Mapping[int, int]:
    """Return who comes back: the leaf added, and the one of the same identity that goes for it."""
    removed, back = {member.leaf for member in staged.removed}, dict[int, int]()
    members = {member.leaf: member for member in room.members}
    for member in staged.added:
        try:
            places = read_places(staged.offered[member.leaf])
            back[member.leaf] = check_places(
                [place for place in places if place.leaf in removed],
                added[member.leaf],
                member.signature_key,
                room_id=room.room_id,
                members=members,
                people=room.people,
            )
        except PolicyError:
            continue
    return back


def _check_nobody_new(staged: StagedCommit, room: Room, back: Mapping[int, int]) -> None:
    """Refuse what a member may not commit.

    It may renew keys, its own and by others' proposals, take out who proposed to go, and give back
    their place to those who lost the connection. None of it lets in, puts out or changes anything.
    """
    if not len(staged.added) == len(back) == len(set(back.values())):
        raise PolicyError("a Commit by somebody who is no host adds participants")
    if staged.psk_ids and not staged.added:
        raise PolicyError("a Commit by somebody who is no host brings in a secret")
    gone = {member.leaf for member in staged.removed} - staged.left
    if gone - set(back.values()):
        raise PolicyError("a Commit by somebody who is no host removes participants")
    if dict(staged.extensions) != dict(room.extensions):
        raise PolicyError("a Commit by somebody who is no host changes the room")


def _check_lock(state: RoomState, added: Iterable[Credential]) -> None:
    """A locked room takes nobody new but a host: it could not be unlocked else."""
    if state.locked and any(state.role(who.public_blob) != "host" for who in added):
        raise PolicyError("a Commit adds somebody to a locked room")


def _check_hosts_stay(staged: StagedCommit, room: Room, added: Iterable[Credential]) -> None:
    """A cohost may take a host's leaf only to give the same identity another one: it came back.

    Or if the host itself proposed it: it goes.
    """
    removed = {
        room.people[member.leaf].public_blob
        for member in staged.removed
        if member.leaf in room.people and member.leaf not in staged.left
    }
    if removed.intersection(room.state.hosts) - {who.public_blob for who in added}:
        raise PolicyError("a cohost's Commit removes a host")


def _new_state(staged: StagedCommit, room: Room, sender: Credential) -> RoomState:
    changed = {
        kind
        for kind in staged.extensions.keys() | room.extensions.keys()
        if staged.extensions.get(kind) != room.extensions.get(kind)
    }
    if changed - {ROOM_STATE}:
        raise PolicyError("a Commit changes what is not the room's state")
    state = read_state(staged.extensions)
    if (state.hosts, state.cohosts) != (room.state.hosts, room.state.cohosts):
        if not is_link_host(sender.public_blob, room.link_host):
            raise PolicyError("a Commit by somebody else than the link's host changes roles")
        if sender.public_blob not in state.hosts:
            raise PolicyError("a Commit takes the link's host its role")
        check_roles(state, room.room_id, room.link_host)
    return state


def _read_added(added: tuple[Member, ...], room_id: bytes) -> dict[int, Credential]:
    return {member.leaf: read_person(member, room_id) for member in added}
