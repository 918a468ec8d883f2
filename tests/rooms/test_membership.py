"""Our place in the room's group. What hostile servers try is in test_protocol."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from e2ee.errors import KeysError, UnknownKeyError
from e2ee.identity import MAX_NAME, DeviceIdentity
from e2ee.link import Link, host_hash, new_secret, room_keys
from e2ee.lobby import seal_knock
from e2ee.mls.group import Group
from e2ee.mls.key_package import KeyPackageBundle
from rooms import wire
from rooms.errors import RoomsError, UntrustedHostError, WireError
from rooms.member_wire import Goodbye, Presence
from rooms.membership import Added, Change, Membership, new_bundles
from rooms.policy import ROOM_STATE, Appointment, RoomState

NOW = 1_800_000_000.0


@dataclass
class Pair:
    """A host and one it admitted."""

    link: Link
    host: Membership
    guest: Membership
    change: Change
    ada: DeviceIdentity


@pytest.fixture
def pair() -> Pair:
    identity = DeviceIdentity.generate()
    link = Link("rooms.example", new_secret(), host_hash(identity.public_blob))
    keys = room_keys(link.secret)
    host = Membership.create(link, keys, identity, "Hana", now=NOW)
    guest_identity = DeviceIdentity.generate()
    bundle = new_bundles(guest_identity, "Ada", keys, now=NOW)[0]
    pending = host.group.commit(adds=[bundle.message], psks={keys.psk_id: keys.psk}, now=int(NOW))
    assert pending.welcome is not None
    guest = Membership.enter(pending.welcome, [bundle], link, keys)
    credential = guest.roster.credentials[guest.group.leaf]
    change = host.merge(pending, [Added(credential, 5)], [])
    return Pair(link, host, guest, change, guest_identity)


def test_both_hold_the_same_room(pair: Pair) -> None:
    assert pair.host.roster.participants()[1].name == "Ada"
    assert pair.guest.roster.participants()[0].role == "host"
    assert pair.host.media_key(0.0).base_key == pair.guest.media_key(0.0).base_key
    assert pair.guest.media_key(0.0).members == {0, 1}


def test_who_signed_the_welcome_is_known_in_that_epoch(pair: Pair) -> None:
    assert (pair.guest.group.welcomed_by, pair.host.group.welcomed_by) == (0, None)
    pending = pair.host.group.commit(path=True, now=int(NOW))
    pair.guest.apply(pair.guest.read_commit(pending.message, now=NOW))
    assert pair.guest.group.welcomed_by is None


def test_a_merge_ties_the_number_of_the_knock_to_the_leaf(pair: Pair) -> None:
    assert (list(pair.change.joined), pair.change.send_after) == ([1], 0.0)
    assert pair.host.roster.leaf_of(5) == 1


def test_messages_carry_their_senders_leaf(pair: Pair) -> None:
    said = Presence(participant=5, muted=True, camera=False)
    assert pair.host.open(pair.guest.protect(said), now=NOW) == (1, said)


def test_a_message_of_our_own_or_of_another_epoch_is_refused(pair: Pair) -> None:
    early = pair.guest.protect(Goodbye())
    renewal = pair.host.group.commit(path=True, now=int(NOW))
    pair.host.merge(renewal, [], [])
    with pytest.raises(UnknownKeyError):
        pair.host.open(early, now=NOW)
    with pytest.raises(KeysError):
        pair.host.open(pair.host.protect(Goodbye()), now=NOW)


def test_what_members_say_has_to_be_a_message_of_ours(pair: Pair) -> None:
    with pytest.raises(WireError):
        pair.host.open(pair.guest.group.protect(b"not padded"), now=NOW)


def test_a_proposal_is_no_message_and_no_commit(pair: Pair) -> None:
    with pytest.raises(WireError):
        pair.host.open(pair.guest.group.propose_update(), now=NOW)
    with pytest.raises(WireError):
        pair.host.read_commit(pair.guest.group.propose_update(), now=NOW)


def test_a_message_is_no_proposal(pair: Pair) -> None:
    with pytest.raises(WireError):
        pair.host.read_proposal(pair.guest.protect(Goodbye()), now=NOW)


def test_proposals_are_held_for_one_epoch(pair: Pair) -> None:
    pair.host.read_proposal(pair.guest.group.propose_update(), now=NOW)
    assert pair.host.proposals.updates.keys() == {1}
    pair.host.merge(pair.host.group.commit(path=True, now=int(NOW)), [], [])
    assert not pair.host.proposals.updates


def test_who_proposed_to_leave_has_left_and_was_not_removed(pair: Pair) -> None:
    keys = room_keys(pair.link.secret)
    bundle = new_bundles(DeviceIdentity.generate(), "Bob", keys, now=NOW)[0]
    pending = pair.host.group.commit(
        adds=[bundle.message], psks={keys.psk_id: keys.psk}, now=int(NOW)
    )
    pair.guest.apply(pair.guest.read_commit(pending.message, now=NOW))
    bob = Membership.enter(pending.welcome or b"", [bundle], pair.link, keys)
    pair.host.merge(pending, [Added(bob.roster.credentials[2], 6)], [])
    leaving = bob.group.propose_remove(2)
    for member in (pair.host, pair.guest):
        member.read_proposal(leaving, now=NOW)
    named, removes = pair.host.proposals.references([2])
    pending = pair.host.group.commit(proposals=named, removes=removes, now=int(NOW))
    change = pair.guest.apply(pair.guest.read_commit(pending.message, now=NOW))
    assert [(name, person.leaving) for _, name, person in change.left] == [("Bob", "left")]


def test_a_foreign_commit_changes_nothing_before_it_is_applied(pair: Pair) -> None:
    pending = pair.host.group.commit(path=True, now=int(NOW))
    agreed = pair.guest.read_commit(pending.message, now=NOW)
    assert pair.guest.group.epoch == 1
    change = pair.guest.apply(agreed)
    assert pair.guest.group.epoch == 2
    assert (change.joined, change.left, change.send_after) == ([], [], 1.0)


def test_a_welcome_is_good_for_its_own_key_package_only(pair: Pair) -> None:
    keys = room_keys(pair.link.secret)
    mine = new_bundles(DeviceIdentity.generate(), "Bob", keys, now=NOW)[0]
    others = new_bundles(DeviceIdentity.generate(), "Cleo", keys, now=NOW)[0]
    pending = pair.host.group.commit(
        adds=[others.message], psks={keys.psk_id: keys.psk}, now=int(NOW)
    )
    assert pending.welcome is not None
    with pytest.raises(UntrustedHostError):
        Membership.enter(pending.welcome, [mine], pair.link, keys)


def test_the_hosts_own_second_device_needs_the_host_too(pair: Pair) -> None:
    identity = DeviceIdentity.generate()
    link = Link("rooms.example", new_secret(), host_hash(identity.public_blob))
    keys = room_keys(link.secret)
    impostor = Membership.create(link, keys, DeviceIdentity.generate(), "Eve", now=NOW)
    bundle = new_bundles(identity, "Hana's phone", keys, now=NOW)[0]
    pending = impostor.group.commit(
        adds=[bundle.message], psks={keys.psk_id: keys.psk}, now=int(NOW)
    )
    assert pending.welcome is not None
    with pytest.raises(UntrustedHostError, match="whom the link does not name"):
        Membership.enter(pending.welcome, [bundle], link, keys)


def test_whoever_has_the_longest_key_can_knock_with_every_suite() -> None:
    identity = DeviceIdentity(rsa.generate_private_key(65537, 4096))
    keys = room_keys(new_secret())
    bundles = new_bundles(identity, "x" * MAX_NAME, keys, now=NOW)
    messages = [bundle.message for bundle in bundles]
    sealed = seal_knock(keys.lobby_key, keys.room_id, messages)
    assert wire.decode_client(wire.encode(wire.Knock(keys.room_id, sealed)))


# --- coming back ---


@dataclass
class Back:
    """A guest that comes back through another member, while the host is not there."""

    pair: Pair
    ada: Membership
    identity: DeviceIdentity
    bundle: KeyPackageBundle
    welcome: bytes


@pytest.fixture
def back(pair: Pair) -> Back:
    """Bob was in the room with Ada; Ada welcomes him back."""
    keys, bob = room_keys(pair.link.secret), DeviceIdentity.generate()
    knock = new_bundles(bob, "Bob", keys, now=NOW)[0]
    link_psk = {keys.psk_id: keys.psk}
    pending = pair.host.group.commit(adds=[knock.message], psks=link_psk, now=int(NOW))
    assert pending.welcome is not None
    pair.guest.apply(pair.guest.read_commit(pending.message, now=NOW))
    before = Membership.enter(pending.welcome, [knock], pair.link, keys)
    (bundle,) = new_bundles(bob, "Bob", keys, now=NOW, replacing=before.group)
    again = pair.guest.group.commit(adds=[bundle.message], removes=[2], psks=link_psk, now=int(NOW))
    assert again.welcome is not None
    ada, pair.guest = pair.guest, before
    return Back(pair, ada, bob, bundle, again.welcome)


def test_whoever_was_in_the_room_with_us_may_welcome_us_back(back: Back) -> None:
    link, keys = back.pair.link, room_keys(back.pair.link.secret)
    now = Membership.enter(back.welcome, [back.bundle], link, keys, before=back.pair.guest)
    assert [person.name for person in now.roster.participants()] == ["Hana", "Ada", "Bob"]
    assert now.group.epoch == back.pair.guest.group.epoch + 1


def test_attack_a_member_welcomes_somebody_who_never_met_it(back: Back) -> None:
    link, keys = back.pair.link, room_keys(back.pair.link.secret)
    with pytest.raises(UntrustedHostError, match="not the host who let you in"):
        Membership.enter(back.welcome, [back.bundle], link, keys)
    alone = Membership.create(link, keys, back.identity, "Bob", now=NOW)
    with pytest.raises(UntrustedHostError, match="not the host who let you in"):
        Membership.enter(back.welcome, [back.bundle], link, keys, before=alone)


def test_attack_a_thief_of_a_members_identity_welcomes_somebody_back(back: Back) -> None:
    link, keys = back.pair.link, room_keys(back.pair.link.secret)
    psks = {keys.psk_id: keys.psk}
    thief = new_bundles(back.pair.ada, "Ada", keys, now=NOW)[0]
    pending = back.ada.group.commit(adds=[thief.message], psks=psks, now=int(NOW))
    branch = Group.join(pending.welcome or b"", thief, psks=psks, required_psk=keys.psk_id)
    pending = branch.commit(adds=[back.bundle.message], removes=[2], psks=psks, now=int(NOW))
    with pytest.raises(UntrustedHostError, match="not the host who let you in"):
        Membership.enter(pending.welcome or b"", [back.bundle], link, keys, before=back.pair.guest)


@pytest.mark.parametrize("name", ["Mallory", "Hana"])
def test_attack_a_member_lets_a_stranger_in_behind_whoever_comes_back(
    back: Back, name: str
) -> None:
    """In a branch of its own, to which the others would follow whoever is first in rank."""
    link, keys = back.pair.link, room_keys(back.pair.link.secret)
    stranger = new_bundles(DeviceIdentity.generate(), name, keys, now=NOW)[0]
    pending = back.ada.group.commit(
        adds=[back.bundle.message, stranger.message],
        removes=[2],
        psks={keys.psk_id: keys.psk},
        now=int(NOW),
    )
    with pytest.raises(UntrustedHostError, match="somebody new is there"):
        Membership.enter(pending.welcome or b"", [back.bundle], link, keys, before=back.pair.guest)


def test_attack_a_member_unlocks_the_room_for_whoever_comes_back(back: Back) -> None:
    link, keys = back.pair.link, room_keys(back.pair.link.secret)
    state = msgspec.structs.replace(back.ada.roster.state, locked=True)
    welcome = branched(back.ada, state, back.bundle)
    with pytest.raises(UntrustedHostError, match="other rules"):
        Membership.enter(welcome, [back.bundle], link, keys, before=back.pair.guest)


def test_attack_a_dismissed_cohost_is_one_again_for_whoever_comes_back(back: Back) -> None:
    link, keys = back.pair.link, room_keys(back.pair.link.secret)
    blob = back.ada.roster.credentials[1].public_blob
    appointment = Appointment(blob, back.pair.host.appoint(blob))
    state = msgspec.structs.replace(back.ada.roster.state, cohosts=(appointment,))
    welcome = branched(back.ada, state, back.bundle)
    with pytest.raises(UntrustedHostError, match="other rules"):
        Membership.enter(welcome, [back.bundle], link, keys, before=back.pair.guest)


def usurping(member: Membership, blob: bytes, bundle: KeyPackageBundle) -> bytes:
    """Return a Welcome into a branch of a member's own, in which `blob` is a host, too."""
    state = member.roster.state
    return branched(member, msgspec.structs.replace(state, hosts=(*state.hosts, blob)), bundle)


