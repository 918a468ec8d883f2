"""Coming back after the connection broke: in transcripts with the real hall, and what is tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from e2ee.identity import DeviceIdentity
from media.control import InstallKey, Renew, ResumeSending, StopSending
from rooms import events, wire
from rooms.hosting import GATHER
from rooms.phases import Phase
from rooms.returning import RECONNECT_FOR
from rooms.roles import SetPolicy
from rooms.roster import Appearance

if TYPE_CHECKING:
    from tests.rooms.conftest import Seat, Table


def trio(table: Table) -> tuple[Seat, Seat, Seat]:
    host = table.host()
    return host, table.join(host, "Ada"), table.join(host, "Bob")


def agree(*seats: Seat) -> None:
    """Check that all are in one epoch, and see the same people with the same keys."""
    groups = [seat.protocol.membership.group for seat in seats]  # type: ignore[union-attr]
    assert len({group.epoch_authenticator for group in groups}) == 1
    assert len({tuple(sorted(seat.names)) for seat in seats}) == 1
    assert len({seat.last(InstallKey).base_key for seat in seats}) == 1


def test_who_lost_the_connection_is_back_and_nobody_is_asked(table: Table) -> None:
    host, ada, bob = trio(table)
    knocks = len(host.told(events.Knock))
    table.lose(ada)
    assert ada.last(events.Reconnecting).reason == "the connection to the server broke"
    assert isinstance(ada.commands[-2], StopSending)
    assert isinstance(ada.commands[-1], Renew)
    table.reconnect(ada)
    agree(host, ada, bob)
    assert ada.names == ["Hana", "Ada", "Bob"]
    assert ada.last(events.Reconnected).leaf == ada.leaf == 1
    assert len(ada.told(events.Joined)) == 1
    assert len(host.told(events.Knock)) == knocks
    assert ada.last(InstallKey).anew
    for seat in (host, bob):
        assert seat.last(events.ParticipantLeft).reason == "lost"
        assert seat.last(events.ParticipantJoined).participant.name == "Ada"
    table.wait(100.0)
    assert host.names == ["Hana", "Ada", "Bob"]


def test_who_comes_back_later_than_we_did_was_not_removed(table: Table) -> None:
    host, ada, bob = trio(table)
    table.lose(ada)
    table.lose(bob)
    table.reconnect(ada)
    table.reconnect(bob)
    agree(host, ada, bob)
    assert {left.reason for left in ada.told(events.ParticipantLeft)} == {"lost"}


def test_who_came_and_went_meanwhile_is_told(table: Table) -> None:
    host, ada, bob = trio(table)
    table.lose(ada)
    bob.protocol.leave()
    table.settle()
    cleo = table.join(host, "Cleo")
    told = len(ada.events)
    table.reconnect(ada)
    agree(host, ada, cleo)
    after = ada.events[told:]
    assert [e.name for e in after if isinstance(e, events.ParticipantLeft)] == ["Bob"]
    came = [e.participant.name for e in after if isinstance(e, events.ParticipantJoined)]
    assert came == ["Cleo"]


def test_muted_and_camera_are_as_before(table: Table) -> None:
    host, ada, bob = trio(table)
    ada.protocol.appear(Appearance(True, True))
    table.settle()
    table.lose(bob)
    table.reconnect(bob)
    table.lose(ada)
    table.reconnect(ada)
    for seat in (host, ada, bob):
        people = {p.name: (p.muted, p.camera) for p in seat.protocol.roster.participants()}  # type: ignore[union-attr]
        assert people["Ada"] == (True, True)
        assert people["Hana"] == (False, False)


def test_a_line_in_flight_is_said_again_and_read_once(table: Table) -> None:
    host, ada, bob = trio(table)
    ada.protocol.say("ordered, but she does not know", table.now)
    table.send(ada)
    table.hall.outbox = [item for item in table.hall.outbox if item[0] != ada.conn]
    table.settle()
    ada.protocol.say("never sent", table.now)
    ada.protocol.out.outbox.clear()
    table.lose(ada)
    table.reconnect(ada)
    for seat in (host, ada, bob):
        assert [line.partition(": ")[2] for line in seat.lines] == [
            "ordered, but she does not know",
            "never sent",
        ]


def test_meanwhile_nothing_can_be_said(table: Table) -> None:
    _, ada, _ = trio(table)
    table.lose(ada)
    ada.protocol.say("hello?", table.now)
    ada.protocol.appear(Appearance(True, False))
    table.send(ada)
    assert "made again" in ada.last(events.Note).text
    ada.protocol.leave()
    table.send(ada)
    assert ada.last(events.Ended).code == ""


def test_without_host_and_cohost_a_member_gives_the_place_back(table: Table) -> None:
    host, ada, bob = trio(table)
    cleo = table.join(host, "Cleo")
    table.wait(70.0)
    table.leave(host)
    table.lose(ada)
    table.reconnect(ada)
    assert ada.protocol.phase is Phase.RETURNING  # Bob leaves the host its turn
    table.wait(5.0)
    agree(ada, bob, cleo)
    commits = [conn for conn, m in table.log if isinstance(m, wire.SubmitCommit) and m.joiners]
    assert commits[-1] == bob.conn
    assert ada.names == ["Hana", "Ada", "Bob", "Cleo"]


def test_the_host_comes_back_through_a_member(table: Table) -> None:
    host, ada, bob = trio(table)
    table.lose(host)
    table.reconnect(host)
    table.wait(5.0)
    agree(host, ada, bob)
    assert host.protocol.role == "host"
    table.join(host, "Cleo")


def test_a_host_that_came_back_through_a_member_keeps_the_door_again(table: Table) -> None:
    host, ada, _ = trio(table)
    table.lose(host)
    table.reconnect(host)
    table.wait(10.0)
    stranger = table.knock("Stranger")
    host.protocol.refuse(host.last(events.Knock).knock)
    table.settle()
    assert stranger.protocol.phase is Phase.OVER
    host.protocol.remove(ada.leaf, table.now)
    table.wait(1.0)
    assert ada.last(events.Ended).code == "room.removed"  # the server closed its connection
    assert host.protocol.phase is Phase.INSIDE


def test_members_that_act_at_once_do_it_once(table: Table) -> None:
    host, ada, bob = trio(table)
    cleo = table.join(host, "Cleo")
    table.leave(host)
    table.lose(ada)
    table.reconnect(ada)
    for seat in (bob, cleo):
        seat.protocol.tick(table.now + 60.0)  # both believe that it is their turn
    table.wait(10.0)
    agree(ada, bob, cleo)


def test_whom_a_member_cannot_take_back_waits_for_the_host(table: Table) -> None:
    """Bob knows Cleo, whom the host let in meanwhile; Ada has nobody's word for her but his."""
    host, ada, bob = trio(table)
    table.wait(70.0)
    table.lose(ada)
    table.join(host, "Cleo")
    table.lose(host)
    table.reconnect(ada)
    table.wait(8.0)
    assert ada.last(events.ErrorEvent).code == "room.untrusted_host"
    assert ada.protocol.phase is Phase.AWAY
    table.lose(ada)  # it closes its connection
    table.reconnect(ada)
    assert len(ada.told(events.Knocking)) == 2
    table.reconnect(host)
    table.wait(6.0)
    asked = host.last(events.Knock)
    assert asked.name.startswith("Ada")
    host.protocol.admit(asked.knock, table.now)
    table.wait(65.0)
    agree(host, ada, bob)
    assert sorted(ada.names) == ["Ada", "Bob", "Cleo", "Hana"]


