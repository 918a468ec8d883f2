"""Our place in a room's MLS group: how it begins, and the only two ways it changes.

Ties the group to the room: every leaf's credential is verified, every foreign Commit passes
`rooms.policy` before it is applied. Pure: no I/O.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from e2ee.appointment import appoint
from e2ee.errors import KeysError
from e2ee.identity import Credential, Identity
from e2ee.link import Link, RoomKeys
from e2ee.media_keys import BASE_KEY_LABEL, BASE_KEY_LENGTH
from e2ee.mls.cipher_suite import SUITES, CipherSuite
from e2ee.mls.extensions import Extensions
from e2ee.mls.group import (
    ApplicationMessage,
    Group,
    PendingCommit,
    ReceivedProposal,
    SigningKey,
    StagedCommit,
)
from e2ee.mls.key_package import KeyPackageBundle, new_key_package
from media.control import InstallKey
from rooms import policy, wire
from rooms.errors import PolicyError, UntrustedHostError, WireError
from rooms.events import Joined
from rooms.known_people import KnownPeople
from rooms.member_wire import MemberMessage, decode_member, encode_member
from rooms.policy import ROOM_STATE, AgreedCommit, Policy, RoomState
from rooms.proposals import HeldProposals
from rooms.replacing import REPLACES, Place, check_places, encode_places, places_of
from rooms.roster import Person, Roster

SEND_AFTER_REMOVAL = 0.3
"""Seconds until we send with a new epoch's key when it shuts somebody out."""
SEND_AFTER_CHANGE = 1.0
"""The same when nobody was: time for everybody to have processed the Commit."""


@dataclass(frozen=True, slots=True)
class Added:
    """Somebody our own Commit adds: `participant` is the number it knocked with."""

    credential: Credential
    participant: int


@dataclass(frozen=True, slots=True)
class Change:
    """What a new epoch changed: leaves that came, and those that went with what was known.

    `by` is the leaf whose Commit began it, `before` the room's state until then.
    """

    by: int
    before: RoomState
    joined: Sequence[int]
    left: Sequence[tuple[int, str, Person]]
    send_after: float
    renewed: bool = False
    """Whether our own key in the tree is a fresh one."""


def new_bundles(
    identity: Identity,
    name: str,
    keys: RoomKeys,
    *,
    now: float,
    suites: Sequence[CipherSuite] = SUITES,
    replacing: Group | None = None,
    knocked: Sequence[SigningKey] = (),
) -> tuple[KeyPackageBundle, ...]:
    """Return a KeyPackage for each suite, all with one fresh MLS key, to knock at one room with.

    With `replacing` they ask for our place in that group, which a knock with one of the keys
    `knocked` may have got; then only its suite is of use.
    """
    signing_key, credential = identity.proven_key(keys.room_id, name)
    extensions: Extensions = {}
    if replacing is not None:
        extensions = encode_places(places_of(replacing, signing_key.public, knocked=knocked))
        suites = [replacing.suite]
    return tuple(
        new_key_package(
            signing_key,
            credential,
            now=int(now),
            extensions_supported=[ROOM_STATE, REPLACES],
            extensions=extensions,
            suite=suite,
        )
        for suite in suites
    )


