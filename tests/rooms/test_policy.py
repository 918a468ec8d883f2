"""Roles: what a Commit may do, checked by every client whoever sent it."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from e2ee import ssh_private
from e2ee.appointment import appoint
from e2ee.identity import MAX_NAME, DeviceIdentity, Identity
from e2ee.link import host_hash, room_keys
from e2ee.mls.credential import Credential
from e2ee.mls.group import Group, PendingCommit, ReceivedProposal, SigningKey, StagedCommit
from e2ee.mls.key_package import KeyPackageBundle, new_key_package
from rooms import wire
from rooms.errors import PolicyError
from rooms.policy import (
    MAX_COHOSTS,
    MAX_STATE,
    ROOM_STATE,
    AgreedCommit,
    Appointment,
    Policy,
    Room,
    RoomState,
    check,
    check_appointments,
    read_person,
    read_state,
)
from rooms.replacing import encode_places, places_of

NOW = 1_800_000_000
KEYS = room_keys(bytes(16))
PSKS = {KEYS.psk_id: KEYS.psk, b"other": bytes(32)}
OTHER_EXTENSION = 0xF0B0


def extensions(state: bytes) -> dict[int, bytes]:
    return {ROOM_STATE: state, OTHER_EXTENSION: b"as it was"}


class Person:
    """Somebody with an identity, and a place in the group once there is one."""

    group: Group

    def __init__(self, name: str) -> None:
        self.name = name
        self.identity = DeviceIdentity.generate()
        self.key = SigningKey.generate()

    def credential(self, room_id: bytes = KEYS.room_id) -> bytes:
        return self.identity.prove(self.key.public, room_id, self.name)

    def bundle(
        self, credential: bytes | None = None, *, replacing: Group | None = None
    ) -> KeyPackageBundle:
        extensions = encode_places(places_of(replacing, self.key.public)) if replacing else {}
        return new_key_package(
            self.key,
            credential or self.credential(),
            now=NOW,
            extensions_supported=[ROOM_STATE, OTHER_EXTENSION],
            extensions=extensions,
        )

    def back(self) -> Person:
        """The same person with a new MLS key, as a client that lost its connection."""
        person = Person(self.name)
        person.identity = self.identity
        return person


class Trio:
    """A host, a cohost and a member in one group; `room` is how the others see it."""

    def __init__(self, *, locked: bool = False) -> None:
        self.host, self.cohost, self.member = Person("Hana"), Person("Cora"), Person("Mallory")
        self.state = RoomState(
            hosts=(self.host.identity.public_blob,),
            cohosts=(self.appointment(self.cohost),),
            locked=locked,
        )
        self.host.group = Group.create(
            group_id=KEYS.room_id,
            signing_key=self.host.key,
            identity=self.host.credential(),
            extensions=extensions(self.state.encode()),
            now=NOW,
        )
        self._add(self.cohost)
        self._add(self.member)

    def appointment(self, cohost: Person, by: Person | None = None) -> Appointment:
        host, blob = by or self.host, cohost.identity.public_blob
        proof = appoint(host.credential(), host.key, room_id=KEYS.room_id, cohost=blob)
        return Appointment(blob, proof)

    def _add(self, person: Person) -> None:
        bundle = person.bundle()
        pending = self.host.group.commit(
            adds=[bundle.message], psks={KEYS.psk_id: KEYS.psk}, now=NOW
        )
        for other in (self.cohost, self.member):
            if hasattr(other, "group"):
                other.group.apply(self._staged(other.group, pending))
        self.host.group.merge(pending)
        assert pending.welcome is not None
        person.group = Group.join(pending.welcome, bundle, psks=PSKS, required_psk=KEYS.psk_id)

    @staticmethod
    def _staged(group: Group, pending: PendingCommit) -> StagedCommit:
        staged = group.process(pending.message, psks=PSKS, now=NOW)
        assert isinstance(staged, StagedCommit)
        return staged

    def judge(self, pending: PendingCommit, witness: Person | None = None) -> AgreedCommit:
        """Have a witness process and check a Commit."""
        group = (witness or self.host).group
        people = {member.leaf: read_person(member, KEYS.room_id) for member in group.members}
        room = Room(
            KEYS.room_id,
            KEYS.psk_id,
            host_hash(self.host.identity.public_blob),
            self.state,
            people,
            group.members,
            group.extensions,
        )
        return check(self._staged(group, pending), room)

    def refused(self, pending: PendingCommit, witness: Person | None = None) -> str:
        """Have a Commit checked that has to be refused; return why, after seeing no change."""
        group = (witness or self.host).group
        before = (group.epoch, group.epoch_authenticator, group.members)
        with pytest.raises(PolicyError) as error:
            self.judge(pending, witness)
        assert before == (group.epoch, group.epoch_authenticator, group.members)
        return error.value.message


@pytest.fixture
def trio() -> Trio:
    return Trio()


def newcomer() -> bytes:
    return Person("Nina").bundle().message


LINK = {KEYS.psk_id: KEYS.psk}


def test_a_commit_by_a_non_host_that_adds_is_refused(trio: Trio) -> None:
    pending = trio.member.group.commit(adds=[newcomer()], psks=LINK, now=NOW)
    assert "no host adds" in trio.refused(pending)


def test_a_commit_by_a_non_host_that_removes_is_refused(trio: Trio) -> None:
    pending = trio.member.group.commit(removes=[1], now=NOW)
    assert "no host removes" in trio.refused(pending)


def test_a_commit_by_a_non_host_that_changes_state_is_refused(trio: Trio) -> None:
    usurped = RoomState(hosts=(trio.member.identity.public_blob,))
    pending = trio.member.group.commit(extensions=extensions(usurped.encode()), now=NOW)
    assert "no host changes" in trio.refused(pending)


def test_a_commit_by_a_non_host_that_brings_a_psk_is_refused(trio: Trio) -> None:
    trio.refused(trio.member.group.commit(psks=LINK, now=NOW))


def test_a_commit_by_a_non_host_that_takes_another_name_is_refused(trio: Trio) -> None:
    mallory, host = trio.member, trio.host
    imitation = DeviceIdentity.generate().prove(mallory.key.public, KEYS.room_id, "Hana")
    pending = _with_identity(mallory, imitation).commit(path=True, now=NOW)
    assert "changes who a participant is" in trio.refused(pending, witness=host)


def _with_identity(person: Person, credential: bytes) -> Group:
    """Return the person's group as a client would hold it that renames its own leaf."""
    epoch = person.group._epoch
    assert epoch is not None
    leaf = replace(epoch.tree.member(epoch.leaf), credential=Credential(credential))
    return Group(replace(epoch, tree=epoch.tree.with_leaf(epoch.leaf, leaf)))


