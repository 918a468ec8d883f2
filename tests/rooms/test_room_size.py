"""How large a room can get: the formula against real groups, and the refusal before it."""

from __future__ import annotations

import pytest

from e2ee.identity import DeviceIdentity
from e2ee.link import Link, host_hash, room_keys
from e2ee.mls.cipher_suite import CLASSIC, SUITES, CipherSuite
from rooms import wire
from rooms.errors import RoomFullError
from rooms.hosting import Hosting
from rooms.limits import Limits
from rooms.membership import Membership, new_bundles
from rooms.offers import seal_offers
from rooms.room_size import (
    fits_a_message,
    largest_credential,
    largest_messages,
    largest_room,
    room_for,
)

NOW = 1_800_000_000.0
HOST = DeviceIdentity.generate()
LINK = Link("rooms.example", bytes(16), host_hash(HOST.public_blob))
KEYS = room_keys(LINK.secret)


def hosting(suite: CipherSuite) -> Hosting:
    membership = Membership.create(LINK, KEYS, HOST, "Hana", now=NOW, suite=suite)
    return Hosting(membership, [suite], jitter=lambda: 0.0)


def admit(desk: Hosting, suite: CipherSuite, *numbers: int) -> None:
    for number in numbers:
        bundles = new_bundles(HOST, "A" * 64, KEYS, now=NOW, suites=[suite])
        desk.knocks.open(number, seal_offers(KEYS, bundles), now=NOW)
        assert desk.admit(number)


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
def test_real_messages_stay_below_what_is_foretold(suite: CipherSuite) -> None:
    desk = hosting(suite)
    admit(desk, suite, *range(2, 22))
    (commit,) = desk.next_commit(now=NOW)
    desk.accepted(1)
    group = desk._membership.group
    identities = [len(member.identity) for member in group.members]
    assert all(size <= largest_credential(HOST.public_blob) for size in identities)
    welcome, removing = largest_messages(suite, identities)
    assert commit.welcome is not None
    assert len(commit.welcome.welcome) < welcome
    dearest = group.commit(removes=[7], now=int(NOW))  # no inner key: sealed to every leaf
    assert len(dearest.message) < removing


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
def test_a_server_takes_no_larger_room_than_fits(suite: CipherSuite) -> None:
    assert largest_room(suite) > Limits().participants


def test_as_many_are_let_in_as_fit() -> None:
    full = largest_room(CLASSIC)
    assert room_for(CLASSIC, [300] * (full - 2), [300] * 64) == 2
    assert room_for(CLASSIC, [300] * full, [300]) == 0
    assert room_for(CLASSIC, [300], []) == 0


def test_who_would_make_the_room_too_large_is_turned_away_with_a_clear_word(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("rooms.wire.MAX_HANDSHAKE", max(largest_messages(CLASSIC, [409] * 3)))
    desk = hosting(CLASSIC)
    admit(desk, CLASSIC, 2, 3, 4)
    (commit,) = desk.next_commit(now=NOW)
    assert [joiner.participant for joiner in commit.joiners] == [2, 3]
    ((knocker, error),) = desk.dropped
    assert knocker.participant == 4
    assert isinstance(error, RoomFullError)
    assert error.message.startswith("the room is full")


def test_attack_a_joiner_whose_leaf_is_larger_than_foretold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = hosting(CLASSIC)
    admit(desk, CLASSIC, 2)
    monkeypatch.setattr("rooms.hosting.fits_a_message", lambda commit, welcome: False)
    assert not desk.next_commit(now=NOW)
    ((_, error),) = desk.dropped
    assert isinstance(error, RoomFullError)
    assert desk.next_tick is None


def test_a_commit_and_its_welcome_share_one_message() -> None:
    most = bytes(wire.MAX_HANDSHAKE)
    assert fits_a_message(most, None)
    assert not fits_a_message(most, most)
    assert not fits_a_message(most + b"x", None)
