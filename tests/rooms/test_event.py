"""What every event has."""

from __future__ import annotations

import datetime as dt

from rooms import events


def test_times_are_utc_to_the_millisecond() -> None:
    now = events.utc_now()
    assert now.utcoffset() == dt.timedelta(0)
    assert now.microsecond % 1000 == 0
    assert events.Admitted().time >= now