def test_a_member_may_renew_its_own_keys(trio: Trio) -> None:
    agreed = trio.judge(trio.member.group.commit(path=True, now=NOW))
    assert agreed.state == trio.state
    assert not agreed.added


def test_a_host_adds_with_the_link(trio: Trio) -> None:
    agreed = trio.judge(trio.host.group.commit(adds=[newcomer()], psks=LINK, now=NOW), trio.member)
    assert [person.name for person in agreed.added.values()] == ["Nina"]


def test_an_add_without_the_link_psk_is_refused(trio: Trio) -> None:
    pending = trio.host.group.commit(adds=[newcomer()], now=NOW)
    assert "without proof of the link" in trio.refused(pending, trio.member)


def test_a_commit_with_another_psk_is_refused_even_from_a_host(trio: Trio) -> None:
    psks = {**LINK, b"other": bytes(32)}
    pending = trio.host.group.commit(adds=[newcomer()], psks=psks, now=NOW)
    assert "not the link's" in trio.refused(pending, trio.member)


@pytest.mark.parametrize("what", ["another room", "another key", "nonsense"])
def test_an_add_whose_credential_does_not_verify_is_refused(trio: Trio, what: str) -> None:
    nina = Person("Nina")
    credential = {
        "another room": nina.credential(bytes(16)),
        "another key": trio.member.credential(),
        "nonsense": b"nonsense",
    }[what]
    pending = trio.host.group.commit(adds=[nina.bundle(credential).message], psks=LINK, now=NOW)
    assert "does not verify" in trio.refused(pending, trio.member)


