"""Events of what is written, as scripts read them."""

from __future__ import annotations

import datetime as dt

import msgspec

from rooms import events
from rooms.chat_events import ChatHistory, KeptLine
from rooms.events import AnyEvent

WHEN = dt.datetime(2026, 7, 1, 12, 0, tzinfo=dt.UTC)


def test_kept_lines_are_told_in_one_line() -> None:
    line = KeptLine(name="Ada", text="two\nlines", sent=WHEN, mine=True)
    told = msgspec.json.encode(ChatHistory(lines=[line], time=WHEN))
    assert told == (
        b'{"event":"chat_history","v":1,"time":"2026-07-01T12:00:00Z","lines":'
        b'[{"name":"Ada","text":"two\\nlines","sent":"2026-07-01T12:00:00Z","mine":true}]}'
    )
    assert msgspec.json.decode(told, type=AnyEvent) == ChatHistory(lines=[line], time=WHEN)


def test_what_is_written_is_among_the_events() -> None:
    assert events.ChatHistory is ChatHistory
    assert {"ChatReceived", "ChatHistory", "Reaction"} <= {
        kind.__name__ for kind in AnyEvent.__args__
    }
