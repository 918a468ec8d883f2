"""The host's desk: knocks, and one Commit at a time."""

from __future__ import annotations

import itertools
from dataclasses import replace

import msgspec
import pytest

from e2ee.errors import KeysError
from e2ee.identity import DeviceIdentity
from e2ee.link import Link, host_hash, room_keys
from e2ee.lobby import seal_knock
from e2ee.mls.capabilities import Capabilities
from e2ee.mls.cipher_suite import CLASSIC, HYBRID, SUITES, CipherSuite
from e2ee.mls.group import Group
from e2ee.mls.key_package import KeyPackageBundle
from e2ee.mls.signing_key import SigningKey
from rooms.errors import PolicyError, SuiteError, WireError
from rooms.hosting import (
    CROWD,
    GATHER,
    GATHER_LARGE,
    LARGE,
    MAX_ADDS,
    MAX_ATTEMPTS,
    MAX_UNTAKEN,
    RETRY,
    UNTAKEN,
    Hosting,
)
from rooms.knocks import MAX_KNOCKS
from rooms.membership import Membership, new_bundles
from rooms.offers import seal_offers
from rooms.policy import Policy, RoomState
from rooms.wire import SubmitCommit

Offer = tuple[KeyPackageBundle, ...]
NOW = 1_800_000_000.0
HOST = DeviceIdentity.generate()
LINK = Link("rooms.example", bytes(16), host_hash(HOST.public_blob))
KEYS = room_keys(LINK.secret)


@pytest.fixture
def hosting() -> Hosting:
    return Hosting(Membership.create(LINK, KEYS, HOST, "Hana", now=NOW), jitter=lambda: 0.0)


_clock = itertools.count(int(NOW), 2)


def later() -> float:
    """Return a time when nothing has to wait for other Commits any more."""
    return float(next(_clock))


def sealed(bundle: KeyPackageBundle) -> bytes:
    return seal_knock(KEYS.lobby_key, KEYS.room_id, [bundle.message])


def knock(hosting: Hosting, number: int, name: str = "Ada") -> KeyPackageBundle:
    bundle = new_bundles(DeviceIdentity.generate(), name, KEYS, now=NOW)[0]
    hosting.knocks.open(number, sealed(bundle), now=NOW)
    return bundle


def admit(hosting: Hosting, *numbers: int) -> None:
    for number in numbers:
        knock(hosting, number)
        assert hosting.admit(number)


def welcome_of(commit: SubmitCommit) -> bytes:
    assert commit.welcome is not None
    return commit.welcome.welcome


def people(hosting: Hosting) -> int:
    return len(hosting._membership.roster)


def test_one_commit_at_a_time(hosting: Hosting) -> None:
    admit(hosting, 2)
    (first,) = hosting.next_commit(now=later())
    admit(hosting, 3, 4)
    assert not hosting.next_commit(now=later())
    hosting.accepted(first.epoch + 1)
    (second,) = hosting.next_commit(now=later())
    assert [joiner.participant for joiner in second.joiners] == [3, 4]
    hosting.accepted(2)
    assert not hosting.next_commit(now=later())
    assert people(hosting) == 4


def test_admissions_and_removals_share_a_commit(hosting: Hosting) -> None:
    admit(hosting, 2)
    hosting.next_commit(now=later())
    hosting.accepted(1)
    admit(hosting, 3)
    hosting.removals.add(1)
    hosting.removals.add(1)
    hosting.removals.add(0)  # ourselves: never
    hosting.removals.add(7)  # nobody
    (commit,) = hosting.next_commit(now=later())
    assert commit.removes == [2]
    change = hosting.accepted(2)
    assert [name for _, name, _ in change.left] == ["Ada"]
    assert list(change.joined) == [1]  # the leaf that became free
    assert hosting._membership.roster.leaf_of(3) == 1


def test_many_admissions_go_out_in_bounded_commits(hosting: Hosting) -> None:
    admit(hosting, *range(2, 2 + MAX_ADDS + 1))
    (first,) = hosting.next_commit(now=later())
    assert len(first.joiners) == MAX_ADDS
    hosting.accepted(1)
    (second,) = hosting.next_commit(now=later())
    assert len(second.joiners) == 1