def test_nobody_is_added_to_a_locked_room() -> None:
    trio = Trio()
    trio.state = msgspec.structs.replace(trio.state, locked=True)
    locked = extensions(trio.state.encode())
    pending = trio.host.group.commit(adds=[newcomer()], psks=LINK, extensions=locked, now=NOW)
    assert "locked" in trio.refused(pending, trio.member)


def test_a_host_may_lock_the_room(trio: Trio) -> None:
    locked = msgspec.structs.replace(trio.state, locked=True)
    pending = trio.host.group.commit(extensions=extensions(locked.encode()), now=NOW)
    assert trio.judge(pending, trio.member).state == locked


def test_a_cohost_may_remove_a_member_but_no_host(trio: Trio) -> None:
    assert trio.judge(trio.cohost.group.commit(removes=[2], now=NOW)).staged.removed
    pending = trio.cohost.group.commit(removes=[0], now=NOW)
    assert "removes a host" in trio.refused(pending, trio.member)


def propose_remove(trio: Trio, by: Person, leaf: int) -> bytes:
    """Have somebody propose a removal, and everybody hold it; return the reference."""
    message = by.group.propose_remove(leaf)
    for person in (trio.host, trio.cohost, trio.member):
        if person is not by:
            received = person.group.process(message, now=NOW)
            person.group.hold(received)
    return received.reference


def test_a_member_may_commit_that_somebody_leaves(trio: Trio) -> None:
    reference = propose_remove(trio, trio.cohost, 1)
    agreed = trio.judge(trio.member.group.commit(proposals=[reference], now=NOW))
    assert agreed.staged.left == {1}


def test_a_cohost_may_commit_that_a_host_leaves(trio: Trio) -> None:
    reference = propose_remove(trio, trio.host, 0)
    pending = trio.cohost.group.commit(proposals=[reference], now=NOW)
    assert trio.judge(pending, trio.member).staged.left == {0}


def test_attack_a_member_removes_by_what_another_proposed(trio: Trio) -> None:
    reference = propose_remove(trio, trio.cohost, 0)
    pending = trio.member.group.commit(proposals=[reference], now=NOW)
    assert "removes participants" in trio.refused(pending, trio.cohost)


def test_a_cohost_may_not_change_who_is_host(trio: Trio) -> None:
    usurped = RoomState(hosts=(trio.cohost.identity.public_blob,))
    pending = trio.cohost.group.commit(extensions=extensions(usurped.encode()), now=NOW)
    assert "changes roles" in trio.refused(pending)


# --- giving somebody their place back ---


def test_a_member_gives_another_one_their_place_back(trio: Trio) -> None:
    bundle = trio.cohost.back().bundle(replacing=trio.cohost.group)
    pending = trio.member.group.commit(adds=[bundle.message], removes=[1], psks=LINK, now=NOW)
    agreed = trio.judge(pending)
    assert [who.public_blob for who in agreed.added.values()] == [trio.cohost.identity.public_blob]
    assert agreed.state == trio.state


def test_a_locked_room_gives_places_back() -> None:
    trio = Trio(locked=True)
    bundle = trio.member.back().bundle(replacing=trio.member.group)
    pending = trio.cohost.group.commit(adds=[bundle.message], removes=[2], psks=LINK, now=NOW)
    assert trio.judge(pending).added
    stranger = newcomer()
    both = [bundle.message, stranger]
    pending = trio.cohost.group.commit(adds=both, removes=[2], psks=LINK, now=NOW)
    assert "locked" in trio.refused(pending)


def test_attack_a_member_replaces_another_identitys_leaf(trio: Trio) -> None:
    mallory = trio.member.back()
    bundle = mallory.bundle(replacing=trio.cohost.group)
    pending = trio.member.group.commit(adds=[bundle.message], removes=[1], psks=LINK, now=NOW)
    assert "no host adds" in trio.refused(pending)