# --- the server begins anew ---


def restarted(table: Table, *seats: Seat) -> None:
    """The server is new; everybody tries again every second or so."""
    table.restart()
    for _ in range(30):
        away = [seat for seat in seats if seat.protocol.phase is Phase.AWAY]
        table.reconnect(*away)
        table.wait(1.0)


def test_a_server_that_restarts_costs_nothing_but_a_moment(table: Table) -> None:
    seats = trio(table)
    host, ada, bob = seats
    restarted(table, *seats)
    assert [seat.protocol.phase for seat in seats] == [Phase.INSIDE] * 3
    agree(*seats)
    assert host.last(events.Reconnected).opened
    assert not ada.last(events.Reconnected).opened
    table.say(bob, "all here?")
    assert host.lines == ada.lines == bob.lines == ["Bob: all here?"]
    cleo = table.join(host, "Cleo")
    agree(*seats, cleo)
    assert host.names == ["Hana", "Ada", "Bob", "Cleo"]


def test_a_member_opens_the_room_if_no_host_does(table: Table) -> None:
    host, ada, bob = trio(table)
    host.protocol.phase = Phase.OVER  # whose machine went down with the server
    restarted(table, ada, bob)
    agree(ada, bob)
    assert ada.last(events.Reconnected).opened
    room = next(iter(table.hall.rooms.values()))
    assert [member.leaf for member in room.members.values()] == [ada.leaf, bob.leaf]


