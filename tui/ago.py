"""How long ago something was, as a person says it."""

from __future__ import annotations

import datetime as dt
from typing import Final

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
WEEK: Final = 7 * DAY

_STEPS: Final = (
    (MINUTE, 1, "just now"),
    (HOUR, MINUTE, "{} min ago"),
    (DAY, HOUR, "{} h ago"),
    (2 * DAY, DAY, "yesterday"),
    (2 * WEEK, DAY, "{} days ago"),
    (9 * WEEK, WEEK, "{} weeks ago"),
)
"""Below how many seconds, in units of how many, it is said how."""


def ago(then: dt.datetime, now: dt.datetime) -> str:
    """Return it in at most 12 cells. What is yet to come was just now: clocks differ."""
    seconds = int((now - then).total_seconds())
    said = (text.format(seconds // unit) for below, unit, text in _STEPS if seconds < below)
    return next(said, f"{then:%b %Y}")