def test_attack_a_member_comes_back_by_the_name_of_another(trio: Trio) -> None:
    """Nobody is asked about who comes back, so nobody would have let that name in."""
    renamed = trio.cohost.back()
    renamed.name = trio.host.name
    bundle = renamed.bundle(replacing=trio.cohost.group)
    pending = trio.member.group.commit(adds=[bundle.message], removes=[1], psks=LINK, now=NOW)
    assert "adds participants" in trio.refused(pending)


def test_attack_a_member_replaces_somebody_who_did_not_ask_for_it(trio: Trio) -> None:
    """A second device of the same person knocks: that is no word to put the first one out."""
    second = trio.cohost.back()
    for bundle in (second.bundle(), second.bundle(replacing=second_group(second))):
        pending = trio.member.group.commit(adds=[bundle.message], removes=[1], psks=LINK, now=NOW)
        assert "no host adds" in trio.refused(pending)


def second_group(person: Person) -> Group:
    """A group of the person's own, for a place that nobody here holds."""
    return Group.create(
        group_id=KEYS.room_id,
        signing_key=SigningKey.generate(),
        identity=person.credential(),
        extensions={ROOM_STATE: b""},
        now=NOW,
    )


def test_attack_a_member_replaces_a_leaf_that_is_not_in_the_group(trio: Trio) -> None:
    gone = trio.cohost.back().bundle(replacing=trio.cohost.group)
    _removed(trio, 1)
    pending = trio.member.group.commit(adds=[gone.message], psks=LINK, now=NOW)
    assert "no host adds" in trio.refused(pending)


def _removed(trio: Trio, leaf: int) -> None:
    pending = trio.host.group.commit(removes=[leaf], now=NOW)
    trio.member.group.apply(trio._staged(trio.member.group, pending))
    trio.host.group.merge(pending)


def test_attack_a_members_commit_replaces_and_adds_a_stranger(trio: Trio) -> None:
    bundle = trio.cohost.back().bundle(replacing=trio.cohost.group)
    both = [bundle.message, newcomer()]
    pending = trio.member.group.commit(adds=both, removes=[1], psks=LINK, now=NOW)
    assert "no host adds" in trio.refused(pending)


def test_attack_a_members_commit_replaces_one_and_removes_another(trio: Trio) -> None:
    bundle = trio.host.back().bundle(replacing=trio.host.group)
    pending = trio.member.group.commit(adds=[bundle.message], removes=[0, 1], psks=LINK, now=NOW)
    watching = trio.cohost.group.process(pending.message, psks=PSKS, now=NOW)
    assert isinstance(watching, StagedCommit)
    assert watching.removes_me
    assert "no host removes" in trio.refused(pending, trio.cohost)


def test_attack_a_place_given_back_twice_makes_two_leaves(trio: Trio) -> None:
    bundles = [trio.cohost.back().bundle(replacing=trio.cohost.group) for _ in range(2)]
    adds = [bundle.message for bundle in bundles]
    pending = trio.member.group.commit(adds=adds, removes=[1], psks=LINK, now=NOW)
    assert "no host adds" in trio.refused(pending)


def test_attack_a_member_adds_a_second_leaf_for_who_keeps_the_first(trio: Trio) -> None:
    bundle = trio.cohost.back().bundle(replacing=trio.cohost.group)
    pending = trio.member.group.commit(adds=[bundle.message], psks=LINK, now=NOW)
    assert "no host adds" in trio.refused(pending)


def test_attack_a_member_replaces_without_proof_of_the_link(trio: Trio) -> None:
    bundle = trio.cohost.back().bundle(replacing=trio.cohost.group)
    pending = trio.member.group.commit(adds=[bundle.message], removes=[1], now=NOW)
    assert "without proof of the link" in trio.refused(pending)


# --- going, and renewing others' keys ---


def _proposed(trio: Trio, by: Person, message: bytes) -> bytes:
    """Have the others receive a proposal; return its reference."""
    references = set()
    for other in (trio.host, trio.cohost, trio.member):
        if other is not by:
            received = other.group.process(message, psks=PSKS, now=NOW)
            assert isinstance(received, ReceivedProposal)
            other.group.hold(received)
            references.add(received.reference)
    (reference,) = references
    return reference