def test_who_comes_alone_does_not_wait_and_the_next_come_together(hosting: Hosting) -> None:
    start = later()
    admit(hosting, 2)
    assert len(hosting.next_commit(now=start)) == 1
    hosting.accepted(1)
    admit(hosting, 3)
    assert hosting.next_tick == start + GATHER
    assert not hosting.next_commit(now=start + GATHER / 2)
    admit(hosting, 4)
    (commit,) = hosting.next_commit(now=start + GATHER)
    assert [joiner.participant for joiner in commit.joiners] == [3, 4]


def test_who_comes_back_does_not_come_right_behind_another_commit(hosting: Hosting) -> None:
    ada = DeviceIdentity.generate()
    (bundle,) = new_bundles(ada, "Ada", KEYS, now=NOW, suites=SUITES[:1])
    hosting.knocks.open(2, sealed(bundle), now=NOW)
    hosting.admit(2)
    (commit,) = hosting.next_commit(now=later())
    hosting.accepted(1)
    guest = Membership.enter(welcome_of(commit), [bundle], LINK, KEYS)
    (again,) = new_bundles(ada, "Ada", KEYS, now=NOW, replacing=guest.group)
    hosting.knocks.open(3, sealed(again), now=NOW)
    start = later()
    hosting.delivered(2, now=start)
    assert hosting.returns.take(3, due=start)
    assert hosting.next_tick == start + GATHER
    assert not hosting.next_commit(now=start + GATHER / 2)
    assert len(hosting.next_commit(now=start + GATHER)) == 1


def test_another_ones_commit_makes_adds_wait_too(hosting: Hosting) -> None:
    start = later()
    hosting.delivered(1, now=start)
    admit(hosting, 2)
    assert hosting.next_tick == start + GATHER


def test_a_large_room_takes_in_people_once_a_second(hosting: Hosting) -> None:
    start = later()
    admit(hosting, *range(2, 2 + LARGE))
    hosting.next_commit(now=start)
    hosting.accepted(1)
    assert people(hosting) == LARGE + 1
    admit(hosting, 99)
    assert hosting.next_tick == start + GATHER_LARGE


def test_a_crowd_at_the_door_comes_in_once_a_second(hosting: Hosting) -> None:
    start = later()
    admit(hosting, 2)
    hosting.next_commit(now=start)
    hosting.accepted(1)
    admit(hosting, *range(3, 3 + CROWD))
    assert hosting.next_tick == start + GATHER
    admit(hosting, 99)
    assert hosting.next_tick == start + GATHER_LARGE


def test_what_a_person_decides_goes_at_once_and_takes_along_what_waits(hosting: Hosting) -> None:
    start = later()
    admit(hosting, 2, 3)
    hosting.next_commit(now=start)
    hosting.accepted(1)
    admit(hosting, 4)
    hosting.removals.add(1, due=start)  # lost the connection
    assert hosting.next_tick == start + GATHER
    hosting.removals.add(2)
    (commit,) = hosting.next_commit(now=start)
    assert [joiner.participant for joiner in commit.joiners] == [4]
    assert sorted(commit.removes) == [2, 3]


def test_knocks_are_bounded(hosting: Hosting) -> None:
    for number in range(2, 2 + MAX_KNOCKS):
        knock(hosting, number)
    with pytest.raises(PolicyError):
        knock(hosting, 999)


def test_who_withdraws_before_the_commit_is_not_added(hosting: Hosting) -> None:
    admit(hosting, 2)
    knock(hosting, 3)
    assert not hosting.withdraw(2)  # decided already: nobody is shown a knock of it
    assert hosting.withdraw(3)
    assert not hosting.withdraw(3)
    assert not hosting.admit(3)
    assert not hosting.next_commit(now=later())


@pytest.mark.parametrize("stage", ["waiting", "admitted", "under way", "inside"])
def test_a_key_package_that_knocks_twice_is_refused(hosting: Hosting, stage: str) -> None:
    bundle = knock(hosting, 2)
    if stage != "waiting":
        hosting.admit(2)
    if stage in {"under way", "inside"}:
        hosting.next_commit(now=later())
    if stage == "inside":
        hosting.accepted(1)
    with pytest.raises(PolicyError):
        hosting.knocks.open(3, sealed(bundle), now=NOW)


