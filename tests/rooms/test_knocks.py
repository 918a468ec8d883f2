"""Knocks that wait: opened once, bounded, and kept from a locked room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from e2ee.identity import DeviceIdentity
from e2ee.link import Link, host_hash, new_secret, room_keys
from e2ee.lobby import seal_knock
from e2ee.mls.cipher_suite import CLASSIC, SUITES
from e2ee.mls.group import SigningKey
from e2ee.mls.key_package import new_key_package
from e2ee.sshsig import join_strings, sign
from rooms import events, wire
from rooms.errors import PolicyError, RoomLockedError, SuiteError
from rooms.knocks import MAX_KNOCKS, Knocks
from rooms.membership import Membership, new_bundles
from rooms.offers import seal_offers
from rooms.phases import Phase
from rooms.policy import ROOM_STATE

if TYPE_CHECKING:
    from tests.rooms.conftest import Table

NOW = 1_800_000_000.0
HOST = DeviceIdentity.generate()
LINK = Link("rooms.example", bytes(16), host_hash(HOST.public_blob))
KEYS = room_keys(LINK.secret)


@pytest.fixture
def membership() -> Membership:
    return Membership.create(LINK, KEYS, HOST, "Hana", now=NOW)


@pytest.fixture
def knocks(membership: Membership) -> Knocks:
    return Knocks(membership)


def sealed(identity: DeviceIdentity | None = None) -> bytes:
    identity = identity or DeviceIdentity.generate()
    return seal_offers(KEYS, new_bundles(identity, "Ada", KEYS, now=NOW))


def test_a_knock_waits_until_it_is_taken(knocks: Knocks) -> None:
    knocker = knocks.open(2, sealed(), now=NOW)
    assert knocks.waiting == {2: knocker}
    assert knocker.credential.name == "Ada"
    assert knocks.take(2) == knocker
    assert knocks.take(2) is None


def test_knocks_are_bounded(knocks: Knocks) -> None:
    for number in range(2, 2 + MAX_KNOCKS):
        knocks.open(number, sealed(), now=NOW)
    with pytest.raises(PolicyError):
        knocks.open(999, sealed(), now=NOW)


def test_attack_the_server_plays_a_decided_knock_again(knocks: Knocks) -> None:
    knock = sealed()
    knocks.open(2, knock, now=NOW)
    knocks.take(2)
    with pytest.raises(PolicyError, match="twice"):
        knocks.open(3, knock, now=NOW)


def test_attack_the_server_gives_a_number_to_another_knock(knocks: Knocks) -> None:
    shown, other = sealed(), sealed()
    knocks.open(2, shown, now=NOW)
    knocks.take(2)
    with pytest.raises(PolicyError, match="number of another"):
        knocks.open(2, other, now=NOW)
    assert not knocks.waiting
    assert knocks.open(3, other, now=NOW).participant == 3  # it may come under its own


def test_a_number_stays_with_its_knock_as_long_as_the_connection(knocks: Knocks) -> None:
    first, second = sealed(), sealed()
    knocks.open(2, first, now=NOW)
    knocks.clear()
    with pytest.raises(PolicyError, match="number of another"):
        knocks.open(2, second, now=NOW)
    assert knocks.open(2, first, now=NOW)
    knocks.break_off()
    assert knocks.open(2, second, now=NOW)


def test_attack_endless_knocks_fill_the_memory(
    knocks: Knocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.knocks.MAX_SEEN", 3)
    first = sealed()
    for number, knock in enumerate([first, *(sealed() for _ in range(3))], start=2):
        knocks.open(number, knock, now=NOW)
        knocks.take(number)
    assert knocks.open(9, first, now=NOW)  # the oldest is forgotten, and no more
    assert len(knocks._seen) == len(knocks._numbers) == 3


def test_a_person_is_warned_of_who_lowers_the_keys_only(membership: Membership) -> None:
    knocks = Knocks(membership)
    assert not knocks.warning(knocks.open(2, sealed(), now=NOW))
    bundles = new_bundles(DeviceIdentity.generate(), "Bob", KEYS, now=NOW, suites=[CLASSIC])
    warning = knocks.warning(knocks.open(3, seal_offers(KEYS, bundles), now=NOW))
    assert warning.startswith("Bob cannot do post-quantum keys")


def test_what_was_forgotten_undecided_may_come_again(knocks: Knocks) -> None:
    decided, undecided = sealed(), sealed()
    for number, knock in ((2, decided), (3, undecided)):
        knocks.open(number, knock, now=NOW)
    knocks.take(2)
    knocks.clear()
    assert not knocks.waiting
    assert knocks.open(3, undecided, now=NOW).participant == 3
    with pytest.raises(PolicyError, match="twice"):
        knocks.open(2, decided, now=NOW)


def test_a_locked_room_hears_nobody_but_a_host(knocks: Knocks, membership: Membership) -> None:
    membership.roster.state = msgspec.structs.replace(membership.roster.state, locked=True)
    with pytest.raises(RoomLockedError, match="locked"):
        knocks.open(2, sealed(), now=NOW)
    assert knocks.open(3, sealed(HOST), now=NOW).credential.public_blob == HOST.public_blob


def test_only_who_can_do_a_possible_suite_waits(membership: Membership) -> None:
    knocks = Knocks(membership, [membership.group.suite])
    old = new_bundles(DeviceIdentity.generate(), "Otto", KEYS, now=NOW, suites=[CLASSIC])
    with pytest.raises(SuiteError, match="Otto cannot be let in"):
        knocks.open(2, seal_offers(KEYS, old), now=NOW)
    assert not knocks.waiting


# --- at the table, with what a hostile server or knocker tries ---


def test_a_refused_knock_ends_with_its_code(table: Table) -> None:
    host = table.host()
    ada = table.knock("Ada")
    host.protocol.refuse(host.last(events.Knock).knock)
    table.settle()
    assert ada.last(events.Ended).code == "room.refused"
    assert host.names == ["Hana"]


def test_who_gives_up_knocking_is_taken_off_the_list(table: Table) -> None:
    host = table.host()
    ada = table.knock("Ada")
    table.leave(ada)
    assert host.last(events.KnockWithdrawn).knock == host.last(events.Knock).knock
    host.protocol.admit(host.last(events.Knock).knock, table.now)
    table.settle()
    assert host.protocol.epoch == 0


def test_a_knock_the_server_plays_again_is_refused_silently(table: Table) -> None:
    host = table.host()
    ada = table.knock("Ada")
    sealed = next(m.sealed for _, m in table.log if isinstance(m, wire.KnockReceived))
    table.deliver(host, wire.KnockReceived(99, sealed))
    table.settle()
    assert len(host.told(events.Knock)) == 1
    host.protocol.admit(host.last(events.Knock).knock, table.now)
    table.deliver(host, wire.KnockReceived(98, sealed))
    table.settle()
    assert host.names == ada.names == ["Hana", "Ada"]
    assert len(host.told(events.Knock)) == 1


def test_attack_a_number_that_was_shown_lets_another_one_in(table: Table) -> None:
    host = table.host()
    table.knock("Ada")
    shown = host.last(events.Knock).knock
    table.deliver(host, wire.KnockWithdrawn(shown))
    table.deliver(host, wire.KnockReceived(shown, sealed_for(table, "Eve")))
    host.protocol.admit(shown, table.now)
    table.settle()
    assert host.names == ["Hana"]
    assert len(host.told(events.Knock)) == 1


def sealed_for(table: Table, name: str) -> bytes:
    """An honest knock at the table's room."""
    keys = room_keys(table.link.secret)
    return seal_offers(keys, new_bundles(DeviceIdentity.generate(), name, keys, now=table.now))


