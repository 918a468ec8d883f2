"""Whether everybody is in one epoch: what members say, and what a server makes of it."""

from __future__ import annotations

import typing
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from e2ee.errors import AuthenticationError, KeysError
from e2ee.heartbeat import LABEL, Heartbeat, epoch_hash
from e2ee.identity import DeviceIdentity
from e2ee.link import Link, RoomKeys, host_hash, room_keys
from e2ee.mls.group import Group
from e2ee.sshsig import join_strings
from media.control import InstallKey, ResumeSending, StopSending
from rooms import events, wire
from rooms.errors import PolicyError
from rooms.heartbeat import AGREED, BEHIND, LATE, PERIOD, SILENCE, Agreement, Heartbeats, Verdict
from rooms.membership import Added, Membership, new_bundles
from rooms.phases import Phase
from rooms.roles import SetPolicy
from rooms.roster import Appearance

if TYPE_CHECKING:
    from tests.rooms.conftest import Seat, Table

NOW = 1_800_000_000.0


def sealed(keys: RoomKeys, beat: Heartbeat, by: Group) -> bytes:
    """Whatever a liar with the link says."""
    plaintext = beat.encode() + by.sign(LABEL, join_strings(keys.room_id, beat.encode()))
    associated = b"sottovoce heartbeat" + keys.room_id
    return bytes(12) + AESGCM(keys.heartbeat_key).encrypt(bytes(12), plaintext, associated)


class Pair:
    """A host, a guest it let in, and their heartbeats, the guest's not yet begun."""

    def __init__(self) -> None:
        identity = DeviceIdentity.generate()
        self.link = Link("rooms.example", bytes(16), host_hash(identity.public_blob))
        self.keys = room_keys(self.link.secret)
        self.host = Membership.create(self.link, self.keys, identity, "Hana", now=NOW)
        self.beats = Heartbeats(self.host, NOW, lambda: 0.5)
        self.commits: list[bytes] = []
        self.guest = self.add("Ada")
        self.beats.next_epoch(NOW)

    def add(self, name: str) -> Membership:
        bundle = new_bundles(DeviceIdentity.generate(), name, self.keys, now=NOW)[0]
        psks = {self.keys.psk_id: self.keys.psk}
        pending = self.host.group.commit(adds=[bundle.message], psks=psks, now=int(NOW))
        assert pending.welcome is not None
        guest = Membership.enter(pending.welcome, [bundle], self.link, self.keys)
        credential = guest.roster.credentials[guest.group.leaf]
        self.host.merge(pending, [Added(credential, 5)], [])
        self.commits.append(pending.message)
        return guest

    def judged(self, now: float) -> Verdict:
        """Let time pass as it does, and return how things stand then."""
        while self.beats._clock.time < now - 5:
            self.beats.judge(self.beats._clock.time + 5)
        return self.beats.judge(now)

    def says(
        self,
        *,
        at: float,
        epoch: int | None = None,
        state: bytes | None = None,
        leaf: int | None = None,
        sent: float | None = None,
    ) -> bytes:
        group = self.guest.group
        beat = Heartbeat(
            group.leaf if leaf is None else leaf,
            group.epoch if epoch is None else epoch,
            epoch_hash(group.epoch_authenticator) if state is None else state,
            int(1000 * (at if sent is None else sent)),
        )
        return sealed(self.keys, beat, group)


@pytest.fixture
def pair() -> Pair:
    return Pair()


def test_two_in_one_epoch_agree(pair: Pair) -> None:
    pair.beats.received(pair.says(at=NOW + 1), NOW + 1)
    assert pair.beats.judge(NOW + 1) == AGREED


def test_other_keys_under_the_same_number_disagree_until_they_agree(pair: Pair) -> None:
    pair.beats.received(pair.says(at=NOW + 1, state=bytes(32)), NOW + 1)
    assert pair.beats.judge(NOW + 1) == Verdict(Agreement.DISAGREES, (1,))
    assert pair.beats.judge(NOW + 30) == Verdict(Agreement.DISAGREES, (1,))
    pair.beats.received(pair.says(at=NOW + 31), NOW + 31)
    assert pair.beats.judge(NOW + 31) == AGREED


