"""One end of a room: transcripts with the real hall, and what a hostile server or member tries."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e2ee.identity import DeviceIdentity
from e2ee.link import Link, host_hash, room_keys
from e2ee.lobby import open_knock
from e2ee.mls.cipher_suite import CLASSIC, SUITES
from e2ee.mls.group import Group, SigningKey
from media.control import Connect, InstallKey
from media.engine.ports import MediaAnswer
from rooms import events, wire
from rooms.bounds import WhyRefused
from rooms.known_people import Pin
from rooms.phases import EXPECTED, Phase
from rooms.policy import ROOM_STATE, Policy, RoomState
from rooms.protocol import RoomProtocol
from rooms.roles import Dismiss, SetPolicy
from rooms.roster import Appearance

if TYPE_CHECKING:
    from tests.rooms.conftest import Seat, Table

Forge = Callable[[bytes], bytes]


# --- walks ---


def test_a_host_opens_admits_and_everybody_agrees(table: Table) -> None:
    host = table.host()
    assert [type(event) for event in host.events] == [
        events.Hosting,
        events.Joined,
        events.RoomState,
        events.E2eeState,
    ]
    ada = table.knock("Ada")
    knock = host.last(events.Knock)
    assert (knock.name, knock.key_state) == ("Ada", "new")
    host.protocol.admit(knock.knock, table.now)
    table.settle()
    assert [type(event) for event in ada.events[:5]] == [
        events.Knocking,
        events.Admitted,
        events.Joined,
        events.RoomState,
        events.E2eeState,
    ]
    assert host.names == ada.names == ["Hana", "Ada"]
    assert host.last(InstallKey).base_key == ada.last(InstallKey).base_key
    assert host.last(events.KnockWithdrawn).knock == knock.knock


def test_the_host_of_the_link_is_known_and_others_are_new(table: Table) -> None:
    host = table.host()
    table.join(host, "Ada")
    bob = table.join(host, "Bob")
    states = {p.name: (p.role, p.key_state, p.me) for p in bob.last(events.Joined).participants}
    assert states == {
        "Hana": ("host", "known", False),
        "Ada": ("member", "new", False),
        "Bob": ("member", "known", True),
    }


def test_media_starts_once_in_the_room(table: Table) -> None:
    host = table.host()
    ada = table.knock("Ada")
    ada.protocol.media.offered(table.offer)
    table.settle()
    assert not ada.told(Connect)
    host.protocol.admit(host.last(events.Knock).knock, table.now)
    table.settle()
    assert ada.told(Connect)
    host.protocol.media.offered(table.offer)
    table.settle()
    assert host.told(Connect)


def test_words_before_the_room_are_not_sent(table: Table) -> None:
    table.host()
    ada = table.knock("Ada")
    table.say(ada, "too early")
    assert ada.told(events.Note)
    assert not ada.told(events.ChatReceived)


# --- cipher suites ---


def suites_told(seat: Seat) -> list[str]:
    return [event.suite for event in seat.told(events.E2eeState)]


def test_a_room_is_post_quantum_and_everybody_is_told(table: Table) -> None:
    host = table.host()
    ada = table.join(host, "Ada")
    bob = table.join(host, "Bob")
    assert {seat.last(events.Joined).suite for seat in (host, ada, bob)} == {"post-quantum"}
    assert set(suites_told(host) + suites_told(ada) + suites_told(bob)) == {"post-quantum"}


def test_a_first_guest_without_post_quantum_keys_makes_the_room_classic(table: Table) -> None:
    host = table.host()
    assert host.last(events.Joined).suite == "post-quantum"
    ada = table.join(host, "Ada", suites=[CLASSIC])
    bob = table.join(host, "Bob")
    assert suites_told(host) == ["post-quantum", "classic", "classic"]
    assert {seat.last(events.Joined).suite for seat in (ada, bob)} == {"classic"}
    keys = [command.epoch for command in host.told(InstallKey)]
    assert keys == sorted(set(keys))  # or the media keys of a later epoch would be refused
    table.say(ada, "hello")
    table.say(host, "welcome")
    assert host.lines == bob.lines == ada.lines == ["Ada: hello", "Hana: welcome"]


def test_attack_somebody_talks_a_room_down_and_the_host_does_not_notice(table: Table) -> None:
    host = table.host()
    table.knock("Mallory", suites=[CLASSIC])
    (warning,) = host.told(events.Note)
    assert warning.text.startswith("Mallory cannot do post-quantum keys")
    assert host.told(events.AnyEvent)[-1] == host.last(events.Knock)  # it was warned before
    table.join(host, "Ada")
    assert [note.text for note in host.told(events.Note)] == [warning.text]
    host.protocol.admit(host.told(events.Knock)[0].knock, table.now)
    table.settle()
    assert set(suites_told(host)) == {"post-quantum"}


def test_a_room_that_became_classic_says_so(table: Table) -> None:
    host = table.host()
    table.join(host, "Ada", suites=[CLASSIC])
    assert host.last(events.Note).text == "the room's keys are classic from now on"


def test_a_later_guest_without_post_quantum_keys_is_refused_with_a_note(table: Table) -> None:
    host = table.host()
    ada = table.join(host, "Ada")
    old = table.knock("Old Otto", suites=[CLASSIC])
    assert old.last(events.Ended).code == "room.refused"
    assert host.last(events.Note).text.startswith("Old Otto cannot be let in")
    assert [knock.name for knock in host.told(events.Knock)] == ["Ada"]
    assert suites_told(ada) == ["post-quantum"]


def test_somebody_admitted_too_late_for_their_suite_is_refused_with_an_error(table: Table) -> None:
    host = table.host()
    old = table.knock("Old Otto", suites=[CLASSIC])
    asked = host.last(events.Knock).knock
    table.join(host, "Ada")
    host.protocol.admit(asked, table.now)
    table.settle()
    assert old.last(events.Ended).code == "room.refused"
    assert host.last(events.ErrorEvent).code == "room.suite"
    assert len(host.protocol.roster or ()) == 2


def test_a_person_is_told_when_there_are_no_post_quantum_keys_here(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not table.host().told(events.Note)
    monkeypatch.setattr("rooms.protocol.HYBRID", None)
    ada = table.knock("Ada", suites=[CLASSIC])
    assert "cryptography" in ada.last(events.Note).text


# --- a hostile server, or a member who helps it ---


def key_package(table: Table) -> bytes:
    """The KeyPackage of whoever knocked last, as anybody with the link can open it."""
    knock = [m for _, m in table.log if isinstance(m, wire.Knock)][-1]
    keys = room_keys(table.link.secret)
    return open_knock(keys.lobby_key, keys.room_id, knock.sealed)[0]


def welcome_by(
    table: Table,
    *,
    identity: DeviceIdentity,
    hosts: tuple[bytes, ...],
    psk: bool = True,
    group_id: bytes | None = None,
    room_of_proof: bytes | None = None,
) -> bytes:
    """Build a group with everything an attacker may have, and welcome the last knocker to it."""
    keys = room_keys(table.link.secret)
    signing_key = SigningKey.generate()
    group = Group.create(
        group_id=group_id or keys.room_id,
        signing_key=signing_key,
        identity=identity.prove(signing_key.public, room_of_proof or keys.room_id, "Hana"),
        extensions={ROOM_STATE: RoomState(hosts=hosts).encode()},
        now=int(table.now),
        suite=SUITES[0],
    )
    psks = {keys.psk_id: keys.psk} if psk else {}
    pending = group.commit(adds=[key_package(table)], psks=psks, now=int(table.now))
    assert pending.welcome is not None
    return pending.welcome


def refuse_welcome(table: Table, welcome: bytes) -> str:
    """Deliver a Welcome to whoever knocked last; it has to be refused. Returns why."""
    victim = list(table.seats.values())[-1]
    table.deliver(victim, wire.Welcomed(welcome))
    table.settle()
    ended = victim.last(events.Ended)
    assert ended.code == "room.untrusted_host"
    assert not victim.told(events.Joined)
    assert not victim.told(InstallKey)
    return ended.reason


def test_a_group_built_by_the_server_is_refused(table: Table) -> None:
    table.host()
    table.knock("Ada")
    server = DeviceIdentity.generate()
    welcome = welcome_by(table, identity=server, hosts=(server.public_blob,), psk=False)
    assert "the link" in refuse_welcome(table, welcome)


def test_a_welcome_without_the_link_psk_is_refused_even_from_the_host(table: Table) -> None:
    table.host()
    table.knock("Ada")
    blob = table.host_identity.public_blob
    welcome = welcome_by(table, identity=table.host_identity, hosts=(blob,), psk=False)
    assert "link" in refuse_welcome(table, welcome)


def test_a_group_whose_host_leaf_is_missing_is_refused(table: Table) -> None:
    table.host()
    table.knock("Ada")
    thief = DeviceIdentity.generate()  # has the link, and says that the host is the host
    hosts = (table.host_identity.public_blob,)
    welcome = welcome_by(table, identity=thief, hosts=hosts)
    assert "not the host who let you in" in refuse_welcome(table, welcome)


def test_a_group_in_which_the_host_hosts_nothing_is_refused(table: Table) -> None:
    table.host()
    table.knock("Ada")
    usurper = DeviceIdentity.generate().public_blob
    welcome = welcome_by(table, identity=table.host_identity, hosts=(usurper,))
    assert "whom the link does not name" in refuse_welcome(table, welcome)


def test_a_group_of_another_room_is_refused(table: Table) -> None:
    table.host()
    table.knock("Ada")
    blob = table.host_identity.public_blob
    welcome = welcome_by(table, identity=table.host_identity, hosts=(blob,), group_id=bytes(16))
    assert "another room" in refuse_welcome(table, welcome)


def test_a_host_whose_proof_is_of_another_room_is_refused(table: Table) -> None:
    table.host()
    table.knock("Ada")
    blob = table.host_identity.public_blob
    welcome = welcome_by(
        table, identity=table.host_identity, hosts=(blob,), room_of_proof=bytes(16)
    )
    assert "does not verify" in refuse_welcome(table, welcome)


def test_a_member_cannot_welcome_somebody_into_a_branch_of_its_own(table: Table) -> None:
    """With the server's help: the branch has the link PSK and the host's leaf, but no host."""
    host = table.host()
    mallory = table.join(host, "Mallory")
    table.knock("Ada")
    keys = room_keys(table.link.secret)
    assert mallory.protocol._inside is not None
    pending = mallory.protocol._inside.membership.group.commit(
        adds=[key_package(table)], psks={keys.psk_id: keys.psk}, now=int(table.now)
    )
    assert pending.welcome is not None
    assert "not the host who let you in" in refuse_welcome(table, pending.welcome)


@pytest.mark.parametrize("position", [0, 40, 200, -40, -1])
def test_a_forged_welcome_is_refused(table: Table, position: int) -> None:
    host = table.host()
    ada = table.knock("Ada")

    def flip(message: wire.ServerMessage) -> list[wire.ServerMessage]:
        if not isinstance(message, wire.Welcomed):
            return [message]
        forged = bytearray(message.welcome)
        forged[position] ^= 1
        return [wire.Welcomed(bytes(forged))]

    ada.tamper = flip
    host.protocol.admit(host.last(events.Knock).knock, table.now)
    table.settle()
    assert ada.last(events.Ended).code == "room.untrusted_host"
    assert not ada.told(InstallKey)


def test_a_server_that_speaks_out_of_turn_ends_the_call(table: Table) -> None:
    host = table.host()
    table.deliver(host, wire.Welcomed(b"x"))
    table.settle()
    assert host.last(events.Ended).code == "wire.malformed"


def test_a_welcome_before_the_knock_was_heard_ends_the_call(table: Table) -> None:
    seat = table.sit("Ada")
    seat.protocol.start(table.now)
    table.deliver(seat, wire.Welcomed(b"x"))
    table.send(seat)
    assert seat.last(events.Ended).code == "wire.malformed"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("room.missing", "room.missing"),
        ("room.full", "room.full"),
        ("wire.version", "wire.malformed"),
        ("nonsense", "rooms.failed"),
        ("room.removed", "rooms.failed"),
    ],
)
def test_an_error_of_the_server_ends_with_a_code_of_ours(
    table: Table, code: str, expected: str
) -> None:
    seat = table.sit("Ada")
    seat.protocol.start(table.now)
    table.deliver(seat, wire.ServerError(code, "\x1b[2Jno such\nroom"))
    table.send(seat)
    ended = seat.last(events.Ended)
    assert (ended.code, ended.reason) == (expected, "no such room")


@pytest.mark.parametrize(
    ("why", "code"), [("no", "room.refused"), ("locked", "room.locked"), ("full", "room.full")]
)
def test_whoever_is_not_let_in_is_told_why(table: Table, why: WhyRefused, code: str) -> None:
    seat = table.sit("Ada")
    seat.protocol.start(table.now)
    table.deliver(seat, wire.Refused(why))
    table.send(seat)
    assert seat.last(events.Refused).code == seat.last(events.Ended).code == code


def test_an_error_that_is_not_fatal_ends_nothing(table: Table) -> None:
    host = table.host()
    table.deliver(host, wire.ServerError("media.transport", "no media", fatal=False))
    table.settle()
    assert host.told(events.ErrorEvent)
    assert host.protocol.phase is Phase.INSIDE


def test_nothing_is_expected_after_the_end(table: Table) -> None:
    host = table.host()
    host.protocol.leave()
    told = len(host.protocol.out.events)
    for kind in EXPECTED[Phase.INSIDE]:
        if kind is wire.Removed:
            host.protocol.received(wire.Removed(), table.now)
    host.protocol.leave()
    assert len(host.protocol.out.events) == told


def test_a_host_hash_of_somebody_else_never_fits(table: Table) -> None:
    host = table.host()
    other = Link("rooms.example", table.link.secret, host_hash(b"somebody else"))
    ada = table.knock("Ada", link=other)
    host.protocol.admit(host.last(events.Knock).knock, table.now)
    table.settle()
    assert ada.last(events.Ended).code == "room.untrusted_host"


@given(st.binary(max_size=300))
def test_whatever_bytes_a_server_delivers_only_events_come_of_it(junk: bytes) -> None:
    identity = DeviceIdentity.generate()
    link = Link("rooms.example", bytes(16), host_hash(identity.public_blob))
    protocol = RoomProtocol(link, identity, "Hana", hosting=True)
    protocol.start(1.0)
    protocol.received(wire.RoomOpened(1), 1.0)
    protocol.received(wire.CommitDelivered(1, junk or b"x"), 1.0)
    protocol.received(wire.ApplicationDelivered(junk or b"x"), 1.0)
    protocol.received(wire.KnockReceived(2, junk or b"x"), 1.0)
    assert protocol.phase is Phase.INSIDE
    assert protocol.epoch == 0


def test_attack_the_server_names_ever_more_media_addresses(table, answer: MediaAnswer) -> None:
    host = table.host()
    table.deliver(host, wire.MediaStarted(answer))  # before any offer
    host.protocol.media.offered(table.offer)
    table.settle()
    for _ in range(3):
        table.deliver(host, wire.MediaStarted(answer))
    table.settle()
    assert len(host.told(Connect)) == 1
    assert host.last(events.ErrorEvent).code == "wire.malformed"


def test_a_room_begins_with_the_rules_that_its_host_wants(table: Table) -> None:
    host = table.sit("Hana", hosting=True, identity=table.host_identity)
    host.protocol.policy = Policy(chat=False)
    host.protocol.start(table.now)
    table.settle()
    joiner = table.join(host, "Bob")
    rules = {"recording": True, "ai": False, "chat": False, "share": True, "stage": False}
    assert host.last(events.RoomState).policy == joiner.last(events.RoomState).policy == rules
    assert not host.last(events.RoomState).changed


# --- recording ---


def recording(table: Table, name: str, **options: Any) -> Seat:
    """Somebody whose client records what it hears; it has not said anything yet."""
    seat = table.sit(name, **options)
    seat.protocol.appear(Appearance(recording=True))
    return seat


def let_in(table: Table, host: Seat, seat: Seat) -> Seat:
    """Have somebody knock and be let in."""
    seat.protocol.start(table.now)
    table.settle()
    host.protocol.admit(host.last(events.Knock).knock, table.now)
    table.wait(1)
    return seat


def test_who_records_is_seen_by_everybody_also_by_those_who_come_later(table: Table) -> None:
    host = table.host()
    eve = let_in(table, host, recording(table, "Eve"))
    assert host.last(events.RecordingState).name == "Eve"
    ada = table.join(host, "Ada")
    assert ada.last(events.RecordingState).name == "Eve"
    for seat in (host, ada, eve):
        assert seat.protocol.roster is not None
        records = [one.recording for one in seat.protocol.roster.participants()]
        assert records == [False, True, False]


def test_where_a_member_may_not_record_its_client_does_not_come_in_to_do_it(table: Table) -> None:
    host = table.host()
    host.protocol.change(SetPolicy("recording", False), table.now)
    table.settle()
    eve = let_in(table, host, recording(table, "Eve"))
    assert eve.last(events.Ended).code == "room.recording_forbidden"
    assert not eve.told(events.Joined)
    assert not eve.told(InstallKey)  # so nothing can be heard
    assert not host.told(events.RecordingState)
    assert host.last(events.ParticipantLeft).reason == "left"


def test_a_member_that_records_leaves_when_that_is_forbidden(table: Table) -> None:
    host = table.host()
    eve = let_in(table, host, recording(table, "Eve"))
    host.protocol.change(SetPolicy("recording", False), table.now)
    table.wait(1)
    assert eve.last(events.Ended).code == "room.recording_forbidden"
    assert eve.last(events.ErrorEvent).hint
    assert host.last(events.ParticipantLeft).reason == "left"


def test_hosts_and_cohosts_record_where_members_may_not(table: Table) -> None:
    host = recording(table, "Hana", hosting=True, identity=table.host_identity)
    host.protocol.policy = Policy(recording=False)
    host.protocol.start(table.now)
    table.settle()
    cora = table.join(host, "Cora")
    table.appoint(host, cora)
    cora.protocol.appear(Appearance(recording=True))
    table.wait(1)
    assert host.last(events.RecordingState).name == "Cora"
    assert cora.protocol.phase is host.protocol.phase is Phase.INSIDE
    host.protocol.change(Dismiss(cora.identity.fingerprint), table.now)
    table.wait(1)
    assert cora.last(events.Ended).code == "room.recording_forbidden"


# --- the door, as whoever knocks sees it ---


def test_who_knocks_learns_that_no_host_is_there_and_when_one_is(table: Table) -> None:
    host = table.host()
    table.join(host, "Ada")
    table.lose(host)
    bob = table.knock("Bob")
    assert [event.host_here for event in bob.told(events.Knocking)] == [False]
    table.reconnect(host)
    table.wait(10)
    assert [event.host_here for event in bob.told(events.Knocking)] == [False, True]
    host.protocol.admit(host.last(events.Knock).knock, table.now)
    table.wait(1)
    assert bob.told(events.Joined)


def test_a_server_that_says_the_same_again_is_not_repeated(table: Table) -> None:
    table.host()
    bob = table.knock("Bob")
    table.deliver(bob, wire.KnockWaiting(2))
    table.settle()
    assert len(bob.told(events.Knocking)) == 1


def test_sending_is_stopped_while_there_is_no_connection(table: Table) -> None:
    host = table.host()
    ada = table.knock("Ada")
    assert not ada.protocol.sending_stopped  # there is nothing to be sent yet
    host.protocol.admit(host.last(events.Knock).knock, table.now)
    table.wait(1)
    assert not ada.protocol.sending_stopped
    table.lose(ada)
    assert ada.protocol.sending_stopped
    table.reconnect(ada)
    table.wait(10)
    assert not ada.protocol.sending_stopped


def test_a_changed_key_is_not_told_again_when_the_connection_was_made_again(table: Table) -> None:
    host, ada = table.host(), table.sit("Ada")
    ada.protocol.known.put(Pin("Hana", b"another key"))
    let_in(table, host, ada)
    for seat in (ada, host):
        table.lose(seat)
        table.reconnect(seat)
        table.wait(10)
    assert ada.told(events.Reconnected)
    assert len(ada.told(events.KeyChanged)) == 1
