"""Who comes back when a room fell apart: the rule, and through the real hall."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from e2ee.mls.group import Group
from rooms import events, wire
from rooms.heartbeat import Sides
from rooms.phases import Phase
from rooms.resync import FIRST_GAP, LONGEST_GAP, SPREAD, Resync, is_lost

if TYPE_CHECKING:
    from tests.rooms.conftest import Seat, Table


def room(table: Table) -> tuple[Seat, Seat, Seat]:
    """Three people who have heard of each other."""
    host = table.host()
    ada, bob = table.join(host, "Ada"), table.join(host, "Bob")
    table.wait(60.0)
    return host, ada, bob


def agree(*seats: Seat) -> None:
    groups: list[Group] = [seat.protocol.membership.group for seat in seats]  # type: ignore[union-attr]
    assert len({group.epoch_authenticator for group in groups}) == 1


def come_back(table: Table, *seats: Seat) -> None:
    """Wait until somebody goes, and let them knock as a session does."""
    for _ in range(60):
        table.wait(1.0)
        for seat in seats:
            if seat.protocol.phase is Phase.AWAY:
                table.hall.disconnected(seat.conn, table.now)
                table.reconnect(seat)


# --- the rule ---


NOBODY: frozenset[int] = frozenset()


def sides(*, ahead=NOBODY, behind=NOBODY, elsewhere=NOBODY, with_us=NOBODY) -> Sides:
    return Sides(set(ahead), set(behind), set(elsewhere), set(with_us))


@pytest.mark.parametrize(
    ("me", "where", "lost"),
    [
        (1, sides(with_us={0, 2}), False),
        (1, sides(), False),
        (1, sides(ahead={0}, with_us={2}), True),  # the host is elsewhere
        (1, sides(elsewhere={0}, with_us={2}), True),
        (1, sides(ahead={2}, with_us={0}), False),  # one member claims to be
        (1, sides(ahead={2}), True),
        (0, sides(ahead={2}, with_us={1}), False),
        (0, sides(ahead={1, 2}), True),  # the host was left behind by all
        (0, sides(elsewhere={1, 2}), False),  # they come to it
        (2, sides(elsewhere={1}), True),
        (1, sides(elsewhere={2}), False),
        (2, sides(behind={0, 1}), True),  # the host did not follow, and is not alone
        (2, sides(behind={0}, with_us={1}), False),  # the host will come by itself
        (0, sides(behind={1, 2}), False),  # nobody followed the host: they come to it
    ],
)
def test_who_goes(table: Table, me: int, where: Sides, lost: bool) -> None:
    seats = room(table)
    roster = seats[me].protocol.roster
    assert roster is not None
    assert is_lost(roster, where) is lost


def test_we_go_after_a_while_and_more_and_more_seldom() -> None:
    resync = Resync(lambda: 0.5)
    assert not resync.judge(True, 100.0)
    assert not resync.judge(True, 100.0 + SPREAD / 2 - 0.1)
    assert resync.judge(True, 100.0 + SPREAD / 2)
    assert not resync.judge(True, 102.0)
    assert not resync.judge(True, 100.0 + FIRST_GAP)
    assert resync.judge(True, 101.0 + FIRST_GAP)
    gaps = []
    now = 101.0 + FIRST_GAP
    for _ in range(5):
        resync.judge(True, now)
        start = now
        while not resync.judge(True, now):
            now += 1.0
        gaps.append(now - start)
    assert gaps == sorted(gaps)
    assert gaps[-1] == LONGEST_GAP


def test_what_settles_by_itself_moves_nobody() -> None:
    resync = Resync(lambda: 1.0)
    assert not resync.judge(True, 0.0)
    assert not resync.judge(False, 1.0)
    assert not resync.judge(True, SPREAD)


# --- through the hall ---


def spoil_next_commit(seat: Seat) -> None:
    """Have the server change one bit of the next Commit on its way to somebody."""

    def tamper(message: wire.ServerMessage) -> list[wire.ServerMessage]:
        if not isinstance(message, wire.CommitDelivered):
            return [message]
        seat.tamper = None
        spoilt = message.commit[:-1] + bytes([message.commit[-1] ^ 1])
        return [wire.CommitDelivered(message.epoch, spoilt)]

    seat.tamper = tamper


def test_a_bad_commit_keeps_the_old_state_is_reported_and_resynced(table: Table) -> None:
    host, ada, bob = room(table)
    before = ada.protocol.membership.group.epoch_authenticator  # type: ignore[union-attr]
    spoil_next_commit(ada)
    host.protocol.remove(bob.leaf, table.now)
    table.settle()
    assert ada.last(events.ErrorEvent).code.startswith("e2ee.")
    assert ada.protocol.membership.group.epoch_authenticator == before  # type: ignore[union-attr]
    come_back(table, ada)
    agree(host, ada)
    assert ada.names == host.names == ["Hana", "Ada"]
    assert "went apart" in ada.last(events.Reconnecting).reason
    table.say(ada, "here again")
    assert host.lines == ["Ada: here again"]
    assert ada.told(events.Reconnected)
    assert not ada.told(events.Ended)


def test_after_a_bad_commit_the_next_heartbeat_is_enough(table: Table) -> None:
    host, ada, _ = room(table)
    spoil_next_commit(ada)
    table.join(host, "Cleo")
    table.wait(13.0)
    assert ada.protocol.phase is Phase.AWAY


def test_a_host_that_was_left_behind_comes_back_too(table: Table) -> None:
    host, ada, bob = room(table)
    table.appoint(host, ada)
    spoil_next_commit(host)
    table.join(ada, "Cleo")
    come_back(table, host)
    agree(host, ada, bob)
    assert host.protocol.role == "host"
    table.join(host, "Dora")


def test_attack_a_members_bad_commits_move_nobody(table: Table) -> None:
    """It says on top that it is in a later epoch: all others agree, and stay."""
    host, ada, mallory = room(table)
    membership = mallory.protocol.membership
    assert membership is not None
    pending = membership.group.commit(removes=[ada.leaf], now=int(table.now))
    hall = table.hall.rooms[next(iter(table.hall.rooms))]
    mallory.protocol.out.outbox.append(wire.SubmitCommit(hall.epoch, pending.message))
    mallory.tamper = lambda _: []
    membership.group.merge(pending)
    table.wait(60.0)
    agree(host, ada)
    for seat in (host, ada):
        assert seat.last(events.ErrorEvent).code == "room.policy"
        assert seat.protocol.phase is Phase.INSIDE
        assert not seat.told(events.Reconnecting)


def test_two_branches_become_one(table: Table) -> None:
    host, ada, bob = room(table)
    for seat, others in ((host, [ada]), (bob, [])):
        membership = seat.protocol.membership
        assert membership is not None
        pending = membership.group.commit(path=True, now=int(table.now))
        for other in others:
            theirs = other.protocol.membership
            assert theirs is not None
            other.protocol._inside._changed(  # type: ignore[union-attr]
                theirs.apply(theirs.read_commit(pending.message, now=table.now)), table.now
            )
        seat.protocol._inside._changed(membership.merge(pending, [], []), table.now)  # type: ignore[union-attr]
    come_back(table, host, ada, bob)
    agree(host, ada, bob)
    assert not host.told(events.Reconnecting)
    assert not ada.told(events.Reconnecting)
    assert bob.told(events.Reconnected)


def test_two_who_could_not_follow_and_the_rest_become_one(table: Table) -> None:
    """The host is one of the two: the others come back to it."""
    host, ada, bob = room(table)
    cleo = table.join(host, "Cleo")
    table.appoint(host, bob)
    table.wait(60.0)
    for seat in (host, ada):
        spoil_next_commit(seat)
    table.join(bob, "Dora")
    dora = table.seats[max(table.seats)]
    come_back(table, host, ada, bob, cleo, dora)
    agree(host, ada, bob, cleo)
    assert not host.told(events.Reconnecting)
    assert bob.told(events.Reconnected)
    assert cleo.told(events.Reconnected)


def test_attack_the_server_hides_the_hosts_commit_from_everybody(table: Table) -> None:
    """What the host decided holds: the others come to it, not it to them."""
    host, ada, bob = room(table)
    hidden = lambda m: [] if isinstance(m, wire.CommitDelivered) else [m]  # noqa: E731
    ada.tamper = bob.tamper = hidden
    mallory = table.join(host, "Mallory")
    host.protocol.remove(mallory.leaf, table.now)
    table.settle()
    ada.tamper = bob.tamper = None
    come_back(table, host, ada, bob)
    agree(host, ada, bob)
    assert host.names == ["Hana", "Ada", "Bob"]
    assert not host.told(events.Reconnecting)