def test_the_host_has_its_door_back_in_a_room_that_a_member_opened(table: Table) -> None:
    seats = trio(table)
    host, ada, bob = seats
    table.restart()
    restarting = [ada, bob]
    for _ in range(8):
        table.reconnect(*(s for s in restarting if s.protocol.phase is Phase.AWAY))
        table.wait(1.0)
    assert ada.last(events.Reconnected).opened
    table.reconnect(host)
    table.wait(6.0)
    agree(*seats)
    table.join(host, "Cleo")
    host.protocol.remove(bob.leaf, table.now)
    table.settle()
    assert bob.last(events.Ended).code == "room.removed"


def test_who_does_not_come_back_to_a_room_opened_again_is_removed(table: Table) -> None:
    seats = trio(table)
    host, ada, bob = seats
    bob.protocol.phase = Phase.OVER
    restarted(table, host, ada)
    assert host.names == ["Hana", "Ada", "Bob"]
    table.wait(60.0)
    assert host.names == ada.names == ["Hana", "Ada"]


# --- its limits, and what is tried ---


def test_after_a_while_it_is_given_up(table: Table) -> None:
    _, ada, _ = trio(table)
    table.lose(ada)
    table.now += RECONNECT_FOR + 1.0
    table.lose(ada)
    assert ada.last(events.Ended).code == "network.unreachable"


@pytest.mark.parametrize("code", ["room.full", "wire.too_fast", "room.missing"])
def test_a_server_that_is_busy_is_asked_again(table: Table, code: str) -> None:
    _, ada, _ = trio(table)
    table.lose(ada)
    ada.protocol.start(table.now)
    ada.protocol.received(wire.ServerError(code, "not now"), table.now)
    assert ada.protocol.phase is Phase.AWAY
    ada.protocol.start(table.now)
    ada.protocol.received(wire.ServerError("wire.version", "too old"), table.now)
    assert ada.protocol.phase is Phase.OVER


def test_attack_a_member_has_everybody_renew_keys_by_coming_and_going(table: Table) -> None:
    host, ada, bob = trio(table)
    asked = len(host.told(events.Knock))
    for _ in range(20):
        table.lose(ada)
        table.reconnect(ada)
        table.wait(GATHER + 0.2)
        if ada.protocol.phase is not Phase.INSIDE:
            break
    commits = [m for _, m in table.log if isinstance(m, wire.SubmitCommit)]
    assert len(commits) < 12
    assert host.told(events.Knock)[asked:] == [host.last(events.Knock)]  # a person decides now
    assert host.last(events.Knock).name == "Ada"
    host.protocol.admit(host.last(events.Knock).knock, table.now)
    table.settle()
    agree(host, ada, bob)


def test_attack_a_removed_member_comes_back_by_its_old_place(table: Table) -> None:
    host, ada, bob = trio(table)
    table.lose(ada)
    host.protocol.remove(ada.leaf, table.now)
    table.settle()
    asked = len(host.told(events.Knock))
    table.reconnect(ada)
    table.wait(10.0)
    assert ada.protocol.phase is Phase.RETURNING
    assert host.names == bob.names == ["Hana", "Bob"]
    assert len(host.told(events.Knock)) == asked + 1  # as anybody else who knocks


def test_attack_a_member_comes_back_at_the_moment_it_is_removed(table: Table) -> None:
    """Its knock for its place comes while a Commit is under way; then the host puts it out."""
    host, ada, bob = trio(table)
    table.lose(ada)
    host.protocol.change(SetPolicy("chat", False), table.now)
    table.send(host)
    under_way, table.hall.outbox = table.hall.outbox, []
    table.reconnect(ada)
    host.protocol.remove(ada.leaf, table.now)
    table.hall.outbox = [*under_way, *table.hall.outbox]
    table.wait(10.0)
    assert host.names == bob.names == ["Hana", "Bob"]
    assert host.last(events.Knock).name == "Ada"  # a person is asked


def test_attack_a_removed_member_comes_back_while_no_host_is_there(table: Table) -> None:
    host, ada, bob = trio(table)
    table.lose(ada)
    host.protocol.remove(ada.leaf, table.now)
    table.settle()
    table.leave(host)
    table.reconnect(ada)
    table.wait(30.0)
    assert bob.names == ["Hana", "Bob"]
    assert ada.protocol.phase is Phase.RETURNING


