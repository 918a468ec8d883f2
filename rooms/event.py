"""What every event has; the events themselves are in `rooms.events`. Pure."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

import msgspec

UtcTime = Annotated[dt.datetime, msgspec.Meta(tz=True, extra_json_schema={"pattern": "Z$"})]
"""A time of day in UTC: written in ISO 8601, with a Z at its end."""


def utc_now() -> dt.datetime:
    """Return the current time in UTC, to the millisecond (what event times are made of)."""
    now = dt.datetime.now(dt.UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    """Base of every event; `time` is UTC."""

    v: Literal[1] = 1
    time: UtcTime = msgspec.field(default_factory=utc_now)
