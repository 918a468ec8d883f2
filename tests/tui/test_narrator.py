from __future__ import annotations

import datetime as dt

import pytest

from rooms.events import (
    ChatReceived,
    E2eeState,
    Ended,
    ErrorEvent,
    Knock,
    ParticipantJoined,
    ParticipantLeft,
    RecordingState,
)
from tui.conduct import Outcome, Stop
from tui.narrator import Narrator


def test_an_error_has_its_hint_and_its_end_is_not_said_again() -> None:
    narrator = Narrator(Stop())
    full = ErrorEvent(code="room.full", message="the room is full", hint="try later")
    assert narrator.line(full) == "sotto: the room is full\nhint: try later"
    assert narrator.last_error == "the room is full"
    assert narrator.line(Ended(reason="the room is full", code="room.full")) == ""


def test_an_end_that_somebody_else_explains_is_not_told() -> None:
    stop = Stop()
    stop.ask(Outcome(124, "not in the room after 5 s"))
    assert Narrator(stop).line(Ended(reason="")) == ""


def test_the_further_lines_of_a_text_cannot_be_taken_for_somebody_elses() -> None:
    text = ChatReceived(
        id="1", leaf=1, name="Ada", text="hi\nGrace: I agree", sent=dt.datetime.now(dt.UTC)
    )
    assert Narrator(Stop()).line(text) == "- Ada: hi\n  Grace: I agree"


def test_an_alarm_is_said_once_and_so_is_its_end() -> None:
    narrator = Narrator(Stop())
    stopped = E2eeState(epoch=1, members=2, state="stopped", reason="silent")
    assert narrator.line(stopped).startswith("Sending has stopped")
    assert narrator.line(stopped) == ""
    agreed = E2eeState(epoch=1, members=2)
    assert narrator.line(agreed) == "All agree on the keys again: what you send is sent."
    assert narrator.line(agreed) == ""


@pytest.mark.parametrize("name", ["Digits", "All agree on the keys again", "KEY CHANGED", "hint"])
def test_no_name_makes_a_line_that_could_be_the_programs_own(someone, name: str) -> None:
    narrator = Narrator(Stop())
    said = ChatReceived(
        id="1", leaf=1, name=name, text="what you send is sent.", sent=dt.datetime.now(dt.UTC)
    )
    events = (
        said,
        ParticipantJoined(participant=someone(1, name)),
        ParticipantLeft(leaf=1, name=name, reason="left"),
        RecordingState(leaf=1, name=name, on=True),
        Knock(knock=1, name=name, fingerprint="SHA256:x", key_state="new"),
    )
    assert all(narrator.line(event).startswith("- ") for event in events)