def test_attack_the_server_plays_a_stale_knock_for_a_place_again(table: Table) -> None:
    """Whoever gives places back: it is no knock for the place as it is now."""
    host, ada, bob = trio(table)
    table.lose(ada)
    table.reconnect(ada)
    stale = [m for _, m in table.log if isinstance(m, wire.Knock)][-1]
    table.lose(ada)
    table.reconnect(ada)
    epoch = host.protocol.epoch
    table.leave(host)
    for number, seat in enumerate((bob, ada), start=70):
        seat.protocol.received(wire.KnockReceived(number, stale.sealed), table.now)
    table.wait(30.0)
    agree(ada, bob)
    assert ada.protocol.epoch == epoch
    assert ada.names == ["Hana", "Ada", "Bob"]


def test_attack_a_thief_of_the_identity_takes_a_running_clients_place(table: Table) -> None:
    host, ada, _ = trio(table)
    thief = table.knock("Ada", identity=ada.identity)
    table.wait(10.0)
    assert thief.protocol.phase is Phase.KNOCKING  # and the host is asked
    assert host.last(events.Knock).name.startswith("Ada")
    assert not ada.told(events.Ended)


def test_attack_the_server_says_that_somebody_is_gone(table: Table) -> None:
    """Whoever is still heard is not removed: it has to be cut off for that."""
    host, ada, bob = trio(table)
    gone = wire.ParticipantGone(ada.protocol._participant)
    host.protocol.received(gone, table.now)
    table.say(ada, "I am here")
    table.wait(70.0)
    assert host.names == ["Hana", "Ada", "Bob"]
    table.hall.disconnected(ada.conn, table.now)
    table.wait(70.0)
    assert host.names == bob.names == ["Hana", "Bob"]


def test_attack_the_server_has_somebody_who_stopped_sending_go_on(table: Table) -> None:
    """It parts Ada from the others, and says that it has lost the room each time she notices."""
    host, ada, bob = trio(table)
    table.restart()
    for _ in range(5):
        table.reconnect(*(seat for seat in [ada] if seat.protocol.phase is Phase.AWAY))
        table.wait(1.0)
    assert ada.last(events.Reconnected).opened
    assert ada.last(events.E2eeState).reason == "silent"
    sends = [c for c in ada.commands if isinstance(c, StopSending | ResumeSending)]
    assert isinstance(sends[-1], StopSending)
    table.say(ada, "anybody?")
    assert wire.SendApplication not in [type(m) for conn, m in table.log if conn == ada.conn]
    table.reconnect(host, bob)
    table.wait(10.0)
    agree(host, ada, bob)
    assert isinstance(ada.last(StopSending | ResumeSending), ResumeSending)  # type: ignore[type-var]
    assert host.lines == bob.lines == ada.lines == ["Ada: anybody?"]


def test_attack_the_server_welcomes_somebody_back_into_another_group(table: Table) -> None:
    from tests.rooms.conftest import Table as Another

    _, ada, _ = trio(table)
    table.lose(ada)
    other = Another()
    other.link = table.link
    other.host_identity = DeviceIdentity.generate()
    evil = other.host("Eve")
    del other.seats[evil.conn]
    other.seats[evil.conn] = evil
    ada.protocol.start(table.now)
    other.now = table.now
    knock = ada.protocol.out.take().outbox[-1]
    assert isinstance(knock, wire.Knock)
    evil.protocol.received(wire.KnockReceived(9, knock.sealed), table.now)
    evil.protocol.admit(9, table.now)
    (commit,) = [m for m in evil.protocol.out.take().outbox if isinstance(m, wire.SubmitCommit)]
    assert commit.welcome is not None
    ada.protocol.received(wire.KnockWaiting(9), table.now)
    ada.protocol.received(wire.Welcomed(commit.welcome.welcome), table.now)
    table.send(ada)
    assert ada.last(events.ErrorEvent).code == "room.untrusted_host"
    assert ada.protocol.phase is Phase.AWAY
    assert not ada.told(events.Reconnected)


def test_nobody_comes_back_to_a_room_that_everybody_left(table: Table) -> None:
    host = table.host()
    ada = table.join(host, "Ada")
    host.protocol.leave()
    table.settle()
    table.lose(ada)
    assert ada.last(events.Ended).code == "network.unreachable"