def test_other_keys_of_an_epoch_we_have_left_disagree_too(pair: Pair) -> None:
    pair.host.merge(pair.host.group.commit(path=True, now=int(NOW)), [], [])
    pair.beats.next_epoch(NOW)
    pair.beats.received(pair.says(at=NOW + 1), NOW + 1)  # it has not followed yet
    assert pair.beats.judge(NOW + 1) == AGREED
    pair.beats.received(pair.says(at=NOW + 2, state=bytes(32)), NOW + 2)
    assert pair.beats.judge(NOW + 2) == Verdict(Agreement.DISAGREES, (1,))


def test_a_later_epoch_may_be_on_its_way_but_not_for_long(pair: Pair) -> None:
    pair.beats.received(pair.says(at=NOW + 1, epoch=2, state=bytes(32)), NOW + 1)
    assert pair.beats.judge(NOW + 1) == AGREED
    pair.beats.received(pair.says(at=NOW + 9, epoch=2, state=bytes(32)), NOW + 9)
    assert pair.beats.judge(NOW + 0.9 + BEHIND) == AGREED
    assert pair.beats.judge(NOW + 1 + BEHIND) == Verdict(Agreement.BEHIND, (1,))
    pair.host.merge(pair.host.group.commit(path=True, now=int(NOW)), [], [])
    pair.beats.next_epoch(NOW + 12)
    assert pair.beats.judge(NOW + 12) == Verdict(Agreement.DISAGREES, (1,))  # bytes(32) was a lie


def test_following_in_time_leaves_no_trace(pair: Pair) -> None:
    pending = pair.host.group.commit(path=True, now=int(NOW))
    pair.guest.apply(pair.guest.read_commit(pending.message, now=NOW))
    pair.beats.received(pair.says(at=NOW + 1), NOW + 1)
    pair.host.merge(pending, [], [])
    pair.beats.next_epoch(NOW + 3)
    assert pair.beats.judge(NOW + 50) == AGREED


def test_a_minute_of_silence_is_noticed_and_ends_with_a_heartbeat(pair: Pair) -> None:
    assert pair.judged(NOW + SILENCE - 0.1) == AGREED
    assert pair.judged(NOW + SILENCE) == Verdict(Agreement.SILENT)
    pair.beats.received(pair.says(at=NOW + 61), NOW + 61)
    assert pair.beats.judge(NOW + 61) == AGREED


def test_one_who_is_silent_alone_is_unconfirmed_and_stops_nobody(pair: Pair) -> None:
    pair.add("Bob")
    pair.beats.next_epoch(NOW)
    pair.guest.apply(pair.guest.read_commit(pair.commits[-1], now=NOW))
    pair.judged(NOW + 59)
    pair.beats.received(pair.says(at=NOW + 59), NOW + 59)
    assert pair.judged(NOW + SILENCE) == AGREED
    assert pair.beats.unconfirmed(NOW + SILENCE) == {2}


def test_silence_counts_from_when_there_is_somebody(pair: Pair) -> None:
    alone = Heartbeats(
        Membership.create(pair.link, pair.keys, DeviceIdentity.generate(), "Eve", now=NOW),
        NOW,
        lambda: 0.5,
    )
    assert alone.judge(NOW + 1000) == AGREED
    assert alone.due(NOW + 1000) is None


def test_heartbeats_go_out_every_ten_seconds(pair: Pair) -> None:
    assert pair.beats.due(NOW + 0.4) is None
    assert pair.beats.due(NOW + 0.5) is not None
    assert pair.beats.due(NOW + 0.4 + PERIOD) is None
    assert pair.beats.due(NOW + 0.5 + PERIOD) is not None


@pytest.mark.parametrize("step", [-5000.0, 5000.0])
@pytest.mark.parametrize("whose", ["theirs", "ours"])
def test_a_clock_that_is_set_makes_nobody_late_or_silent(
    pair: Pair, step: float, whose: str
) -> None:
    guest = Heartbeats(pair.guest, NOW, lambda: 0.0)
    theirs, ours = (step, 0.0) if whose == "theirs" else (0.0, step)
    heard = 0
    for tick in range(1, 200):
        now = NOW + tick
        moved = tick > 30
        sent = guest.due(now + theirs * moved)
        if sent is not None:
            pair.beats.received(sent.sealed, now + ours * moved)
            heard += 1
        assert pair.beats.judge(now + ours * moved) == AGREED
        assert pair.beats.next_tick <= now + ours * moved + 5.1
    assert heard > 15


