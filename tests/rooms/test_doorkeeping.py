"""Who the server is told keeps the door."""

from __future__ import annotations

import msgspec
import pytest

from e2ee.identity import Credential
from e2ee.link import host_hash
from rooms import bounds
from rooms.doorkeeping import Doorkeeping, doorkeepers
from rooms.policy import Appointment, RoomState
from rooms.roles import acting
from rooms.roster import Roster

HANA, CORA, CLEO, MIA = (
    Credential(name, f"{name}'s key".encode(), f"SHA256:{name}")
    for name in ("Hana", "Cora", "Cleo", "Mia")
)
ALONE = RoomState(hosts=(HANA.public_blob,))


def with_cohosts(*people: Credential) -> RoomState:
    cohosts = tuple(Appointment(who.public_blob, b"proof") for who in people)
    return msgspec.structs.replace(ALONE, cohosts=cohosts)


@pytest.fixture
def roster() -> Roster:
    """Hana, the host and us, at leaf 0, with number 10; Cora and Cleo, cohosts; and Mia."""
    made = Roster(me=0, state=with_cohosts(CORA, CLEO), link_host=host_hash(HANA.public_blob))
    for leaf, who in enumerate((HANA, CORA, CLEO, MIA)):
        made.add(leaf, who, 10 * (leaf + 1))
    return made


def said(
    keeping: Doorkeeping,
    roster: Roster,
    *more: RoomState,
    coming: tuple[int, ...] = (),
    committing: bool = False,
) -> tuple[list[int], list[int]] | None:
    message = keeping.to_say(
        roster,
        [roster.state, *more],
        coming,
        first=acting(roster) == roster.me,
        committing=committing,
    )
    return (message.participants, message.dismissed) if message is not None else None


def test_doorkeepers_are_the_hosts_and_cohosts_there_are_or_will_be(roster: Roster) -> None:
    assert doorkeepers(roster, [roster.state]) == [20, 30]
    assert doorkeepers(roster, [roster.state, with_cohosts(MIA)]) == [20, 30, 40]
    assert doorkeepers(roster, [ALONE], coming=[77]) == [77]
    roster[1].leaving = "lost"
    roster[2].participant = None
    assert doorkeepers(roster, [roster.state]) == []


def test_the_first_in_rank_says_each_number_once_when_it_knows_it(roster: Roster) -> None:
    keeping = Doorkeeping()
    roster[2].participant = None
    assert said(keeping, roster) == ([20], [])
    assert said(keeping, roster) is None
    roster[2].participant = 30
    assert said(keeping, roster) == ([30], [])


def test_others_say_only_whom_their_commit_makes_one(roster: Roster) -> None:
    keeping = Doorkeeping()
    roster.me = 1
    assert said(keeping, roster, committing=True) is None
    assert said(keeping, roster, coming=(77,)) is None
    assert said(keeping, roster, coming=(77,), committing=True) == ([77], [])


def test_the_next_one_says_all_it_knows_when_the_first_is_gone(roster: Roster) -> None:
    keeping = Doorkeeping()
    roster.me = 1
    assert said(keeping, roster) is None
    roster[0].leaving = "lost"
    assert said(keeping, roster) == ([30], [])


def test_who_is_dismissed_keeps_the_door_until_it_is_so(roster: Roster) -> None:
    keeping = Doorkeeping()
    said(keeping, roster)
    assert said(keeping, roster, with_cohosts(CLEO), committing=True) is None
    roster.state = with_cohosts(CLEO)
    assert said(keeping, roster) == ([], [20])
    assert said(keeping, roster) is None


def test_a_dismissal_that_was_not_told_is_told_by_the_next_one(roster: Roster) -> None:
    keeping = Doorkeeping()
    roster.me = 1
    said(keeping, roster)
    roster.state = with_cohosts(CORA)
    assert said(keeping, roster) is None
    roster[0].leaving = "lost"
    assert said(keeping, roster) == ([], [30])


def test_who_is_appointed_again_is_no_longer_dismissed(roster: Roster) -> None:
    keeping = Doorkeeping()
    roster.me = 1
    said(keeping, roster)
    roster.state = with_cohosts(CORA)
    said(keeping, roster)
    roster.state = with_cohosts(CORA, CLEO)
    roster[0].leaving = "lost"
    assert said(keeping, roster) == ([30], [])


def test_more_than_a_message_takes_are_said_one_after_the_other(roster: Roster) -> None:
    keeping = Doorkeeping()
    for leaf in range(4, 4 + bounds.MAX_DOORKEEPERS):  # one person may come in many times
        roster.add(leaf, CORA, 10 * (leaf + 1))
    first, second = said(keeping, roster), said(keeping, roster)
    assert first is not None
    assert second is not None
    assert len(first[0]) == bounds.MAX_DOORKEEPERS
    assert len({*first[0], *second[0]}) == bounds.MAX_DOORKEEPERS + 2
    assert said(keeping, roster) is None
