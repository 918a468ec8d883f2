from __future__ import annotations

from tui.actions import own
from tui.keys import perform


def test_a_device_that_is_missing_is_not_turned_on(call) -> None:
    call.has_microphone = call.has_camera = False
    assert perform(call, "/mute") == "No microphone here: you stay muted."
    assert perform(call, "/camera") == "No camera here: it stays off."
    assert call.intents == []


def test_talk_opens_and_closes_by_word(call) -> None:
    call.join()
    assert [own.talk(call, word) for word in ("off", "on", "")] == ["", "", ""]
    assert [intent[1] for intent in call.intents] == [True, False, True]
    assert own.talk(call, "louder").startswith("Say /talk on")
    call.has_microphone = False
    assert "No microphone" in own.talk(call, "on")