# --- attacks ---


def test_attack_a_heartbeat_is_played_again(pair: Pair) -> None:
    sealed = pair.says(at=NOW + 1)
    pair.beats.received(sealed, NOW + 1)
    with pytest.raises(PolicyError, match="twice"):
        pair.beats.received(sealed, NOW + 30)
    assert pair.judged(NOW + 1 + SILENCE) == Verdict(Agreement.SILENT)


def test_attack_heartbeats_are_held_up_and_told_later(pair: Pair) -> None:
    pair.beats.received(pair.says(at=NOW + 1), NOW + 1)
    pair.judged(NOW + LATE)
    pair.beats.received(pair.says(at=NOW + 10), NOW + 10 + LATE - 1)
    pair.judged(NOW + LATE + 20)
    with pytest.raises(PolicyError, match="held up"):
        pair.beats.received(pair.says(at=NOW + 20), NOW + 20 + LATE + 1)


def test_attack_a_heartbeat_under_the_name_of_another(pair: Pair) -> None:
    pair.add("Bob")
    pair.beats.next_epoch(NOW)
    with pytest.raises(AuthenticationError):
        pair.beats.received(pair.says(at=NOW + 1, leaf=2), NOW + 1)
    assert pair.judged(NOW + SILENCE) == Verdict(Agreement.SILENT)


def test_attack_our_own_heartbeat_comes_back(pair: Pair) -> None:
    own = pair.beats.due(NOW + 1)
    assert own is not None
    with pytest.raises(PolicyError, match="not in the room"):
        pair.beats.received(own.sealed, NOW + 2)


def test_attack_a_heartbeat_of_somebody_with_the_link_who_is_no_member(pair: Pair) -> None:
    for leaf in (1, 9):
        forged = Heartbeat(leaf, 1, bytes(32), int(NOW * 1000))
        stranger = Membership.create(
            pair.link, pair.keys, DeviceIdentity.generate(), "Eve", now=NOW
        )
        with pytest.raises((KeysError, PolicyError)):
            pair.beats.received(sealed(pair.keys, forged, stranger.group), NOW + 1)
    assert pair.beats.judge(NOW + 1) == AGREED


@pytest.mark.parametrize(("later", "seen"), [(2, Agreement.DISAGREES), (3, Agreement.AGREED)])
def test_attack_other_keys_are_hidden_behind_many_epochs(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, later: int, seen: Agreement
) -> None:
    monkeypatch.setattr("rooms.heartbeat.REMEMBERED", 3)
    for _ in range(later):  # the guest stays where it is
        pair.host.merge(pair.host.group.commit(path=True, now=int(NOW)), [], [])
        pair.beats.next_epoch(NOW)
    assert len(pair.beats._own) == 3
    pair.beats.received(pair.says(at=NOW + 1, state=bytes(32)), NOW + 1)
    assert pair.beats.judge(NOW + 1).agreement is seen


def test_attack_a_removed_member_goes_on_disagreeing(pair: Pair) -> None:
    pair.beats.received(pair.says(at=NOW + 1, state=bytes(32)), NOW + 1)
    pair.host.merge(pair.host.group.commit(removes=[1], now=int(NOW)), [], [1])
    pair.beats.next_epoch(NOW + 2)
    assert pair.beats.judge(NOW + 2) == AGREED
    with pytest.raises(PolicyError):
        pair.beats.received(pair.says(at=NOW + 3, state=bytes(32)), NOW + 3)


# --- through the hall ---


def state(seat: Seat) -> tuple[str, str]:
    last = seat.last(events.E2eeState)
    return (last.state, last.reason)


def count(table: Table, kind: type[wire.ClientMessage | wire.ServerMessage]) -> int:
    """How many messages of a kind have gone over the wire."""
    return sum(isinstance(message, kind) for _, message in table.log)


def is_heartbeat(message: wire.ClientMessage | wire.ServerMessage) -> bool:
    return isinstance(message, wire.HeartbeatDelivered)


