"""Whether everybody is in one epoch: what members say, and what a server makes of it."""

from __future__ import annotations

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
        return guest

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
    assert pair.beats.judge(NOW + 1) == Verdict(Agreement.DISAGREES, 1)
    assert pair.beats.judge(NOW + 30) == Verdict(Agreement.DISAGREES, 1)
    pair.beats.received(pair.says(at=NOW + 31), NOW + 31)
    assert pair.beats.judge(NOW + 31) == AGREED


def test_other_keys_of_an_epoch_we_have_left_disagree_too(pair: Pair) -> None:
    pair.host.merge(pair.host.group.commit(path=True, now=int(NOW)), [], [])
    pair.beats.next_epoch(NOW)
    pair.beats.received(pair.says(at=NOW + 1), NOW + 1)  # it has not followed yet
    assert pair.beats.judge(NOW + 1) == AGREED
    pair.beats.received(pair.says(at=NOW + 2, state=bytes(32)), NOW + 2)
    assert pair.beats.judge(NOW + 2) == Verdict(Agreement.DISAGREES, 1)


def test_a_later_epoch_may_be_on_its_way_but_not_for_long(pair: Pair) -> None:
    pair.beats.received(pair.says(at=NOW + 1, epoch=2, state=bytes(32)), NOW + 1)
    assert pair.beats.judge(NOW + 1) == AGREED
    pair.beats.received(pair.says(at=NOW + 9, epoch=2, state=bytes(32)), NOW + 9)
    assert pair.beats.judge(NOW + 0.9 + BEHIND) == AGREED
    assert pair.beats.judge(NOW + 1 + BEHIND) == Verdict(Agreement.BEHIND, 1)
    pair.host.merge(pair.host.group.commit(path=True, now=int(NOW)), [], [])
    pair.beats.next_epoch(NOW + 12)
    assert pair.beats.judge(NOW + 12) == Verdict(Agreement.DISAGREES, 1)  # bytes(32) was a lie


def test_following_in_time_leaves_no_trace(pair: Pair) -> None:
    pending = pair.host.group.commit(path=True, now=int(NOW))
    pair.guest.apply(pair.guest.read_commit(pending.message, now=NOW))
    pair.beats.received(pair.says(at=NOW + 1), NOW + 1)
    pair.host.merge(pending, [], [])
    pair.beats.next_epoch(NOW + 3)
    assert pair.beats.judge(NOW + 50) == AGREED


def test_a_minute_of_silence_is_noticed_and_ends_with_a_heartbeat(pair: Pair) -> None:
    assert pair.beats.judge(NOW + SILENCE - 0.1) == AGREED
    assert pair.beats.judge(NOW + SILENCE) == Verdict(Agreement.SILENT)
    pair.beats.received(pair.says(at=NOW + 61), NOW + 61)
    assert pair.beats.judge(NOW + 61) == AGREED


def test_one_who_is_silent_alone_is_unconfirmed_and_stops_nobody(pair: Pair) -> None:
    pair.add("Bob")
    pair.beats.next_epoch(NOW)
    pair.beats.received(pair.says(at=NOW + 59), NOW + 59)
    assert pair.beats.judge(NOW + SILENCE) == AGREED
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


def test_our_clock_set_back_does_not_make_others_take_it_for_a_replay(pair: Pair) -> None:
    guest = Heartbeats(pair.guest, NOW, lambda: 0.0)
    for now in (NOW + 10, NOW + 30):
        sent = guest.due(now)
        assert sent is not None
        pair.beats.received(sent.sealed, now)
    guest._next = 0.0
    sent = guest.due(NOW - 500)
    assert sent is not None
    pair.beats.received(sent.sealed, NOW + 40)


# --- attacks ---


def test_attack_a_heartbeat_is_played_again(pair: Pair) -> None:
    sealed = pair.says(at=NOW + 1)
    pair.beats.received(sealed, NOW + 1)
    with pytest.raises(PolicyError, match="twice"):
        pair.beats.received(sealed, NOW + 30)
    assert pair.beats.judge(NOW + 1 + SILENCE) == Verdict(Agreement.SILENT)


def test_attack_heartbeats_are_held_up_and_told_later(pair: Pair) -> None:
    pair.beats.received(pair.says(at=NOW + 1), NOW + 1)
    pair.beats.received(pair.says(at=NOW + 10), NOW + 10 + LATE - 1)
    with pytest.raises(PolicyError, match="held up"):
        pair.beats.received(pair.says(at=NOW + 20), NOW + 20 + LATE + 1)


def test_attack_a_heartbeat_under_the_name_of_another(pair: Pair) -> None:
    pair.add("Bob")
    pair.beats.next_epoch(NOW)
    with pytest.raises(AuthenticationError):
        pair.beats.received(pair.says(at=NOW + 1, leaf=2), NOW + 1)
    assert pair.beats.judge(NOW + SILENCE) == Verdict(Agreement.SILENT)


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


def no_heartbeats(message: wire.ServerMessage) -> list[wire.ServerMessage]:
    return [] if isinstance(message, wire.HeartbeatDelivered) else [message]


def test_a_quiet_room_stays_in_agreement(table: Table) -> None:
    host = table.host()
    ada = table.join(host, "Ada")
    table.wait(200)
    for seat in (host, ada):
        assert {event.state for event in seat.told(events.E2eeState)} == {"secure"}
        assert not seat.told(StopSending)


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
    assert bob.protocol._inside.wants_resync


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
    assert host.last(events.E2eeState).name == "Ada"
    before = count(table, wire.SendApplication)
    table.say(host, "is anybody there?")
    assert count(table, wire.SendApplication) == before


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
    ada.protocol.set_presence(muted=True, camera=False)
    ada.protocol.set_presence(muted=True, camera=True)
    table.settle()
    assert host.lines == []
    ada.tamper = None
    table.wait(PERIOD + 2)
    assert state(ada) == ("secure", "agreed")
    assert isinstance(ada.commands[-1], ResumeSending)
    assert host.lines == ["Ada: hello?"]
    assert host.last(events.CameraState).on


def test_a_new_key_does_not_lift_the_stop(table: Table) -> None:
    host, _, bob = partition(table)
    table.join(host, "Cleo")
    table.wait(30)
    kinds = [type(command) for command in bob.commands]
    assert kinds.index(StopSending) > len(kinds) - 1 - kinds[::-1].index(InstallKey)
    assert ResumeSending not in kinds


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
