from __future__ import annotations

import pytest

from tui.actions.talk import EMOJI
from tui.keys import perform


@pytest.fixture
def room(call, someone):
    call.join()
    call.arrive(someone(1, "Ada"))
    call.hear(1, "first")
    call.hear(1, "second")
    call.say("mine")
    call.intents.clear()
    return call


def test_the_last_line_of_somebody_else_is_answered(room) -> None:
    assert perform(room, "/reply I agree") == ""
    assert room.intents == [("say", "I agree", room.chat[1].id)]
    assert perform(room, "/reply") == "Say what to write: /reply TEXT"


@pytest.mark.parametrize(("typed", "emoji"), [("+1", "👍"), ("TADA", "🎉"), ("🦊", "🦊")])
def test_a_reaction_has_a_name_or_is_what_is_typed(room, typed: str, emoji: str) -> None:
    assert perform(room, f"/react {typed}") == ""
    assert perform(room, f"/react {typed} off") == ""
    line = room.chat[1].id
    assert room.intents == [("react", line, emoji, True), ("react", line, emoji, False)]


@pytest.mark.parametrize("line", ["/react", "/react +1 perhaps"])
def test_a_reaction_that_is_none_says_how(room, line: str) -> None:
    assert ", ".join(EMOJI) in perform(room, line)
    assert room.intents == []


def test_there_may_be_nothing_to_answer(call) -> None:
    call.join()
    assert perform(call, "/reply x") == perform(call, "/react +1")
    assert perform(call, "/reply") == "Nobody else has written anything yet."