def no_heartbeats(message: wire.ServerMessage) -> list[wire.ServerMessage]:
    return [] if isinstance(message, wire.HeartbeatDelivered) else [message]


def test_a_quiet_room_stays_in_agreement(table: Table) -> None:
    host = table.host()
    ada = table.join(host, "Ada")
    table.wait(200)
    for seat in (host, ada):
        assert {event.state for event in seat.told(events.E2eeState)} == {"secure"}
        assert not seat.told(StopSending)


def parted(table: Table, *, heartbeats: bool = True) -> tuple[Seat, Seat, Seat, Seat]:
    """Host and Ada, cohost and Bob: the server shows each two the Commits of their own only."""
    host = table.host()
    cohost, ada, bob = (table.join(host, name) for name in ("Cora", "Ada", "Bob"))
    table.appoint(host, cohost)
    table.wait(60)
    table.part(cohost, bob, heartbeats=heartbeats)
    for keeper, rule in ((host, "stage"), (cohost, "ai")):
        keeper.protocol.change(SetPolicy(rule, True), table.now)
    table.settle()
    assert ada.protocol.epoch == bob.protocol.epoch
    return host, cohost, ada, bob


def partition(table: Table) -> tuple[Seat, Seat, Seat]:
    """Three people, one of whom the server keeps away from Commits."""
    host = table.host()
    ada, bob = table.join(host, "Ada"), table.join(host, "Bob")
    table.wait(60)
    bob.tamper = lambda message: [] if isinstance(message, wire.CommitDelivered) else [message]
    return host, ada, bob


def test_attack_the_server_keeps_a_member_in_an_old_epoch(table: Table) -> None:
    host, ada, bob = partition(table)
    table.join(host, "Cleo")
    table.wait(30)
    assert state(bob) == ("stopped", "behind")
    assert (state(host), state(ada)) == (("secure", "agreed"), ("secure", "agreed"))
    assert bob.protocol.phase is Phase.AWAY  # to come back (rooms.resync)


def test_attack_the_server_builds_two_branches(table: Table) -> None:
    """Each half follows a Commit of its own; both stop, and neither sends a word of chat."""
    host = table.host()
    ada = table.join(host, "Ada")
    for seat in (host, ada):
        membership = seat.protocol.membership
        pending = membership.group.commit(path=True, now=int(table.now))
        seat.protocol._inside._changed(membership.merge(pending, [], []), table.now)
    table.wait(PERIOD + 2)
    assert (state(host), state(ada)) == (("stopped", "disagrees"), ("stopped", "disagrees"))
    assert host.last(events.E2eeState).names == ["Ada"]
    before = count(table, wire.SendApplication)
    table.say(host, "is anybody there?")
    assert count(table, wire.SendApplication) == before


def test_attack_the_other_branch_goes_on_and_nobody_sends_in_between(
    table: Table, monkeypatch
) -> None:
    monkeypatch.setattr("rooms.resync.Resync.judge", lambda *_: False)  # nobody comes back
    host, cohost, ada, bob = parted(table)
    table.wait(PERIOD + 2)
    stopped = [seat.told(StopSending) for seat in (host, cohost, ada, bob)]
    assert [len(stops) for stops in stopped] == [1, 1, 1, 1]
    for _ in range(3):  # one branch is then some epochs ahead
        cohost.protocol.change(SetPolicy("share", False), table.now)
        table.wait(PERIOD + 2)
        cohost.protocol.change(SetPolicy("share", True), table.now)
        table.wait(PERIOD + 2)
    assert bob.protocol.epoch > ada.protocol.epoch
    for seat in (host, cohost, ada, bob):
        assert state(seat)[0] == "stopped"
        assert not seat.told(ResumeSending)


def test_attack_the_server_parts_the_room_and_lets_each_half_hear_itself_only(
    table: Table,
) -> None:
    host, cohost, ada, bob = parted(table, heartbeats=False)
    table.wait(SILENCE + 10)
    for seat, others in ((ada, {cohost.leaf, bob.leaf}), (bob, {host.leaf, ada.leaf})):
        assert state(seat) == ("secure", "agreed")  # not prevented, but shown
        assert set(seat.last(events.E2eeState).unconfirmed) == others
        people = seat.protocol.roster.participants()
        assert {person.leaf for person in people if not person.confirmed} == others