def test_attack_a_member_commits_its_own_proposal_to_remove_another(trio: Trio) -> None:
    """Whoever proposes it: only what somebody says of itself is taken out by a member."""
    reference = _proposed(trio, trio.cohost, trio.cohost.group.propose_remove(0))
    pending = trio.member.group.commit(proposals=[reference], now=NOW)
    assert "no host removes" in trio.refused(pending, trio.cohost)


def test_a_member_takes_in_others_new_keys(trio: Trio) -> None:
    reference = _proposed(trio, trio.cohost, trio.cohost.group.propose_update())
    pending = trio.member.group.commit(proposals=[reference], now=NOW)
    assert trio.judge(pending).staged.updated == (1,)


def changed(trio: Trio, by: Person, **change: object) -> PendingCommit:
    state = msgspec.structs.replace(trio.state, **change)
    return by.group.commit(extensions=extensions(state.encode()), now=NOW)


def test_a_cohost_locks_and_sets_the_policy(trio: Trio) -> None:
    quiet = Policy(chat=False)
    agreed = trio.judge(changed(trio, trio.cohost, locked=True, policy=quiet), trio.member)
    assert agreed.state.locked
    assert agreed.state.policy == quiet


def test_attack_a_member_unlocks_or_forbids_recording() -> None:
    trio = Trio(locked=True)
    assert "no host changes" in trio.refused(changed(trio, trio.member, locked=False))
    rules = changed(trio, trio.member, policy=Policy(recording=False))
    assert "no host changes" in trio.refused(rules)


def test_the_links_host_appoints_and_dismisses(trio: Trio) -> None:
    both = (*trio.state.cohosts, trio.appointment(trio.member))
    for cohosts in (both, ()):
        agreed = trio.judge(changed(trio, trio.host, cohosts=cohosts), trio.member)
        assert agreed.state.cohosts == cohosts


@pytest.mark.parametrize("cohosts", ["another", "none"])
def test_attack_a_cohost_appoints_or_dismisses(trio: Trio, cohosts: str) -> None:
    mine = {"another": (*trio.state.cohosts, trio.appointment(trio.member)), "none": ()}[cohosts]
    assert "changes roles" in trio.refused(changed(trio, trio.cohost, cohosts=mine), trio.member)


def test_attack_an_appointment_without_the_hosts_proof(trio: Trio) -> None:
    blob = trio.member.identity.public_blob
    for forged in (
        Appointment(blob, b"proof"),
        Appointment(blob, trio.state.cohosts[0].proof),
        trio.appointment(trio.member, by=trio.cohost),
    ):
        pending = changed(trio, trio.host, cohosts=(forged,))
        assert "was not appointed" in trio.refused(pending, trio.member)


def test_attack_a_second_host_takes_the_links_host_its_role(trio: Trio) -> None:
    blob = trio.cohost.identity.public_blob
    trio.state = msgspec.structs.replace(trio.state, hosts=(*trio.state.hosts, blob), cohosts=())
    assert "changes roles" in trio.refused(changed(trio, trio.cohost, hosts=(blob,)), trio.member)
    assert "its role" in trio.refused(changed(trio, trio.host, hosts=(blob,)), trio.member)


def test_not_even_the_links_host_makes_somebody_host(trio: Trio) -> None:
    """Whoever joins afterwards could not tell it from a branch that this one hosts."""
    hosts = (*trio.state.hosts, trio.cohost.identity.public_blob)
    pending = changed(trio, trio.host, hosts=hosts)
    assert "whom the link does not name" in trio.refused(pending, trio.member)


def test_a_cohost_brings_a_host_back_even_into_a_locked_room() -> None:
    trio = Trio(locked=True)
    back = Person("Hana")
    back.identity = trio.host.identity
    pending = trio.cohost.group.commit(
        adds=[back.bundle().message], removes=[0], psks=LINK, now=NOW
    )
    agreed = trio.judge(pending, trio.member)
    assert [who.public_blob for who in agreed.added.values()] == list(trio.state.hosts)


