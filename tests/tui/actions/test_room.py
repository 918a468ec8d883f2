from __future__ import annotations

import pytest

from tui.keys import perform


@pytest.fixture
def room(call, someone):
    call.join()
    call.arrive(someone(1, "Ada"))
    return call


def test_a_code_is_asked_for_and_answered_in_words(call) -> None:
    call.join()
    assert perform(call, "/verify") == ""
    assert perform(call, "/verify Same") == ""
    assert perform(call, "/verify different") == ""
    assert "/verify [same|different]" in perform(call, "/verify maybe")
    assert call.intents == [("ask",), ("answer", True), ("answer", False)]


def test_a_room_is_locked_and_unlocked_once(room) -> None:
    said = [perform(room, line) for line in ("/lock", "/lock", "/unlock", "/unlock")]
    assert said == ["", "The room is locked already.", "", "The room is not locked."]
    assert room.intents == [("lock", True), ("lock", False)]


def test_rules_are_listed_in_plain_words_and_changed(room) -> None:
    lines = perform(room, "/policy").splitlines()
    assert lines[0] == "The room is not locked: hosts and cohosts let people in."
    assert lines[1] == "chat on: everybody may write"
    assert lines[2] == "recording off: only hosts and cohosts may record"
    assert lines[-2:] == [
        "Only chat, recording and share have an effect so far; the rest is not built.",
        "There are no cohosts.",
    ]
    assert perform(room, "/policy chat off") == ""
    assert perform(room, "/policy Chat OFF").startswith("It is so already: only hosts")
    for wrong in ("chat", "chat maybe", "shouting on", "chat on off"):
        assert perform(room, f"/policy {wrong}").startswith("Say a rule (chat, recording")
    assert room.intents == [("allow", "chat", False)]


def test_a_locked_room_says_so_in_its_rules(room) -> None:
    perform(room, "/lock")
    assert perform(room, "/policy").startswith("The room is locked:")


@pytest.mark.parametrize("line", ["/lock", "/unlock", "/policy", "/policy chat off"])
def test_there_are_no_rules_outside_a_room(call, line: str) -> None:
    call.moderation.state = None
    assert perform(call, line) == "You are not in the room."
    assert call.intents == []


def test_the_passcode_is_shown_or_made_anew(call) -> None:
    assert perform(call, "/passcode") == perform(call, "/passcode NEW") == ""
    assert call.intents == [("ask passcode",), ("renew passcode",)]
    assert perform(call, "/passcode acorn") == "Say nothing more, or new: /passcode [new]"


def test_members_have_no_passcode(call) -> None:
    call.moderation.role = "cohost"
    assert "Only the host" in perform(call, "/passcode new")
    assert call.intents == []