def hostile_knock(table: Table, name: str, *, proof_of: str | None = None) -> None:
    """Knock with a credential no client of ours would make."""
    keys, identity = room_keys(table.link.secret), DeviceIdentity.generate()
    signing_key = SigningKey.generate()
    said = (proof_of or name).encode()
    message = join_strings(b"sottovoce credential", keys.room_id, signing_key.public, said)
    proof = sign(identity.public_blob, identity.sign, message, b"sottovoce")
    credential = join_strings(name.encode(), identity.public_blob, proof)
    bundle = new_key_package(
        signing_key,
        credential,
        now=int(table.now),
        extensions_supported=[ROOM_STATE],
        suite=SUITES[0],
    )
    seat = table.sit("nobody")
    seat.protocol.out.outbox.append(
        wire.Knock(keys.room_id, seal_knock(keys.lobby_key, keys.room_id, [bundle.message]))
    )
    seat.protocol.phase = Phase.KNOCKING
    table.settle()


@pytest.mark.parametrize("name", ["\x1b[31mEve", "Eve\u202e", "E\u200bve", "Eve\nHana", " ", ""])
def test_a_knock_with_escape_sequences_or_overrides_in_its_name_never_rings(
    table: Table, name: str
) -> None:
    host = table.host()
    hostile_knock(table, name)
    assert not host.told(events.Knock)
    assert list(table.seats.values())[-1].last(events.Ended).code == "room.refused"


def test_a_knock_with_markup_in_its_name_is_shown_as_text(table: Table) -> None:
    host = table.host()
    hostile_knock(table, "[red]Eve[/]")
    assert host.last(events.Knock).name == "[red]Eve[/]"


def test_a_knock_under_a_name_that_was_not_signed_never_rings(table: Table) -> None:
    host = table.host()
    hostile_knock(table, "Hana", proof_of="Eve")
    assert not host.told(events.Knock)


def test_a_knock_made_without_the_link_never_rings(table: Table) -> None:
    host = table.host()
    stranger = Link("rooms.example", new_secret(), table.link.host_hash)
    seat = table.sit("Eve", link=stranger)
    seat.protocol.start(table.now)
    knock = seat.protocol.out.outbox.pop()
    assert isinstance(knock, wire.Knock)
    room_id = room_keys(table.link.secret).room_id
    seat.protocol.out.outbox.append(wire.Knock(room_id, knock.sealed))
    table.settle()
    assert not host.told(events.Knock)
    assert seat.last(events.Ended).code == "room.refused"