def branched(member: Membership, state: RoomState, bundle: KeyPackageBundle) -> bytes:
    """Return a Welcome into a branch of a member's own with another room state."""
    pending = member.group.commit(
        adds=[bundle.message],
        removes=[leaf for leaf in member.roster if leaf > 1],
        psks={member.keys.psk_id: member.keys.psk},
        extensions={**member.group.extensions, ROOM_STATE: state.encode()},
        now=int(NOW),
    )
    assert pending.welcome is not None
    return pending.welcome


def test_attack_a_cohost_welcomes_somebody_into_a_branch_that_it_hosts(pair: Pair) -> None:
    blob = pair.guest.roster.credentials[1].public_blob
    edited = msgspec.structs.replace(
        pair.host.roster.state, cohosts=(Appointment(blob, pair.host.appoint(blob)),)
    )
    appointing = pair.host.group.commit(
        extensions={**pair.host.group.extensions, ROOM_STATE: edited.encode()}, now=int(NOW)
    )
    pair.guest.apply(pair.guest.read_commit(appointing.message, now=NOW))
    keys = room_keys(pair.link.secret)
    bundle = new_bundles(DeviceIdentity.generate(), "Bob", keys, now=NOW)[0]
    welcome = usurping(pair.guest, blob, bundle)
    with pytest.raises(UntrustedHostError, match="whom the link does not name"):
        Membership.enter(welcome, [bundle], pair.link, keys)


