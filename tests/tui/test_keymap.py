from __future__ import annotations

import pytest

from tui.keymap import DEFAULT, Keymap, KeymapError


def test_actions_have_their_own_keys_and_those_chosen_instead() -> None:
    assert (DEFAULT.key("mute"), DEFAULT.name("help")) == ("m", "?")
    keys = Keymap({"mute": "ctrl+t", "lock": ""})
    assert (keys.key("mute"), keys.name("mute"), keys.key("lock")) == ("ctrl+t", "^t", "")


def test_two_actions_may_swap_their_keys() -> None:
    assert Keymap({"mute": "v", "camera": "m"}).key("camera") == "m"


def test_one_key_for_two_actions_is_refused_and_says_which() -> None:
    with pytest.raises(KeymapError, match="camera and mute both have the key m"):
        Keymap({"camera": "m"})


def test_an_action_that_does_not_exist_is_refused_with_the_nearest() -> None:
    with pytest.raises(KeymapError, match="there is no action 'mutte'") as raised:
        Keymap({"mutte": "x"})
    assert raised.value.hint == "did you mean 'mute'?"
