"""What every event has; the events themselves are in `rooms.events`. Pure."""

from __future__ import annotations

import datetime as dt

import msgspec


def utc_now() -> dt.datetime:
    """Return the current time in UTC, to the millisecond (what event times are made of)."""
    now = dt.datetime.now(dt.UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    """Base of every event; `time` is UTC."""

    v: int = 1
    time: dt.datetime = msgspec.field(default_factory=utc_now)