def test_attack_a_member_comes_back_again_and_again(table: Table) -> None:
    """Each time costs everybody a Commit with a path."""
    host, ada, _ = trio(table)
    start = host.protocol.epoch
    for _ in range(60):
        table.lose(ada)
        table.reconnect(ada)
    assert host.protocol.epoch - start < 25


# --- what members commit while no host is there ---


def test_a_host_that_left_is_taken_out_by_a_member(table: Table) -> None:
    host, ada, bob = trio(table)
    table.wait(60.0)
    host.protocol.leave()
    table.settle()
    assert ada.names == ["Hana", "Ada", "Bob"]  # she leaves the host its turn
    table.wait(4.0)
    assert ada.names == bob.names == ["Ada", "Bob"]
    agree(ada, bob)
    assert bob.last(events.ParticipantLeft).reason == "left"
    assert sum(isinstance(m, wire.SubmitCommit) for conn, m in table.log if conn == bob.conn) == 0


def test_members_renew_their_keys_without_a_host(table: Table) -> None:
    host, ada, bob = trio(table)
    table.leave(host)
    epoch = ada.protocol.epoch
    table.wait(120.0)
    agree(ada, bob)
    assert ada.protocol.epoch > epoch
    commits = [m for _, m in table.log if isinstance(m, wire.SubmitCommit) and not m.joiners]
    assert commits
    assert ada.protocol.phase is bob.protocol.phase is Phase.INSIDE
    for seat in (ada, bob):
        assert not seat.told(events.ErrorEvent)


def test_attack_a_stranger_opens_the_room_that_the_server_lost(table: Table) -> None:
    """Whoever has the link can: nobody of the room is led into another one."""
    seats = trio(table)
    table.restart()
    eve = table.sit("Eve", hosting=True)
    eve.protocol.start(table.now)
    table.settle()
    for _ in range(20):
        table.reconnect(*(seat for seat in seats if seat.protocol.phase is Phase.AWAY))
        for knock in eve.told(events.Knock):
            eve.protocol.admit(knock.knock, table.now)
        table.wait(1.0)
    assert eve.told(events.Knock)
    for seat in seats:
        assert seat.last(events.Ended).code == "room.untrusted_host"
        assert "Eve" not in seat.names


def test_the_host_comes_back_after_somebody_who_lost_the_connection_with_it(table: Table) -> None:
    """Ada has another key since, so the host takes no Welcome of hers: Bob gives it the place."""
    host, ada, bob = trio(table)
    table.wait(70.0)
    table.lose(host, ada)
    table.reconnect(ada)
    table.wait(6.0)
    agree(ada, bob)
    table.reconnect(host)
    table.wait(12.0)
    agree(host, ada, bob)
    assert not host.told(events.ErrorEvent)


def test_a_welcome_that_got_lost_on_the_way_back_costs_nobody_their_place(table: Table) -> None:
    """No host is there to be asked: members give back only places that were held before."""
    host, ada, bob = trio(table)
    table.leave(host)
    table.lose(ada)
    ada.tamper = lambda message: [message] if isinstance(message, wire.KnockWaiting) else []
    table.reconnect(ada)
    table.wait(20.0)
    assert ada.protocol.phase is Phase.RETURNING
    table.lose(ada)
    ada.tamper = None
    table.reconnect(ada)
    table.wait(20.0)
    assert ada.protocol.phase is Phase.INSIDE
    agree(ada, bob)


def test_who_comes_back_learns_whom_a_rule_has_hidden_meanwhile(table: Table) -> None:
    host = table.host()
    ada, bob = table.join(host, "Ada"), table.join(host, "Bob")
    bob.protocol.appear(Appearance(camera=True))
    table.settle()
    assert ada.last(events.CameraState).on
    table.lose(ada)
    host.protocol.change(SetPolicy("share", False), table.now)
    table.wait(1)
    table.reconnect(ada)
    table.wait(5)
    assert ada.told(events.Reconnected)
    hidden = ada.last(events.CameraState)
    assert (hidden.leaf, hidden.on) == (bob.leaf, False)


def test_whoever_knocks_again_as_a_stranger_is_told_so(table: Table) -> None:
    host = table.host()
    ada = table.join(host, "Ada")
    table.lose(ada)
    assert ada.protocol._returning is not None
    ada.protocol._returning.give_place_up()
    table.reconnect(ada)
    assert [event.host_here for event in ada.told(events.Knocking)] == [True, True]
