from __future__ import annotations

import datetime as dt

import pytest

from tui.ago import ago

NOW = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        (dt.timedelta(minutes=-5), "just now"),
        (dt.timedelta(seconds=59), "just now"),
        (dt.timedelta(minutes=1), "1 min ago"),
        (dt.timedelta(minutes=59, seconds=59), "59 min ago"),
        (dt.timedelta(hours=2), "2 h ago"),
        (dt.timedelta(hours=24), "yesterday"),
        (dt.timedelta(days=13), "13 days ago"),
        (dt.timedelta(days=30), "4 weeks ago"),
        (dt.timedelta(days=400), "Oct 2025"),
    ],
)
def test_it_is_said_as_a_person_says_it(passed: dt.timedelta, said: str) -> None:
    assert ago(NOW - passed, NOW) == said
    assert len(said) <= 12
