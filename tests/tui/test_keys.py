from __future__ import annotations

import pytest
from textual.app import App

from tui import keys
from tui.keys import ACTIONS, Invoke, Say, Unknown, parse, perform


def test_every_action_has_its_own_key_and_command() -> None:
    assert len({action.key for action in ACTIONS}) == len(ACTIONS)
    assert len({action.command for action in ACTIONS}) == len(ACTIONS)
    assert all(action.title and action.help for action in ACTIONS)


def test_keys_are_names_textual_knows() -> None:
    from textual.keys import Keys, _character_to_key

    known = {key.value for key in Keys} | {_character_to_key(c) for c in "abcdklmpqrvwxLU?/+-"}
    assert {action.key for action in ACTIONS} <= known
    assert App.BINDINGS


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ("", None),
        ("  \n", None),
        ("hello", Say("hello")),
        ("//etc is a folder", Say("/etc is a folder")),
        ("/dance", Unknown("/dance")),
        ("/", Unknown("/")),
    ],
)
def test_a_typed_line_is_text_or_a_command(line: str, meaning: object) -> None:
    assert parse(line) == meaning


def test_commands_take_arguments_and_have_aliases() -> None:
    assert parse("/remove  Ada Lovelace ") == Invoke(_action("remove"), "Ada Lovelace")
    assert parse("/QUIT") == Invoke(_action("leave"), "")


def test_lines_act_on_the_call(call) -> None:
    call.join()
    assert perform(call, "hello") == ""
    assert perform(call, "/mute") == ""
    assert perform(call, "/camera") == ""
    assert perform(call, "/leave") == ""
    assert call.intents == [("say", "hello"), ("muted", True), ("camera", False), ("leave",)]


def test_a_code_is_asked_for_and_answered_in_words(call) -> None:
    call.join()
    assert perform(call, "/verify") == ""
    assert perform(call, "/verify Same") == ""
    assert perform(call, "/verify different") == ""
    assert "/verify same" in perform(call, "/verify maybe")
    assert call.intents == [("ask",), ("answer", True), ("answer", False)]


def test_a_device_that_is_missing_is_not_turned_on(call) -> None:
    call.has_microphone = call.has_camera = False
    assert perform(call, "/mute") == "No microphone here: you stay muted."
    assert perform(call, "/camera") == "No camera here: it stays off."
    assert call.intents == []


def test_what_needs_a_screen_says_so(call) -> None:
    assert "screen" in perform(call, "/link")
    assert "no /dance" in perform(call, "/dance")
    assert call.intents == []


def test_admitting_takes_the_first_knock_a_number_or_a_name(call, knocker) -> None:
    for number, name in enumerate(("Ada", "Grace", "Alan"), 1):
        call.knocked(knocker(number, name))
    keys.admit(call, "grace")
    keys.admit(call, "#3")
    keys.refuse(call, "")
    assert call.intents == [("admit", 2), ("admit", 3), ("refuse", 1)]
    assert keys.admit(call, "") == "Nobody is knocking."


def test_two_who_knock_with_one_name_are_not_mistaken_for_each_other(call, knocker) -> None:
    call.knocked(knocker(1, "Ada"))
    call.knocked(knocker(2, "Ada"))
    assert "Several" in keys.admit(call, "Ada")
    assert call.intents == []


def test_volume_is_a_percentage_within_bounds(call, someone) -> None:
    call.join()
    call.arrive(someone(1, "Ada Lovelace"))
    keys.volume(call, "Ada Lovelace 50%")
    keys.volume(call, "#1 9000")
    assert "how loud" in keys.volume(call, "Ada Lovelace loud")
    assert call.intents == [("volume", 1, 0.5), ("volume", 1, 4.0)]


def _action(name: str) -> keys.Action:
    return next(action for action in ACTIONS if action.id == name)


def test_a_volume_out_of_reach_says_what_it_became(call, someone) -> None:
    call.participants = [someone(1, "Ada")]
    assert keys.volume(call, "Ada 5000") == "Ada plays at 400%, the most there is."
    assert keys.volume(call, "Ada -5") == "Ada plays at 0%, the least there is."
    assert keys.volume(call, "Ada 400") == "Ada plays at 400%."
