"""What was lost lately, not since the beginning."""

from __future__ import annotations

from media.rtp.recent import WINDOW, RecentShare


def test_nothing_is_known_before_anything_happened() -> None:
    recent = RecentShare()
    assert recent.share() is None
    recent.add(0.0, 5, 100)
    assert recent.share() is None
    recent.add(1.0, 5, 100)
    assert recent.share() is None


def test_a_bad_moment_is_forgotten_after_a_while() -> None:
    recent = RecentShare()
    recent.add(0.0, 0, 0)
    recent.add(1.0, 25, 50)
    assert recent.share() == 0.5
    for second in range(2, 2 + int(WINDOW) + 1):
        recent.add(float(second), 25, 50 * second)
    assert recent.share() == 0.0
    assert len(recent._samples) <= WINDOW + 2


def test_seldom_samples_still_count_from_one_to_the_next() -> None:
    recent = RecentShare()
    recent.add(0.0, 0, 0)
    recent.add(60.0, 1, 10)
    assert recent.share() == 0.1


def test_attack_counters_that_cannot_be_are_a_share_all_the_same() -> None:
    recent = RecentShare()
    recent.add(0.0, 10, 10)
    recent.add(1.0, 0x7F_FFFF, 20)
    assert recent.share() == 1.0
    recent.add(2.0, -0x80_0000, 30)
    assert recent.share() == 0.0
