from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from rooms import events
from tui.conditions import ABOUT, KINDS, Condition

SENT = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)


def chat(text: str, *, mine: bool = False) -> events.ChatReceived:
    return events.ChatReceived(id="1", leaf=1, name="Ada", text=text, sent=SENT, mine=mine)


def met(text: str, event: events.AnyEvent) -> bool:
    return Condition.parse(text).met_by(event)


def test_an_event_is_met_by_name() -> None:
    assert met("chat", chat("hello"))
    assert not met("reaction", chat("hello"))
    assert met("left", events.Left())


def test_a_value_is_the_whole_of_what_it_is_compared_with_or_a_part() -> None:
    assert met("chat=all done", chat("all done"))
    assert not met("chat=done", chat("all done"))
    assert met("chat~done", chat("all done"))
    assert not met("chat~done", chat("all do"))
    assert met("chat=a=b~c", chat("a=b~c"))
    assert met("ended=", events.Ended(reason="you left"))
    assert not met("ended=", events.Ended(reason="gone", code="room.missing"))


def test_of_a_participant_the_name_counts(someone) -> None:
    came = events.ParticipantJoined(participant=someone(1, "Ada"))
    assert met("participant_joined=Ada", came)
    assert not met("participant_joined=Grace", came)


def test_what_we_wrote_ourselves_is_not_what_is_waited_for() -> None:
    assert not met("chat=done", chat("done", mine=True))
    assert not met("chat", chat("done", mine=True))


@pytest.mark.parametrize("text", ["", "chats", "=x", "Chat", "chat done"])
def test_what_is_no_event_is_refused_with_those_there_are(text: str) -> None:
    with pytest.raises(ValueError, match="there are: admitted, bot, "):
        Condition.parse(text)


@pytest.mark.parametrize("text", ["hosting=x", "stats=1", "verification_code~1"])
def test_a_value_where_there_is_nothing_to_compare_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="nothing a value is compared with"):
        Condition.parse(text)


def test_no_secret_is_compared() -> None:
    """A condition stands in arguments, which everybody on the machine can read."""
    assert {"link", "passcode", "digits", "words"} & set(ABOUT.values()) == set()


def test_every_field_that_is_compared_exists() -> None:
    for event, name in ABOUT.items():
        assert name in {field.name for field in msgspec.structs.fields(KINDS[event])}


def test_a_condition_is_written_as_it_is_read() -> None:
    for text in ("chat", "chat=done", "chat~do", "ended="):
        assert str(Condition.parse(text)) == text