def test_attack_the_server_takes_a_commit_and_shows_it_to_nobody(table: Table) -> None:
    host = table.host()
    ada, mallory = table.join(host, "Ada"), table.join(host, "Mallory")
    table.wait(2 * PERIOD)
    ada.tamper = mallory.tamper = lambda message: (
        [] if isinstance(message, wire.CommitDelivered | wire.Removed) else no_heartbeats(message)
    )
    host.protocol.remove(mallory.leaf, table.now)
    table.wait(SILENCE - 5)
    assert state(host) == ("secure", "agreed")
    table.wait(20)
    assert state(host) == ("stopped", "silent")


def test_attack_a_member_lies_until_the_host_removes_it(table: Table) -> None:
    host = table.host()
    ada, liar = table.join(host, "Ada"), table.join(host, "Liar")
    table.wait(2 * PERIOD + 4)  # in between two honest ones
    group = liar.protocol.membership.group
    lie = Heartbeat(liar.leaf, group.epoch, bytes(32), int(table.now * 1000))
    liar.tamper = lambda message: []
    liar.protocol.out.outbox.append(
        wire.SendHeartbeat(sealed(room_keys(table.link.secret), lie, group))
    )
    table.settle()
    for seat in (host, ada):
        assert state(seat) == ("stopped", "disagrees")
        assert seat.last(events.E2eeState).names == ["Liar"]
    table.say(ada, "who is it?")
    host.protocol.remove(liar.leaf, table.now)
    table.settle()
    for seat in (host, ada):
        assert state(seat) == ("secure", "agreed")
        assert isinstance(seat.commands[-1], ResumeSending)
        assert seat.lines == ["Ada: who is it?"]
        told = [(event.state, event.names) for event in seat.told(events.E2eeState)]
        assert told[-2:] == [("stopped", ["Liar"]), ("secure", [])]
    assert not [event for seat in (host, ada) for event in seat.told(events.ErrorEvent)]


def test_attack_the_server_plays_the_heartbeats_of_somebody_it_cut_off(table: Table) -> None:
    host = table.host()
    ada = table.join(host, "Ada")
    table.wait(3 * PERIOD)
    beats = [m for conn, m in table.log if conn == host.conn and is_heartbeat(m)]
    assert len(beats) > 2
    host.tamper = no_heartbeats
    for _ in range(14):
        table.wait(5)
        for beat in beats:
            host.protocol.received(beat, table.now)
    assert state(host) == ("stopped", "silent")
    assert state(ada) == ("secure", "agreed")
    assert not host.told(events.ErrorEvent)


def test_attack_a_heartbeat_of_a_removed_member(table: Table) -> None:
    host = table.host()
    ada, eve = table.join(host, "Ada"), table.join(host, "Eve")
    group, keys = eve.protocol.membership.group, room_keys(table.link.secret)
    beat = Heartbeat(eve.leaf, group.epoch + 1, bytes(32), int(table.now * 1000) + 10_000)
    host.protocol.remove(eve.leaf, table.now)
    table.settle()
    for seat in (host, ada):
        seat.protocol.received(wire.HeartbeatDelivered(sealed(keys, beat, group)), table.now)
    table.wait(2 * PERIOD)
    assert state(host) == state(ada) == ("secure", "agreed")
    assert not host.told(events.ErrorEvent)


def test_many_commits_on_their_way_make_nobody_stop(table: Table) -> None:
    host = table.host()
    people = [table.join(host, f"Guest {number}") for number in range(6)]
    for number in range(40):
        host.protocol.change(SetPolicy("share", bool(number % 2)), table.now)
        table.wait(1.7)
    for seat in (host, *people):
        assert not seat.told(StopSending)
        assert {event.state for event in seat.told(events.E2eeState)} == {"secure"}


