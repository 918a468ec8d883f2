from __future__ import annotations

import pytest

from tui.actions import own
from tui.errors import NoDeviceError
from tui.keys import perform


def test_a_device_that_is_missing_is_not_turned_on(call) -> None:
    call.has_microphone = call.has_camera = call.camera = False
    call.muted = True
    assert perform(call, "/mute") == "No microphone here: you stay muted."
    assert perform(call, "/camera") == "No camera here: it stays off."
    with pytest.raises(NoDeviceError):
        own.mute(call, "off")
    assert call.intents == []
    assert perform(call, "/mute on") == perform(call, "/camera off") == ""


def test_a_switch_is_thrown_or_set_and_says_what_it_takes(call) -> None:
    for word in ("on", "On", "off", ""):
        own.mute(call, word)
    for word in ("off", "on", ""):
        own.camera(call, word)
    assert [intent[1] for intent in call.intents] == [True, True, False, True, False, True, False]
    assert perform(call, "/camera perhaps") == "Say on or off: /camera [on|off]"


def test_talk_opens_and_closes_by_word(call) -> None:
    call.join()
    assert [own.talk(call, word) for word in ("off", "on", "")] == ["", "", ""]
    assert [intent[1] for intent in call.intents] == [True, False, True]
    assert perform(call, "/talk louder") == "Say on or off: /talk [on|off]"
    call.has_microphone, call.muted = False, True
    assert "No microphone" in perform(call, "/talk on")