class Membership:
    """A group we are in and its people."""

    def __init__(self, group: Group, roster: Roster, keys: RoomKeys) -> None:
        self.group = group
        self.roster = roster
        self.keys = keys
        self.proposals = HeldProposals()
        """What the next Commit may name."""

    @classmethod
    def create(
        cls,
        link: Link,
        keys: RoomKeys,
        identity: Identity,
        name: str,
        *,
        now: float,
        known: KnownPeople | None = None,
        suite: CipherSuite = SUITES[0],
        policy: Policy | None = None,
    ) -> Membership:
        """Begin the group of a new room, with us as its only member and host."""
        signing_key, credential = identity.proven_key(keys.room_id, name)
        state = RoomState(hosts=(identity.public_blob,), policy=policy or Policy())
        group = Group.create(
            group_id=keys.room_id,
            signing_key=signing_key,
            identity=credential,
            extensions={ROOM_STATE: state.encode()},
            now=int(now),
            suite=suite,
        )
        return cls(group, _read_roster(group, link, keys, known), keys)

    @classmethod
    def enter(
        cls,
        welcome: bytes,
        bundles: Sequence[KeyPackageBundle],
        link: Link,
        keys: RoomKeys,
        known: KnownPeople | None = None,
        *,
        before: Membership | None = None,
    ) -> Membership:
        """Join by a Welcome, if the group proves to be the one the link names.

        It is signed by the link's host or a cohost it appointed; or, if it gives us our place back,
        by anybody whom we were in the room with `before`, and then nobody new is in it.
        Raises `UntrustedHostError`: the Welcome is forged or lacks the link PSK, the group is of
        another room, a credential does not verify, or none of them signed the Welcome.
        """
        try:
            psks = {keys.psk_id: keys.psk}
            group = Group.join(welcome, *bundles, psks=psks, required_psk=keys.psk_id)
            if group.group_id != keys.room_id:
                raise PolicyError("it is of another room")
            roster = _read_roster(group, link, keys, known)
            _check_host(group, roster, link, before)
        except (KeysError, PolicyError) as error:
            raise UntrustedHostError(
                f"this is not the room of the link: {error.message}",
                hint="ask the host for a new link over a channel you trust",
            ) from error
        return cls(group, roster, keys)

    def read_commit(self, message: bytes, *, now: float) -> AgreedCommit:
        """Open a foreign Commit and check it. Raises `KeysError` or `RoomsError`; no change yet."""
        psks = {self.keys.psk_id: self.keys.psk}
        staged = self.group.process(message, psks=psks, now=int(now))
        if not isinstance(staged, StagedCommit):
            raise WireError("the server delivered as a Commit what is not one")
        room = policy.Room(
            room_id=self.keys.room_id,
            psk_id=self.keys.psk_id,
            link_host=self.roster.link_host,
            state=self.roster.state,
            people=self.roster.credentials,
            members=self.group.members,
            extensions=self.group.extensions,
        )
        return policy.check(staged, room)

    def read_proposal(self, message: bytes, *, now: float) -> None:
        """Hold what a member proposes. Raises `KeysError` or `RoomsError`; nothing is held then."""
        received = self.group.process(message, now=int(now))
        if not isinstance(received, ReceivedProposal):
            raise WireError("the server delivered as a Proposal what is not one")
        self.proposals.hold(received, self.group)

    def propose_update(self) -> wire.Propose:
        """Return what proposes a fresh key for our leaf, once in an epoch."""
        return wire.Propose(self.group.propose_update())

    def propose_leaving(self) -> wire.Propose:
        """Return what proposes to remove us, so that anybody may commit it."""
        return wire.Propose(self.group.propose_remove(self.roster.me))

    def apply(self, agreed: AgreedCommit) -> Change:
        """Enter the epoch of a foreign Commit that the room's rules allow."""
        self.group.apply(agreed.staged)
        for leaf in agreed.staged.left:
            self.roster[leaf].leaving = "left"
        removed = [member.leaf for member in agreed.staged.removed]
        joined = {leaf: (who, None) for leaf, who in agreed.added.items()}
        renewed = self.roster.me in agreed.staged.updated
        return self._changed(agreed.staged.sender, agreed.state, removed, joined, renewed)

    def merge(
        self, pending: PendingCommit, added: Sequence[Added], removed: Sequence[int]
    ) -> Change:
        """Enter the epoch of our own Commit after the server accepted it."""
        self.group.merge(pending)
        state = policy.read_state(self.group.extensions)
        people = zip(pending.added, added, strict=True)
        joined = {leaf: (person.credential, person.participant) for leaf, person in people}
        return self._changed(self.roster.me, state, removed, joined, pending.has_path)

    def appoint(self, cohost: bytes) -> bytes:
        """Return the proof that makes an identity cohost; it holds if the link names ours."""
        group = self.group
        (credential,) = (member.identity for member in group.members if member.leaf == group.leaf)
        return appoint(credential, group.signing_key, room_id=self.keys.room_id, cohost=cohost)

    def given_up(
        self, places: Sequence[Place], who: Credential, signature_key: bytes
    ) -> int | None:
        """Return the leaf that somebody with a new MLS key may have back; None if there is none."""
        try:
            leaf = check_places(
                places,
                who,
                signature_key,
                room_id=self.keys.room_id,
                members={member.leaf: member for member in self.group.members},
                people=self.roster.credentials,
            )
        except PolicyError:
            return None
        return leaf if leaf != self.roster.me else None

    def was_with(self, signer: Credential, group: Group) -> bool:
        """Whether who welcomes us into a group is in ours, by identity and MLS signature key."""
        leaf = group.welcomed_by
        keys = {member.signature_key for member in group.members if member.leaf == leaf}
        people = self.roster.credentials
        return any(
            member.signature_key in keys and people[member.leaf].public_blob == signer.public_blob
            for member in self.group.members
            if member.leaf != self.group.leaf
        )

    def check_nobody_new(self, roster: Roster) -> None:
        """Refuse what no plain member may do to a room: people and roles that were not in ours.

        Whoever lets us back in shows us a group that it may have changed before.
        Raises `PolicyError`.
        """
        known = {(who.public_blob, who.name) for who in self.roster.credentials.values()}
        if any((who.public_blob, who.name) not in known for who in roster.credentials.values()):
            raise PolicyError("a member let you back in, and somebody new is there")
        if roster.state != self.roster.state:
            raise PolicyError("a member let you back in, and the room has other rules")

    @property
    def can_restart(self) -> bool:
        """Whether there is nobody yet who a change of the cipher suite would shut out."""
        return len(self.roster) == 1 and self.roster.me == 0

    def restart(self, suite: CipherSuite, *, now: float) -> None:
        """Begin the group again with another suite, in a later epoch; alone only."""
        self.group.restart(suite, now=int(now))

    def protect(self, message: MemberMessage) -> bytes:
        """Encrypt something for every member. Raises `WireError` if it is too long."""
        return self.group.protect(encode_member(message))

    def open(self, message: bytes, *, now: float) -> tuple[int, MemberMessage]:
        """Decrypt a member's message; MLS proves the leaf. Raises `KeysError` or `RoomsError`."""
        opened = self.group.process(message, now=int(now))
        if not isinstance(opened, ApplicationMessage):
            raise WireError("the server delivered as a message what is not one")
        if opened.sender not in self.roster:
            raise PolicyError("a message comes from somebody who is not in the room")
        self.roster[opened.sender].is_heard()
        return opened.sender, decode_member(opened.plaintext)

    def joined(self) -> Joined:
        """Return our coming in as the face sees it."""
        group, people = self.group, self.roster.participants()
        return Joined(
            leaf=group.leaf, epoch=group.epoch, participants=people, suite=group.suite.name
        )

    def media_key(
        self, send_after: float, joined: Sequence[int] = (), *, anew: bool = False
    ) -> InstallKey:
        """Return the command that gives the media plane this epoch's key.

        `anew`: we came into the group another time.
        """
        return InstallKey(
            epoch=self.group.epoch,
            base_key=self.group.export(BASE_KEY_LABEL, b"", BASE_KEY_LENGTH),
            leaf=self.group.leaf,
            members=frozenset(self.roster.credentials),
            send_after=send_after,
            joined=frozenset(joined),
            anew=anew,
        )

    def _changed(
        self,
        by: int,
        state: RoomState,
        removed: Sequence[int],
        joined: Mapping[int, tuple[Credential, int | None]],
        renewed: bool,
    ) -> Change:
        self.proposals = HeldProposals()
        was_alone = len(self.roster) == 1
        before, self.roster.state = self.roster.state, state
        # Removals first: a leaf that becomes free may be given to somebody new at once.
        names = {leaf: self.roster.name(leaf) for leaf in removed}
        left = [(leaf, name, self.roster.remove(leaf)) for leaf, name in names.items()]
        for leaf, (credential, participant) in joined.items():
            self.roster.add(leaf, credential, participant)
            for _, _, person in left:
                if person.credential.public_blob == credential.public_blob:
                    person.back = leaf, self.roster[leaf]
        # Alone, nobody misses anything of ours, whichever key it is sent with.
        delay = SEND_AFTER_REMOVAL if removed else SEND_AFTER_CHANGE
        return Change(by, before, list(joined), left, 0.0 if was_alone else delay, renewed)