def test_a_commit_that_shows_a_parting_sends_nothing_any_more(table: Table) -> None:
    host = table.host()
    ada = table.join(host, "Ada")
    table.wait(2 * PERIOD + 4)
    group = ada.protocol.membership.group
    lie = Heartbeat(ada.leaf, group.epoch + 1, bytes(32), int(table.now * 1000))
    ada.tamper = lambda message: []
    ada.protocol.out.outbox.append(
        wire.SendHeartbeat(sealed(room_keys(table.link.secret), lie, group))
    )
    table.settle()
    assert state(host) == ("secure", "agreed")  # our Commit might be on its way
    host.tamper = lambda message: [] if isinstance(message, wire.ApplicationAccepted) else [message]
    before = count(table, wire.SendApplication)
    host.protocol.say("on its way", table.now)
    host.protocol.change(SetPolicy("share", False), table.now)
    table.settle()
    assert state(host) == ("stopped", "disagrees")
    assert count(table, wire.SendApplication) == before + 1  # and not once more


def test_in_a_large_room_heartbeats_are_fewer(pair: Pair) -> None:
    for number in range(28):
        pair.add(f"Guest {number}")
    pair.beats.next_epoch(NOW)
    assert len(pair.host.roster) == 30
    assert pair.beats.due(NOW + 1) is not None
    assert pair.beats.due(NOW + 0.9 * 15) is None
    assert pair.beats.due(NOW + 1.1 * 15 + 1) is not None


def test_while_stopped_members_mend_the_group_and_take_part_in_nothing_else(table: Table) -> None:
    host = table.host()
    ada = table.join(host, "Ada")
    host.tamper = no_heartbeats
    table.wait(SILENCE + 6)
    assert state(host) == ("stopped", "silent")
    start = len(table.log)
    host.protocol.say("hello", table.now)
    host.protocol.appear(Appearance(True, True))
    table.join(host, "Bob")
    host.protocol.remove(ada.leaf, table.now)
    table.wait(PERIOD + 2)
    host.protocol.leave()
    table.settle()
    kinds = {type(message) for conn, message in table.log[start:] if conn == host.conn}
    sending = kinds & set(typing.get_args(wire.ClientMessage))
    assert wire.SubmitCommit in sending
    assert wire.SendHeartbeat in sending
    assert wire.SendApplication not in sending


def test_attack_the_server_lets_nothing_through_any_more(table: Table) -> None:
    host = table.host()
    ada = table.join(host, "Ada")
    ada.tamper = lambda message: []
    table.wait(SILENCE + 6)
    assert state(ada) == ("stopped", "silent")
    assert isinstance(ada.commands[-1], StopSending)


def test_what_was_said_meanwhile_is_said_once_all_agree_again(table: Table) -> None:
    host = table.host()
    ada = table.join(host, "Ada")
    ada.tamper = no_heartbeats
    table.wait(SILENCE + 6)
    ada.protocol.say("hello?", table.now)
    ada.protocol.appear(Appearance(True, False))
    ada.protocol.appear(Appearance(True, True))
    table.settle()
    assert host.lines == []
    ada.tamper = None
    table.wait(PERIOD + 2)
    assert state(ada) == ("secure", "agreed")
    assert isinstance(ada.commands[-1], ResumeSending)
    assert host.lines == ["Ada: hello?"]
    assert host.last(events.CameraState).on


def test_a_new_key_does_not_lift_the_stop(table: Table) -> None:
    host = table.host()
    ada = table.join(host, "Ada")
    ada.tamper = no_heartbeats
    table.wait(SILENCE + 6)
    stopped = len(ada.commands)
    ada.protocol.say("do not lose this", table.now)
    bob = table.knock("Bob")
    bob.tamper = no_heartbeats
    host.protocol.admit(host.last(events.Knock).knock, table.now)
    table.settle()
    assert [type(command) for command in ada.commands[stopped:]] == [InstallKey]
    assert state(ada) == ("stopped", "silent")
    ada.tamper = None
    table.wait(PERIOD + 2)
    assert bob.lines == ["Ada: do not lose this"]


def test_attack_a_flood_of_heartbeats_reaches_nobody(table: Table) -> None:
    host = table.host()
    mallory = table.join(host, "Mallory")
    before = len(
        [message for _, message in table.log if isinstance(message, wire.HeartbeatDelivered)]
    )
    for number in range(12):
        mallory.protocol.out.outbox.append(wire.SendHeartbeat(bytes([number]) * 144))
    table.settle()
    assert count(table, wire.HeartbeatDelivered) - before <= 6
    assert not host.told(events.ErrorEvent)