def test_attack_a_cohost_replaces_a_host_by_somebody_of_its_name(trio: Trio) -> None:
    imitation = Person("Hana")
    pending = trio.cohost.group.commit(
        adds=[imitation.bundle().message], removes=[0], psks=LINK, now=NOW
    )
    assert "removes a host" in trio.refused(pending, trio.member)


def test_not_even_a_host_changes_anything_but_the_state(trio: Trio) -> None:
    changed = {**extensions(trio.state.encode()), OTHER_EXTENSION: b"changed"}
    pending = trio.host.group.commit(extensions=changed, now=NOW)
    assert "not the room's state" in trio.refused(pending, trio.member)


@pytest.mark.parametrize("content", [b"", b"\x00", b"nonsense", bytes(MAX_STATE + 1)])
def test_a_malformed_room_state_is_refused(trio: Trio, content: bytes) -> None:
    with pytest.raises(PolicyError):
        read_state({ROOM_STATE: content})
    if content and len(content) <= MAX_STATE:
        pending = trio.host.group.commit(extensions=extensions(content), now=NOW)
        trio.refused(pending, trio.member)


def test_a_room_without_state_or_host_is_refused() -> None:
    with pytest.raises(PolicyError, match="no room state"):
        read_state({})
    with pytest.raises(PolicyError):
        read_state({ROOM_STATE: msgspec.msgpack.encode({"hosts": []})})


def test_a_state_too_large_is_not_made() -> None:
    crowd = tuple(bytes([n]) * 1024 for n in range(1, 9))
    cohosts = tuple(Appointment(blob, bytes(2048)) for blob in crowd)
    state = RoomState(hosts=crowd, cohosts=cohosts)
    with pytest.raises(PolicyError, match="too many cohosts"):
        state.encode()
    with pytest.raises(PolicyError, match="no room state"):
        read_state({ROOM_STATE: msgspec.msgpack.encode(state)})


class RsaIdentity(Identity):
    """Somebody with the longest key there is; `blob` may be another one of that length."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(65537, 4096)

    @property
    def public_blob(self) -> bytes:
        return ssh_private.public_blob(self.key)

    def sign(self, data: bytes) -> bytes:
        return ssh_private.sign(self.key, data)


def test_as_many_cohosts_as_may_be_fit_with_the_longest_keys_and_names() -> None:
    host, key = RsaIdentity(), SigningKey.generate()
    credential = host.prove(key.public, KEYS.room_id, "H" * MAX_NAME)
    blob = host.public_blob
    others = [blob[:-1] + bytes([n]) for n in range(1, 16, 2)]
    state = RoomState(
        hosts=(blob, *others[1:]),
        cohosts=tuple(
            Appointment(one, appoint(credential, key, room_id=KEYS.room_id, cohost=one))
            for one in others
        ),
    )
    assert (len(state.hosts), len(state.cohosts)) == (8, MAX_COHOSTS)
    extensions = {ROOM_STATE: state.encode()}
    assert read_state(extensions) == state
    check_appointments(state, KEYS.room_id, host_hash(blob))
    founder = Group.create(
        group_id=KEYS.room_id, signing_key=key, identity=credential, extensions=extensions, now=NOW
    )
    guest = Person("Nina").bundle()
    welcome = founder.commit(adds=[guest.message], psks=LINK, now=NOW).welcome
    assert welcome is not None
    assert len(welcome) < wire.MAX_HANDSHAKE
    joined = Group.join(welcome, guest, psks=LINK, required_psk=KEYS.psk_id)
    assert read_state(joined.extensions) == state


@given(st.binary(max_size=200))
def test_whatever_bytes_come_as_state_only_our_error_escapes(content: bytes) -> None:
    try:
        state = read_state({ROOM_STATE: content})
    except PolicyError:
        return
    assert state.hosts


def test_a_state_survives_the_wire(trio: Trio) -> None:
    assert read_state({ROOM_STATE: trio.state.encode()}) == trio.state
    assert trio.state.role(trio.host.identity.public_blob) == "host"
    assert trio.state.role(trio.cohost.identity.public_blob) == "cohost"
    assert trio.state.role(trio.member.identity.public_blob) == "member"
