"""The desk: who sits at it, in transcripts with the real hall, and what cohosts and members try."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from e2ee.identity import DeviceIdentity
from rooms import events, wire
from rooms.desk import LOOK, LOST_FOR, UNHEARD
from rooms.roles import Appoint, Dismiss, Lock, SetPolicy

if TYPE_CHECKING:
    from tests.rooms.conftest import Seat, Table


def change(table: Table, seat: Seat, what: object) -> None:
    seat.protocol.change(what, table.now)  # type: ignore[arg-type]
    table.settle()


def trio(table: Table) -> tuple[Seat, Seat, Seat]:
    """A host, its cohost, and a member."""
    host = table.host()
    cohost, member = table.join(host, "Cora"), table.join(host, "Mia")
    table.appoint(host, cohost)
    return host, cohost, member


def sent(table: Table, kind: type, seat: Seat | None = None) -> list[object]:
    return [m for conn, m in table.log if isinstance(m, kind) and seat in (None, table.seats[conn])]


def back(table: Table, name: str = "Hana") -> Seat:
    """The host comes back: another connection, its old key."""
    return table.knock(name, identity=table.host_identity)


def agree(*seats: Seat) -> None:
    assert len({seat.protocol.epoch for seat in seats}) == 1
    assert len({seat.protocol.membership.group.epoch_authenticator for seat in seats}) == 1  # type: ignore[union-attr]


# --- roles ---


def test_a_cohost_is_appointed_and_everybody_is_told(table: Table) -> None:
    host, cohost, member = trio(table)
    assert [seat.protocol.role for seat in (host, cohost, member)] == ["host", "cohost", "member"]
    for seat in (host, cohost, member):
        told = seat.last(events.RoomState)
        assert told.name == "Hana"
        assert told.mine == (seat is host)
        assert [(c.what, c.of, c.me) for c in told.changed] == [
            ("appointed", "Cora", seat is cohost)
        ]
    agree(host, cohost, member)


def test_a_cohost_admits_refuses_removes_locks_and_rules(table: Table) -> None:
    host, cohost, member = trio(table)
    ada = table.join(cohost, "Ada")
    assert ada.names == host.names == ["Hana", "Cora", "Mia", "Ada"]
    eve = table.knock("Eve")
    cohost.protocol.refuse(cohost.last(events.Knock).knock)
    table.settle()
    assert eve.last(events.Ended).code == "room.refused"
    change(table, cohost, SetPolicy("chat", False))
    change(table, cohost, Lock(True))
    assert [change.what for change in ada.last(events.RoomState).changed] == ["locked"]
    assert ada.last(events.RoomState).policy["chat"] is False
    cohost.protocol.remove(member.leaf, table.now)
    table.settle()
    assert host.names == ["Hana", "Cora", "Ada"]
    agree(host, cohost, ada)


def test_an_appointed_cohost_sees_who_was_knocking_already(table: Table) -> None:
    host = table.host()
    cohost = table.join(host, "Cora")
    ada = table.knock("Ada")
    assert not cohost.told(events.Knock)
    table.appoint(host, cohost)
    cohost.protocol.admit(cohost.last(events.Knock).knock, table.now)
    table.wait(1.0)
    assert ada.names == ["Hana", "Cora", "Ada"]
    assert host.last(events.KnockWithdrawn).knock == host.last(events.Knock).knock


def test_the_server_knows_a_cohost_before_its_appointment_and_no_longer_after_its_dismissal(
    table: Table,
) -> None:
    host, cohost, member = trio(table)
    change(table, host, Dismiss(cohost.identity.fingerprint))
    kinds = wire.NameDoorkeepers | wire.SubmitCommit
    said = [m for conn, m in table.log if conn == host.conn and isinstance(m, kinds)][2:]
    assert [type(m) for m in said] == [
        wire.NameDoorkeepers,
        wire.SubmitCommit,
        wire.SubmitCommit,
        wire.NameDoorkeepers,
    ]
    assert said[0] == wire.NameDoorkeepers([2])
    assert said[3] == wire.NameDoorkeepers([], [2])
    assert member.last(events.RoomState).changed[0].what == "dismissed"
    assert cohost.protocol.role == "member"


def test_who_is_dismissed_while_its_appointment_is_under_way_keeps_the_door_till_the_end(
    table: Table,
) -> None:
    """Between the two Commits it is a cohost, and the server would not take its Commits."""
    host = table.host()
    cohost = table.join(host, "Cora")
    host.protocol.change(Appoint(cohost.leaf), table.now)
    host.protocol.change(Dismiss(cohost.identity.fingerprint), table.now)
    table.settle()
    assert sent(table, wire.NameDoorkeepers) == [
        wire.NameDoorkeepers([2]),
        wire.NameDoorkeepers([], [2]),
    ]
    assert cohost.protocol.role == "member"


def test_a_dismissed_cohost_is_asked_nothing_any_more(table: Table) -> None:
    host, cohost, _ = trio(table)
    table.knock("Ada")
    asked = cohost.last(events.Knock).knock
    change(table, host, Dismiss(cohost.identity.fingerprint))
    assert cohost.last(events.KnockWithdrawn).knock == asked
    table.knock("Bob")
    assert [knock.name for knock in cohost.told(events.Knock)] == ["Ada"]
    cohost.protocol.admit(asked, table.now)
    table.settle()
    assert cohost.last(events.ErrorEvent).code == "room.policy"
    table.appoint(host, cohost)  # and is asked about all of them again
    assert [knock.name for knock in cohost.told(events.Knock)] == ["Ada", "Ada", "Bob"]


def test_a_cohost_that_the_host_removes_is_cohost_no_more(table: Table) -> None:
    host, cohost, member = trio(table)
    host.protocol.remove(cohost.leaf, table.now)
    table.settle()
    assert cohost.last(events.Ended).code == "room.removed"
    assert member.last(events.RoomState).cohosts == []
    assert [change.of for change in member.last(events.RoomState).changed] == ["Cora"]
    again = table.join(host, "Cora", identity=cohost.identity)
    assert again.protocol.role == "member"


def test_a_cohost_that_lost_the_connection_comes_back_as_one(table: Table) -> None:
    host, cohost, _ = trio(table)
    table.leave(cohost)
    table.wait(61.0)
    assert host.names == ["Hana", "Mia"]
    again = table.join(host, "Cora", identity=cohost.identity)
    assert again.protocol.role == "cohost"
    table.join(again, "Ada")  # the server knows it, too
    assert host.names[-1] == "Ada"


@pytest.mark.parametrize("asked", ["appoint", "dismiss", "remove", "lock", "policy"])
def test_what_a_role_does_not_allow_is_refused_in_one_line(table: Table, asked: str) -> None:
    host, cohost, member = trio(table)
    what = {
        "appoint": Appoint(member.leaf),
        "dismiss": Dismiss(cohost.identity.fingerprint),
        "lock": Lock(True),
        "policy": SetPolicy("chat", False),
    }
    commits = len(sent(table, wire.SubmitCommit))
    for seat in (member, cohost):
        if asked == "remove":
            seat.protocol.remove(host.leaf, table.now)
        elif seat is member or asked in {"appoint", "dismiss"}:
            seat.protocol.change(what[asked], table.now)
        else:
            continue
        table.settle()
        error = seat.last(events.ErrorEvent)
        assert error.code == "room.policy"
        assert "\n" not in error.message
    assert len(sent(table, wire.SubmitCommit)) == commits


# --- locks ---


def test_a_locked_room_takes_nobody_until_it_is_unlocked(table: Table) -> None:
    host, cohost, member = trio(table)
    early = table.knock("Early")
    change(table, cohost, Lock(True))
    late = table.knock("Late")
    assert late.last(events.Ended).code == "room.locked"
    host.protocol.admit(host.last(events.Knock).knock, table.now)
    table.settle()
    assert "locked" in host.last(events.ErrorEvent).message
    assert early.last(events.Ended).code == "room.locked"
    change(table, host, Lock(False))
    assert member.last(events.RoomState).changed[0].what == "unlocked"
    assert table.join(cohost, "Ada").names[-1] == "Ada"


def test_who_was_let_in_before_the_lock_comes_in_first(table: Table) -> None:
    host, _, member = trio(table)
    ada, bob = table.knock("Ada"), table.knock("Bob")
    for knock in host.told(events.Knock)[-2:]:
        host.protocol.admit(knock.knock, table.now)
    host.protocol.change(Lock(True), table.now)
    table.settle()
    assert host.names == ada.names == bob.names == member.names
    assert member.last(events.RoomState).locked
    assert not host.told(events.ErrorEvent)


# --- the host is gone ---


def test_the_next_cohost_takes_over_and_says_so(table: Table) -> None:
    host, cohost, member = trio(table)
    lost = table.join(host, "Lost")
    table.leave(host)
    assert member.last(events.Note).text == "Hana, the host, lost the connection; Cora takes over"
    assert cohost.last(events.Note).text.endswith("; you take over")
    assert member.protocol.roster is not None
    assert not member.protocol.roster.participant(0).connected
    table.hall.disconnected(lost.conn, table.now)
    table.wait(65.0)
    assert member.last(events.ParticipantLeft).name == "Lost"
    ada = table.join(cohost, "Ada")
    assert ada.names == member.names == ["Hana", "Cora", "Mia", "Ada"]
    agree(cohost, member, ada)


def test_a_host_that_leaves_is_let_go_and_is_host_again_when_it_comes_back(table: Table) -> None:
    host, cohost, member = trio(table)
    host.protocol.leave()
    table.wait(5.0)
    assert member.told(events.Note)[-1].text == "Hana, the host, left; Cora takes over"
    assert cohost.names == member.names == ["Cora", "Mia"]
    assert member.last(events.ParticipantLeft).reason == "left"
    again = back(table)
    assert again.protocol.role == "host"
    agree(again, cohost, member)


def test_a_cohost_leaves_the_leaf_of_a_host_that_only_lost_the_connection(table: Table) -> None:
    host, cohost, member = trio(table)
    table.leave(host)
    table.wait(5.0)
    assert cohost.names == member.names == ["Hana", "Cora", "Mia"]
    assert not member.told(events.ErrorEvent)
    assert not sent(table, wire.SubmitCommit, cohost)


def test_a_removal_waits_for_its_turn_and_is_made_once(table: Table) -> None:
    host, cohost, member = trio(table)
    table.hall.disconnected(member.conn, table.now)
    table.wait(70.0)
    assert not sent(table, wire.SubmitCommit, cohost)  # the host did it first
    assert host.names == cohost.names == ["Hana", "Cora"]


def test_a_cohost_waits_two_seconds_for_each_one_before_it(table: Table) -> None:
    host = table.host()
    first, second, lost = (table.join(host, name) for name in ("Cleo", "Cora", "Lost"))
    table.appoint(host, first)
    table.appoint(host, second)
    table.leave(host)
    for seat in (first, second):
        seat.protocol.received(wire.ParticipantGone(lost.protocol._participant), table.now)
    due = [seat.protocol._inside._desk.next_tick for seat in (first, second)]  # type: ignore[union-attr]
    assert due == [table.now + LOST_FOR + 2.0, table.now + LOST_FOR + 4.0]


def test_without_host_and_cohost_the_call_goes_on_and_says_so(table: Table) -> None:
    host, cohost, member = trio(table)
    bob = table.join(host, "Bob")
    table.leave(host)
    table.leave(cohost)
    for seat in (member, bob):
        assert seat.last(events.Note).text == (
            "Cora, a cohost, lost the connection; the call goes on, nobody new can come in"
        )
    table.say(member, "still here")
    assert bob.lines == ["Mia: still here"]


def test_a_cohost_that_goes_while_the_host_is_here_is_no_news(table: Table) -> None:
    _, cohost, member = trio(table)
    table.leave(cohost)
    assert not member.told(events.Note)


def test_who_was_gone_before_its_number_was_known_is_missed_and_removed(table: Table) -> None:
    host, cohost, member = trio(table)
    quiet = table.knock("Quiet")
    host.protocol.admit(host.last(events.Knock).knock, table.now)
    table.send(host)
    for seat in (quiet, host):  # Quiet is in the group, and nobody but the host knows its number
        table.hall.disconnected(seat.conn, table.now)
    table.settle()
    assert cohost.names == member.names == ["Hana", "Cora", "Mia", "Quiet"]
    table.wait(UNHEARD + LOOK + 5.0)
    assert cohost.names == member.names == ["Hana", "Cora", "Mia"]
    assert member.last(events.ParticipantLeft).name == "Quiet"


def test_nobody_is_missed_who_speaks_up(table: Table) -> None:
    host, *_ = trio(table)
    table.wait(3 * UNHEARD)
    assert host.names == ["Hana", "Cora", "Mia"]


# --- the host comes back ---


def test_a_host_whom_nobody_can_let_in_is_told_what_to_do(table: Table) -> None:
    host = table.host()
    table.join(host, "Mia")
    table.leave(host)
    again = back(table)
    assert not again.last(events.Knocking).host_here
    assert "this room is yours" in again.last(events.Note).text


@pytest.mark.parametrize("locked", [False, True])
def test_the_host_comes_back_by_its_key_and_nobody_is_asked(table: Table, locked: bool) -> None:
    host, cohost, member = trio(table)
    if locked:
        change(table, host, Lock(True))
    table.leave(host)
    asked = len(cohost.told(events.Knock))
    again = back(table)
    assert len(cohost.told(events.Knock)) == asked
    assert again.told(events.Note) == []
    assert again.names == cohost.names == member.names == ["Hana", "Cora", "Mia"]
    assert again.protocol.role == "host"
    if locked:
        change(table, again, Lock(False))
    ada = table.join(again, "Ada")  # to the server it is a doorkeeper
    change(table, again, Appoint(ada.leaf))
    assert ada.protocol.role == "cohost"
    change(table, again, Dismiss(cohost.identity.fingerprint))
    assert cohost.protocol.role == "member"
    agree(again, cohost, member, ada)
    bob = table.join(ada, "Bob")  # the new appointment holds for those who come later
    assert bob.names == ["Hana", "Cora", "Mia", "Ada", "Bob"]


def test_a_host_that_is_back_before_it_was_missed_is_let_in_once_it_is(table: Table) -> None:
    host, cohost, member = trio(table)
    again = back(table)  # the server has not noticed that the old connection is dead
    assert not again.told(events.Joined)
    assert cohost.last(events.Knock).name == "Hana"
    table.leave(host)
    assert again.protocol.role == "host"
    assert member.names == ["Hana", "Cora", "Mia"]
    assert cohost.last(events.KnockWithdrawn).knock == cohost.last(events.Knock).knock


def test_two_cohosts_let_the_host_back_in_once(table: Table) -> None:
    host = table.host()
    first, second = table.join(host, "Cleo"), table.join(host, "Cora")
    table.appoint(host, first)
    table.appoint(host, second)
    table.leave(host)
    again = back(table)
    table.wait(3.0)
    assert again.names == first.names == second.names == ["Hana", "Cleo", "Cora"]
    assert not second.told(events.ErrorEvent)
    room = next(iter(table.hall.rooms.values()))
    assert len(room.doorkeepers) == 3
    agree(again, first, second)


def test_attack_somebody_of_the_hosts_name_is_asked_about(table: Table) -> None:
    host, cohost, _ = trio(table)
    table.leave(host)
    eve = table.knock("Hana", identity=DeviceIdentity.generate())
    assert cohost.last(events.Knock).name.startswith("Hana (")
    assert not eve.told(events.Joined)


def test_attack_the_server_plays_the_hosts_knock_again_while_it_is_here(table: Table) -> None:
    host, cohost, _ = trio(table)
    table.leave(host)
    knock = back(table)
    sealed = sent(table, wire.KnockReceived, cohost)[-1].sealed  # type: ignore[attr-defined]
    late = table.join(knock, "Late")
    table.appoint(knock, late)  # has not seen that knock, and cannot know it is an old one
    table.deliver(late, wire.KnockReceived(99, sealed))
    table.settle()
    assert late.names == ["Hana", "Cora", "Mia", "Late"]
    assert cohost.names == late.names


# --- decisions that meet ---


def test_two_who_let_the_same_one_in_do_it_once(table: Table) -> None:
    host, cohost, member = trio(table)
    ada = table.knock("Ada")
    for seat in (host, cohost):
        seat.protocol.admit(seat.last(events.Knock).knock, table.now)
    table.wait(3.0)
    assert ada.names == member.names == ["Hana", "Cora", "Mia", "Ada"]
    assert not host.told(events.ErrorEvent)
    assert not cohost.told(events.ErrorEvent)
    agree(host, cohost, member, ada)


def test_two_changes_that_meet_both_happen(table: Table) -> None:
    host, cohost, member = trio(table)
    host.protocol.change(Lock(True), table.now)
    cohost.protocol.change(SetPolicy("chat", False), table.now)
    table.wait(3.0)
    told = member.last(events.RoomState)
    assert told.locked
    assert told.policy["chat"] is False
    agree(host, cohost, member)


def test_attack_the_server_takes_members_for_cohosts(table: Table) -> None:
    _, _, member = trio(table)
    table.knock("Ada")
    sealed = sent(table, wire.KnockReceived)[-1].sealed  # type: ignore[attr-defined]
    before = member.protocol.epoch
    table.deliver(member, wire.KnockReceived(9, sealed))
    table.deliver(member, wire.KnockReceived(10, b"junk"))
    table.deliver(member, wire.CommitAccepted(before + 1))
    table.deliver(member, wire.CommitRejected(before + 1))
    member.protocol.admit(9, table.now)
    table.settle()
    assert member.protocol.epoch == before
    assert not member.told(events.Knock)
    assert not sent(table, wire.SubmitCommit, member) + sent(table, wire.Refuse, member)