def test_attack_a_member_welcomes_us_back_into_a_branch_that_it_hosts(back: Back) -> None:
    link, keys = back.pair.link, room_keys(back.pair.link.secret)
    ada = back.ada.roster.credentials[1].public_blob
    welcome = usurping(back.ada, ada, back.bundle)
    with pytest.raises(UntrustedHostError, match="whom the link does not name"):
        Membership.enter(welcome, [back.bundle], link, keys, before=back.pair.guest)


def test_who_comes_back_offers_the_rooms_suite_only(pair: Pair) -> None:
    keys = room_keys(pair.link.secret)
    bundles = new_bundles(
        DeviceIdentity.generate(), "Ada", keys, now=NOW, replacing=pair.guest.group
    )
    assert [bundle.key_package.cipher_suite for bundle in bundles] == [pair.guest.group.suite.id]


def flipped(message: bytes) -> Iterator[bytes]:
    """The message with one bit of each byte changed, another one in each."""
    for index in range(len(message)):
        changed = bytearray(message)
        changed[index] ^= 1 << index % 8
        yield bytes(changed)


def test_bit_flips_anywhere_in_a_commit_leave_the_room_as_it_was(pair: Pair) -> None:
    keys = room_keys(pair.link.secret)
    bundle = new_bundles(DeviceIdentity.generate(), "Bob", keys, now=NOW)[0]
    adding = pair.host.group.commit(
        adds=[bundle.message], psks={keys.psk_id: keys.psk}, path=True, now=int(NOW)
    )
    before = pair.guest.group.epoch_authenticator, pair.guest.roster.participants()
    for message in flipped(adding.message):
        with pytest.raises((KeysError, RoomsError)):
            pair.guest.read_commit(message, now=NOW)
    assert before == (pair.guest.group.epoch_authenticator, pair.guest.roster.participants())
    pair.guest.apply(pair.guest.read_commit(adding.message, now=NOW))
    assert len(pair.guest.roster) == 3


def test_bit_flips_anywhere_in_a_welcome_are_refused(pair: Pair) -> None:
    keys = room_keys(pair.link.secret)
    bundle = new_bundles(DeviceIdentity.generate(), "Bob", keys, now=NOW)[0]
    adding = pair.host.group.commit(
        adds=[bundle.message], psks={keys.psk_id: keys.psk}, now=int(NOW)
    )
    assert adding.welcome is not None
    for welcome in flipped(adding.welcome):
        with pytest.raises(RoomsError):
            Membership.enter(welcome, [bundle], pair.link, keys)
    assert len(Membership.enter(adding.welcome, [bundle], pair.link, keys).roster) == 3