@pytest.mark.parametrize("decision", ["withdraw", "remove"])
def test_attack_the_server_knocks_again_for_somebody_who_left(
    hosting: Hosting, decision: str
) -> None:
    bundle = knock(hosting, 2)
    if decision == "withdraw":
        assert hosting.withdraw(2)
    else:
        hosting.admit(2)
        hosting.next_commit(now=later())
        hosting.accepted(1)
        hosting.removals.add(1)
        hosting.next_commit(now=later())
        hosting.accepted(2)
        assert people(hosting) == 1
    with pytest.raises(PolicyError):
        hosting.knocks.open(3, sealed(bundle), now=NOW)
    assert not hosting.knocks.waiting


@pytest.mark.parametrize("forged", [b"", b"junk", bytes(2000)])
def test_a_knock_that_does_not_open_is_refused(hosting: Hosting, forged: bytes) -> None:
    with pytest.raises(KeysError):
        hosting.knocks.open(2, forged, now=NOW)
    assert not hosting.knocks.waiting


def test_a_knock_with_a_key_package_that_expired_is_refused(hosting: Hosting) -> None:
    old = new_bundles(DeviceIdentity.generate(), "Ada", KEYS, now=NOW - 90 * 24 * 3600)[0]
    with pytest.raises(KeysError):
        hosting.knocks.open(2, sealed(old), now=NOW)


def test_a_key_package_that_excludes_another_keeps_nobody_else_out(hosting: Hosting) -> None:
    """Two knockers that share a key, one that cannot be in this room, and an honest one."""

    def crafted(number: int, like: KeyPackageBundle, **change: object) -> None:
        key = SigningKey.generate()
        credential = DeviceIdentity.generate().prove(key.public, KEYS.room_id, "Mallory")
        package = like.key_package
        identity = replace(package.leaf_node.credential, identity=credential)
        leaf = replace(
            package.leaf_node, signature_key=key.public, credential=identity, **change
        ).signed(key)
        forged = replace(package, leaf_node=leaf).signed(key)
        hosting.knocks.open(number, sealed(replace(like, key_package=forged)), now=NOW)

    original = knock(hosting, 2, "Mallory")
    crafted(3, original)  # the same encryption and init keys
    crafted(
        4, new_bundles(HOST, "x", KEYS, now=NOW)[0], capabilities=Capabilities.ours((), SUITES[0])
    )
    knock(hosting, 5, "Ada")
    for number in (2, 3, 4, 5):
        hosting.admit(number)
    epoch = 0
    while commits := hosting.next_commit(now=later()):
        epoch += 1
        assert commits[0].epoch == epoch - 1
        hosting.accepted(epoch)
    assert [knocker.participant for knocker, _ in hosting.dropped] == [3, 4]
    assert hosting._membership.roster.leaf_of(5) is not None
    assert people(hosting) == 3


def test_a_commit_that_lost_is_built_again_after_the_winner(hosting: Hosting) -> None:
    admit(hosting, 2)
    hosting.next_commit(now=later())
    hosting.delivered(1, now=NOW)
    hosting.rejected(1, now=NOW)
    (again,) = hosting.next_commit(now=later())
    assert again.epoch == 1
    assert [joiner.participant for joiner in again.joiners] == [2]
    hosting.accepted(2)
    assert people(hosting) == 2


def test_a_commit_without_a_winner_is_given_up(hosting: Hosting) -> None:
    admit(hosting, 2)
    for _ in range(MAX_UNTAKEN - 1):
        now = later()
        assert hosting.next_commit(now=now)
        hosting.rejected(0, now=now)
        assert hosting.next_tick == now + GATHER + UNTAKEN
    hosting.next_commit(now=later())
    with pytest.raises(WireError):
        hosting.rejected(0, now=later())
    assert [knocker.participant for knocker, _ in hosting.dropped] == [2]
    assert not hosting.next_commit(now=later())


