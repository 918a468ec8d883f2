"""When we replace our own key."""

from __future__ import annotations

from rooms.renewal import Renewal

NOW = 1_800_000_000.0


def renewal(jitter: float = 0.5, members: int = 3) -> Renewal:
    return Renewal(NOW, members=members, jitter=lambda: jitter)


def due(of: Renewal, *, committing: bool = False, members: int = 3) -> float | None:
    when = of.due(committing=committing, members=members)
    return None if when is None else when - NOW


def test_a_member_renews_soon_after_it_came_and_not_with_everybody_else() -> None:
    assert [due(renewal(jitter)) for jitter in (0.0, 0.5, 1.0)] == [10.0, 25.0, 40.0]


def test_first_renewals_of_a_large_room_are_spread() -> None:
    assert due(renewal(1.0, members=500)) == 400.0


def test_a_member_renews_hourly() -> None:
    mine = renewal()
    mine.proposed()
    assert due(mine) is None
    mine.next_epoch(NOW + 30, renewed=True, members=3)
    assert due(mine) == 30 + 3600.0


def test_a_proposal_that_came_to_nothing_is_made_again() -> None:
    mine = renewal()
    mine.proposed()
    mine.next_epoch(NOW + 30, renewed=False, members=3)
    assert due(mine) == 55.0


def test_an_epoch_that_concerns_us_not_leaves_the_schedule_alone() -> None:
    mine = renewal()
    mine.next_epoch(NOW + 5, renewed=False, members=3)
    assert due(mine) == 25.0


def test_who_commits_renews_every_five_minutes_or_as_the_room_is_large() -> None:
    mine = renewal()
    assert due(mine, committing=True) == 25.0
    mine.next_epoch(NOW + 25, renewed=True, members=3)
    assert due(mine, committing=True) == 25 + 300.0
    assert due(mine, committing=True, members=200) == 25 + 1000.0


def test_whoever_takes_over_commits_when_its_own_key_is_old() -> None:
    mine = renewal()
    mine.next_epoch(NOW + 30, renewed=True, members=3)
    later = NOW + 2000
    mine.next_epoch(later, renewed=False, members=3)
    assert (due(mine), due(mine, committing=True)) == (30 + 3600.0, 330.0)
