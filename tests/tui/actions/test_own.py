from __future__ import annotations

from tui.keys import perform


def test_a_device_that_is_missing_is_not_turned_on(call) -> None:
    call.has_microphone = call.has_camera = False
    assert perform(call, "/mute") == "No microphone here: you stay muted."
    assert perform(call, "/camera") == "No camera here: it stays off."
    assert call.intents == []