def test_a_first_count_that_is_wrong_is_put_right(hosting: Hosting) -> None:
    hosting._counted = 7  # we came in, and the server has counted less, or more
    admit(hosting, 2)
    (first,) = hosting.next_commit(now=later())
    hosting.rejected(4, now=later())
    (again,) = hosting.next_commit(now=later())
    assert (first.epoch, again.epoch) == (7, 4)
    hosting.accepted(5)
    assert people(hosting) == 2


def test_a_commit_that_always_loses_is_given_up(hosting: Hosting) -> None:
    admit(hosting, 2)
    for attempt in range(1, MAX_ATTEMPTS):
        hosting.next_commit(now=later())
        hosting.rejected(attempt, now=NOW)
    hosting.next_commit(now=later())
    with pytest.raises(WireError):
        hosting.rejected(MAX_ATTEMPTS, now=NOW)


def test_the_servers_word_on_what_was_not_sent_counts_for_nothing(hosting: Hosting) -> None:
    with pytest.raises(WireError):
        hosting.accepted(1)
    with pytest.raises(WireError):
        hosting.rejected(1, now=NOW)
    admit(hosting, 2)
    hosting.next_commit(now=later())
    with pytest.raises(WireError):
        hosting.accepted(9)
    hosting.accepted(1)
    assert people(hosting) == 2


# --- several that commit ---


def locked(state: RoomState) -> RoomState:
    return msgspec.structs.replace(state, locked=True)


def quiet(state: RoomState) -> RoomState:
    return msgspec.structs.replace(state, policy=Policy(chat=False))


def impossible(state: RoomState) -> RoomState:
    raise PolicyError("it cannot be")


def state(hosting: Hosting) -> RoomState:
    return hosting._membership.roster.state


def test_changes_go_with_admissions_and_removals_in_one_commit(hosting: Hosting) -> None:
    admit(hosting, 2)
    hosting.next_commit(now=later())
    hosting.accepted(1)
    admit(hosting, 3)
    hosting.removals.add(1)
    hosting.edit(quiet)
    assert hosting.intended.policy == Policy(chat=False)
    (commit,) = hosting.next_commit(now=later())
    assert (len(commit.joiners), commit.removes) == (1, [2])
    assert hosting.intended.policy == Policy(chat=False)
    hosting.accepted(2)
    assert state(hosting).policy == Policy(chat=False)
    assert hosting.next_tick is None


def test_a_change_is_made_again_on_the_state_of_the_winner(hosting: Hosting) -> None:
    hosting.edit(locked)
    hosting.next_commit(now=later())
    hosting._membership.roster.state = quiet(state(hosting))  # somebody else's Commit won
    hosting.delivered(1, now=NOW)
    hosting.rejected(1, now=NOW)
    assert hosting.intended == locked(quiet(RoomState(hosts=(HOST.public_blob,))))
    hosting.next_commit(now=later())
    hosting.accepted(2)
    assert state(hosting).locked
    assert state(hosting).policy == Policy(chat=False)


def test_a_change_that_another_one_made_needs_no_commit(hosting: Hosting) -> None:
    hosting.edit(locked)
    hosting._membership.roster.state = locked(state(hosting))
    assert not hosting.next_commit(now=later())
    assert hosting.next_tick is None


def test_a_change_that_cannot_be_is_not_taken_and_one_that_no_longer_can_is_told(
    hosting: Hosting,
) -> None:
    with pytest.raises(PolicyError):
        hosting.edit(impossible)
    hosting.edit(locked)
    hosting._edits.append(impossible)
    hosting.next_commit(now=later())
    assert [error.message for error in hosting.failed] == ["it cannot be"]
    hosting.accepted(1)
    assert state(hosting).locked
    assert hosting.next_tick is None


def test_who_is_admitted_before_a_lock_comes_in_first_and_later_not(hosting: Hosting) -> None:
    admit(hosting, 2)
    hosting.edit(locked)
    (first,) = hosting.next_commit(now=later())
    assert len(first.joiners) == 1
    hosting.accepted(1)
    assert not state(hosting).locked
    knock(hosting, 3)
    (second,) = hosting.next_commit(now=later())
    assert not second.joiners
    hosting.admit(3)
    hosting.accepted(2)
    assert not hosting.next_commit(now=later())
    assert [(who.participant, why.message) for who, why in hosting.dropped] == [
        (3, "the room is locked")
    ]


