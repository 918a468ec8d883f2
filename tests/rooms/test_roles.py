"""Changes of a room's state, the order of those who act, and what faces are told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec
import pytest

from e2ee.appointment import appoint
from e2ee.identity import DeviceIdentity, read_credential
from e2ee.link import Link, host_hash, room_keys
from e2ee.mls.signing_key import SigningKey
from rooms.errors import PolicyError
from rooms.events import ErrorEvent, StateChange
from rooms.membership import Change, Membership
from rooms.policy import (
    MAX_COHOSTS,
    ROOM_STATE,
    Appointment,
    Policy,
    RoomState,
    check_appointments,
)
from rooms.roles import (
    RULES,
    Appoint,
    Dismiss,
    Lock,
    SetPolicy,
    acting,
    appoints,
    as_event,
    edit_of,
    rank,
)
from rooms.roster import Roster

if TYPE_CHECKING:
    from tests.rooms.conftest import Seat, Table

NOW = 1_800_000_000.0
HOST = DeviceIdentity.generate()
LINK = Link("rooms.example", bytes(16), host_hash(HOST.public_blob))
KEYS = room_keys(LINK.secret)
Arrive = Callable[..., DeviceIdentity]


@pytest.fixture
def membership() -> Membership:
    made = Membership.create(LINK, KEYS, HOST, "Hana", now=NOW)
    made.roster.claim(0, 1)
    return made


@pytest.fixture
def roster(membership: Membership) -> Roster:
    return membership.roster


@pytest.fixture
def arrive(roster: Roster) -> Arrive:
    """Enter somebody in the roster, with the number `10 * leaf` unless another one is given."""

    def enter(
        leaf: int, name: str, *, cohost: bool = False, number: int | None = 0
    ) -> DeviceIdentity:
        identity, key = DeviceIdentity.generate(), SigningKey.generate()
        member = identity.prove(key.public, KEYS.room_id, name)
        credential = read_credential(member, signature_key=key.public, room_id=KEYS.room_id)
        roster.add(leaf, credential, 10 * leaf if number == 0 else number)
        if cohost:
            cohosts = (*roster.state.cohosts, Appointment(identity.public_blob, b"proof"))
            roster.state = msgspec.structs.replace(roster.state, cohosts=cohosts)
        return identity

    return enter


def test_a_lock_and_rules_change_what_they_name_only(membership: Membership) -> None:
    state = membership.roster.state
    locked = edit_of(Lock(True), membership)(state)
    assert locked == msgspec.structs.replace(state, locked=True)
    assert edit_of(Lock(False), membership)(locked) == state
    quiet = edit_of(SetPolicy("chat", False), membership)(locked)
    assert quiet.policy == Policy(chat=False)
    assert quiet.locked
    with pytest.raises(PolicyError, match="no such rule"):
        edit_of(SetPolicy("shouting", True), membership)


def test_rules_are_those_of_the_policy() -> None:
    assert RULES == ("recording", "ai", "chat", "share", "stage")


def test_an_appointment_holds_on_whatever_state_it_is_made(
    membership: Membership, arrive: Arrive
) -> None:
    ada = arrive(1, "Ada")
    edit = edit_of(Appoint(1), membership)
    for state in (membership.roster.state, RoomState(hosts=(HOST.public_blob,), locked=True)):
        made = edit(state)
        assert made.role(ada.public_blob) == "cohost"
        assert made.locked == state.locked
        check_appointments(made, KEYS.room_id, LINK.host_hash)
    with pytest.raises(PolicyError, match="Ada is a cohost already"):
        edit(made)


def test_nobody_is_appointed_who_is_not_here_or_host_or_too_many(
    membership: Membership, arrive: Arrive
) -> None:
    with pytest.raises(PolicyError, match="nobody"):
        edit_of(Appoint(9), membership)
    with pytest.raises(PolicyError, match="host already"):
        edit_of(Appoint(0), membership)(membership.roster.state)
    arrive(1, "Ada")
    for leaf in range(2, 2 + MAX_COHOSTS):
        arrive(leaf, f"C{leaf}", cohost=True)
    with pytest.raises(PolicyError, match="too many"):
        edit_of(Appoint(1), membership)(membership.roster.state)


def test_somebody_whose_number_is_not_known_yet_is_not_appointed(
    membership: Membership, arrive: Arrive
) -> None:
    arrive(1, "Ada", number=None)
    with pytest.raises(PolicyError, match="still coming in"):
        edit_of(Appoint(1), membership)


def test_a_cohost_is_dismissed_by_its_key_also_when_it_is_not_here(
    membership: Membership, arrive: Arrive
) -> None:
    ada, bob = arrive(1, "Ada", cohost=True), arrive(2, "Bob", cohost=True)
    membership.roster.remove(1)
    edit = edit_of(Dismiss(ada.fingerprint), membership)
    (left,) = edit(membership.roster.state).cohosts
    assert left.blob == bob.public_blob
    with pytest.raises(PolicyError, match="no cohost"):
        edit(edit(membership.roster.state))


def test_only_the_links_host_appoints_and_dismisses(membership: Membership, arrive: Arrive) -> None:
    assert appoints(membership.roster)
    ada = arrive(1, "Ada", cohost=True)
    membership.roster.me = 1
    for change in (Appoint(0), Dismiss(ada.fingerprint)):
        with pytest.raises(PolicyError, match="only the host of the link"):
            edit_of(change, membership)


def test_hosts_come_first_then_cohosts_in_their_order_then_members_by_leaf(
    roster: Roster, arrive: Arrive
) -> None:
    arrive(1, "Mia")
    arrive(2, "Cleo", cohost=True)
    arrive(3, "Cora", cohost=True)
    arrive(4, "Max")
    assert [rank(roster, leaf) for leaf in (0, 2, 3, 1, 4)] == [0, 1, 2, 3, 4]


def test_the_first_in_rank_that_is_connected_acts(roster: Roster, arrive: Arrive) -> None:
    arrive(1, "Mia")
    arrive(2, "Cleo", cohost=True)
    assert acting(roster) == 0
    roster[0].leaving = "lost"
    assert acting(roster) == 2
    roster[2].leaving = "left"
    assert acting(roster) is None


def test_faces_are_told_the_state_and_what_changed(roster: Roster, arrive: Arrive) -> None:
    entered = as_event(roster)
    assert (entered.locked, entered.changed, entered.name) == (False, [], "")
    assert entered.policy == {
        "recording": True, "ai": False, "chat": True, "share": True, "stage": False
    }  # fmt: skip
    before = roster.state
    ada = arrive(1, "Ada", cohost=True)
    roster.state = msgspec.structs.replace(
        roster.state, locked=True, policy=Policy(chat=False, stage=True)
    )
    told = as_event(roster, Change(0, before, [], [], 1.0))
    assert (told.name, told.mine) == ("Hana", True)
    assert told.cohosts == [ada.fingerprint]
    assert told.changed == [
        StateChange(what="locked"),
        StateChange(what="forbidden", of="chat"),
        StateChange(what="allowed", of="stage"),
        StateChange(what="appointed", of="Ada"),
    ]


def test_who_was_dismissed_is_named_also_when_it_is_gone(roster: Roster, arrive: Arrive) -> None:
    arrive(1, "Ada", cohost=True)
    bob = arrive(2, "Bob", cohost=True)
    before, name = roster.state, roster.name(1)
    person = roster.remove(1)
    roster.remove(2)
    roster.state = msgspec.structs.replace(roster.state, cohosts=())
    told = as_event(roster, Change(0, before, [], [(1, name, person)], 0.3))
    assert [change.of for change in told.changed] == ["Ada", bob.fingerprint]


def test_the_cohost_itself_is_told_so(roster: Roster, arrive: Arrive) -> None:
    before = roster.state
    arrive(1, "Ada", cohost=True)
    roster.me = 1
    (change,) = as_event(roster, Change(0, before, [], [], 1.0)).changed
    assert change == StateChange(what="appointed", of="Ada", me=True)


# --- what every client refuses, whoever passes it on ---


def state_of(seat: Seat) -> RoomState:
    assert seat.protocol.roster is not None
    return seat.protocol.roster.state


def become(seat: Seat, **change: object) -> dict[str, object]:
    """Return what makes a Commit change the room's state, as the seat's own client would not."""
    assert seat.protocol.membership is not None
    extensions = seat.protocol.membership.group.extensions
    state = msgspec.structs.replace(state_of(seat), **change)
    return {"extensions": {**extensions, ROOM_STATE: state.encode()}}


def proof(host: DeviceIdentity, room_id: bytes, cohost: bytes) -> bytes:
    key = SigningKey.generate()
    credential = host.prove(key.public, room_id, "Hana")
    return appoint(credential, key, room_id=room_id, cohost=cohost)


def refused(table: Table, attacker: Seat, witnesses: Sequence[Seat], **commit: object) -> None:
    """Have a Commit refused by everybody, who go on as if it had not been there."""
    before = [(seat.protocol.epoch, seat.names, state_of(seat)) for seat in witnesses]
    table.forge(attacker, **commit)
    assert before == [(seat.protocol.epoch, seat.names, state_of(seat)) for seat in witnesses]
    assert {seat.last(ErrorEvent).code for seat in witnesses} == {"room.policy"}
    table.say(witnesses[0], "we go on")
    assert all(seat.lines[-1].endswith(": we go on") for seat in witnesses)


@pytest.fixture
def trio(table: Table) -> tuple[Seat, Seat, Seat]:
    """A host, its cohost, and a member."""
    host = table.host()
    cohost, member = table.join(host, "Cora"), table.join(host, "Mallory")
    table.appoint(host, cohost)
    return host, cohost, member


@pytest.mark.parametrize("change", ["appoints", "dismisses itself", "is host", "dethrones"])
def test_attack_a_cohost_changes_roles(
    table: Table, trio: tuple[Seat, Seat, Seat], change: str
) -> None:
    host, cohost, member = trio
    mine, hosts = cohost.identity.public_blob, state_of(host).hosts
    friend = member.identity.public_blob
    proven = Appointment(
        friend, proof(cohost.identity, room_keys(table.link.secret).room_id, friend)
    )
    made = {
        "appoints": {"cohosts": (*state_of(host).cohosts, proven)},
        "dismisses itself": {"cohosts": ()},
        "is host": {"hosts": (*hosts, mine)},
        "dethrones": {"hosts": (mine,)},
    }[change]
    refused(table, cohost, (host, member), **become(cohost, **made))


def test_attack_a_cohost_removes_a_host(table: Table, trio: tuple[Seat, Seat, Seat]) -> None:
    host, cohost, member = trio
    refused(table, cohost, (host, member), removes=[host.leaf])


def test_attack_a_dismissed_cohost_commits(table: Table, trio: tuple[Seat, Seat, Seat]) -> None:
    host, cohost, member = trio
    host.protocol.change(Dismiss(cohost.identity.fingerprint), table.now)
    table.settle()
    refused(table, cohost, (host, member), removes=[member.leaf])
    refused(table, cohost, (host, member), **become(cohost, locked=True))


@pytest.mark.parametrize("change", ["locks", "allows itself", "is cohost"])
def test_attack_a_member_changes_the_room(
    table: Table, trio: tuple[Seat, Seat, Seat], change: str
) -> None:
    host, cohost, member = trio
    blob = member.identity.public_blob
    forged = Appointment(blob, state_of(host).cohosts[0].proof)  # of another cohost
    made = {
        "locks": {"locked": True},
        "allows itself": {"policy": Policy(ai=True)},
        "is cohost": {"cohosts": (forged,)},
    }[change]
    refused(table, member, (host, cohost), **become(member, **made))


@pytest.mark.parametrize("kind", ["of another room", "of another cohost", "of another host"])
def test_attack_a_hostile_host_device_puts_a_forged_appointment_in(
    table: Table, trio: tuple[Seat, Seat, Seat], kind: str
) -> None:
    host, cohost, member = trio
    blob, room_id = member.identity.public_blob, room_keys(table.link.secret).room_id
    forged = {
        "of another room": proof(table.host_identity, bytes(16), blob),
        "of another cohost": state_of(host).cohosts[0].proof,
        "of another host": proof(cohost.identity, room_id, blob),
    }[kind]
    commit = become(host, cohosts=(Appointment(blob, forged),))
    refused(table, host, (cohost, member), **commit)