def _read_roster(group: Group, link: Link, keys: RoomKeys, known: KnownPeople | None) -> Roster:
    roster = Roster(
        me=group.leaf,
        state=policy.read_state(group.extensions),
        link_host=link.host_hash,
        known=known,
    )
    for member in group.members:
        roster.add(member.leaf, policy.read_person(member, keys.room_id))
    return roster


def _check_host(group: Group, roster: Roster, link: Link, before: Membership | None) -> None:
    """Refuse a Welcome signed neither by the link's host, nor by a cohost of theirs or a companion.

    A host leaf somewhere in the group is not enough: any member could branch off the real group,
    host leaf included, and add us to a branch in which nobody but that member reads us.
    """
    policy.check_roles(roster.state, group.group_id, link.host_hash)
    signer = roster.credentials.get(group.welcomed_by) if group.welcomed_by is not None else None
    if signer is None or group.welcomed_by == roster.me:
        raise PolicyError("nobody in it let you in")
    if policy.is_link_host(signer.public_blob, link.host_hash):
        return
    # Appointments do not expire, so whoever was there before knows better who is a cohost.
    state = before.roster.state if before is not None else roster.state
    if state.role(signer.public_blob) == "cohost":
        return
    if before is None or not before.was_with(signer, group):
        raise PolicyError("it was not the host who let you in, nor a cohost of theirs")
    before.check_nobody_new(roster)