def test_a_commit_that_lost_waits_a_while_and_longer_each_time(hosting: Hosting) -> None:
    hosting._jitter = lambda: 1.0
    admit(hosting, 2)
    for attempt in (1, 2):
        now = later()
        hosting.next_commit(now=now)
        hosting.rejected(attempt, now=now)
        assert hosting.next_tick == now + GATHER + RETRY * attempt
        assert not hosting.next_commit(now=now + GATHER)
    (again,) = hosting.next_commit(now=later())
    assert again.epoch == 2
    assert hosting.next_tick is None


def test_who_withdraws_while_a_commit_that_loses_is_under_way_is_not_added_again(
    hosting: Hosting,
) -> None:
    admit(hosting, 2, 3)
    hosting.next_commit(now=later())
    assert not hosting.withdraw(2)
    hosting.delivered(1, now=NOW)
    hosting.rejected(1, now=NOW)
    (again,) = hosting.next_commit(now=later())
    assert [joiner.participant for joiner in again.joiners] == [3]


def test_a_removal_waits_until_it_is_due(hosting: Hosting) -> None:
    admit(hosting, 2)
    hosting.next_commit(now=NOW)
    hosting.accepted(1)
    hosting.removals.add(1, due=NOW + 4)
    assert not hosting.next_commit(now=NOW + 3.9)
    assert hosting.next_tick == NOW + 4
    hosting.removals.add(1, due=NOW + 9)  # the first stands
    (commit,) = hosting.next_commit(now=NOW + 4)
    assert commit.removes == [2]


def test_a_removal_is_not_of_whoever_got_the_leaf_meanwhile(hosting: Hosting) -> None:
    admit(hosting, 2)
    hosting.next_commit(now=NOW)
    hosting.accepted(1)
    hosting.removals.add(1, due=NOW + 4)
    roster = hosting._membership.roster
    person = roster.remove(1)
    roster.add(1, person.credential)  # removed by another one, and back
    assert not hosting.next_commit(now=NOW + 5)
    assert hosting.next_tick is None


def test_a_removal_that_is_not_due_survives_a_commit_that_loses_and_would_have_made_it(
    hosting: Hosting,
) -> None:
    ada = DeviceIdentity.generate()
    for number in (2, 3):
        bundle = new_bundles(ada, "Ada", KEYS, now=NOW)[0]
        hosting.knocks.open(number, sealed(bundle), now=NOW)
        hosting.admit(number)
        now = later()
        (commit,) = hosting.next_commit(now=now)
        if number == 2:
            hosting.accepted(1)
            hosting._membership.roster[1].leaving = "lost"
            hosting.removals.add(1, due=now + 40)
    assert commit.removes == [2]
    hosting.withdraw(3)
    hosting.delivered(2, now=now)
    hosting.rejected(2, now=now)
    (alone,) = hosting.next_commit(now=now + 40)
    assert alone.removes == [2]


def test_who_comes_back_takes_the_place_of_what_was_left_behind(hosting: Hosting) -> None:
    ada = DeviceIdentity.generate()
    for number in (2, 3):
        bundle = new_bundles(ada, "Ada", KEYS, now=NOW)[0]
        hosting.knocks.open(number, sealed(bundle), now=NOW)
        hosting.admit(number)
        hosting.next_commit(now=later())
        change = hosting.accepted(number - 1)
        hosting._membership.roster[1].leaving = "lost"
    assert [leaf for leaf, _, _ in change.left] == [1]
    assert people(hosting) == 2


def test_what_is_cleared_is_not_done(hosting: Hosting) -> None:
    admit(hosting, 2)
    knock(hosting, 3)
    hosting.edit(locked)
    assert hosting.knows(2)
    assert hosting.knows(3)
    hosting.clear()
    assert not hosting.knows(2)
    assert hosting.coming == []
    assert not hosting.next_commit(now=later())
    assert hosting.next_tick is None


# --- cipher suites ---


def offered(hosting: Hosting, number: int, *suites: CipherSuite, name: str = "Ada") -> Offer:
    bundles = new_bundles(DeviceIdentity.generate(), name, KEYS, now=NOW, suites=suites)
    hosting.knocks.open(number, seal_offers(KEYS, bundles), now=NOW)
    return bundles


def group(hosting: Hosting) -> Group:
    return hosting._membership.group


def test_a_room_keeps_the_best_suite_with_all_who_can_do_it(hosting: Hosting) -> None:
    for number in (2, 3):
        bundles = offered(hosting, number, *SUITES)
        hosting.admit(number)
        (commit,) = hosting.next_commit(now=later())
        hosting.accepted(number - 1)
        guest = Membership.enter(welcome_of(commit), bundles, LINK, KEYS)
        assert guest.group.suite is group(hosting).suite is SUITES[0]


def test_the_first_who_cannot_do_the_suite_makes_the_room_a_classic_one(hosting: Hosting) -> None:
    epoch = group(hosting).epoch
    bundles = offered(hosting, 2, CLASSIC)
    assert group(hosting).suite is HYBRID  # a knock alone changes nothing
    hosting.admit(2)
    (commit,) = hosting.next_commit(now=later())
    hosting.accepted(1)
    assert group(hosting).suite is CLASSIC
    assert group(hosting).epoch == epoch + 2  # the one between is never sent with
    guest = Membership.enter(welcome_of(commit), bundles, LINK, KEYS)
    assert guest.group.epoch_authenticator == group(hosting).epoch_authenticator
    offered(hosting, 3, *SUITES)
    hosting.admit(3)
    hosting.next_commit(now=later())
    hosting.accepted(2)
    assert people(hosting) == 3


def test_attack_somebody_who_left_keeps_a_room_down_to_the_classic_suite(hosting: Hosting) -> None:
    offered(hosting, 2, CLASSIC)
    hosting.admit(2)
    hosting.next_commit(now=later())
    hosting.accepted(1)
    hosting.removals.add(1)
    hosting.next_commit(now=later())
    hosting.accepted(2)
    epoch = group(hosting).epoch
    bundles = offered(hosting, 3, *SUITES)
    hosting.admit(3)
    (commit,) = hosting.next_commit(now=later())
    hosting.accepted(3)
    assert group(hosting).suite is HYBRID
    assert group(hosting).epoch > epoch
    guest = Membership.enter(welcome_of(commit), bundles, LINK, KEYS)
    assert guest.group.suite is HYBRID


def test_who_cannot_do_the_suite_of_a_room_with_people_is_refused_with_a_word(
    hosting: Hosting,
) -> None:
    offered(hosting, 2, *SUITES)
    hosting.admit(2)
    hosting.next_commit(now=later())
    hosting.accepted(1)
    with pytest.raises(SuiteError, match=r"Bob cannot be let in.*post-quantum"):
        offered(hosting, 3, CLASSIC, name="Bob")
    assert not hosting.knocks.waiting
    assert group(hosting).suite is HYBRID


def test_who_was_admitted_together_with_others_keeps_none_of_them_out(hosting: Hosting) -> None:
    assert HYBRID is not None
    offered(hosting, 2, HYBRID)
    offered(hosting, 3, CLASSIC)
    hosting.admit(2)
    hosting.admit(3)
    (commit,) = hosting.next_commit(now=later())
    assert [joiner.participant for joiner in commit.joiners] == [2]
    ((knocker, error),) = hosting.dropped
    assert (knocker.participant, type(error)) == (3, SuiteError)
    assert group(hosting).suite is HYBRID


def test_a_host_who_wants_the_classic_suite_never_leaves_it() -> None:
    membership = Membership.create(LINK, KEYS, HOST, "Hana", now=NOW, suite=CLASSIC)
    hosting = Hosting(membership, [CLASSIC])
    assert HYBRID is not None
    with pytest.raises(SuiteError):
        offered(hosting, 2, HYBRID)
    offered(hosting, 3, *SUITES)
    hosting.admit(3)
    hosting.next_commit(now=later())
    hosting.accepted(1)
    assert membership.group.suite is CLASSIC
