from __future__ import annotations

from tui.actions import view
from tui.keys import perform


def test_what_only_a_screen_can_do_says_so_elsewhere(call) -> None:
    for action in (view.COMMAND, view.PALETTE):
        assert perform(call, action.command) == f"{action.command} needs a screen."


def test_what_a_screen_shows_all_the_time_is_told(call, someone) -> None:
    assert perform(call, "/people") == perform(call, "/status") == "You are not in the room yet."
    call.join()
    call.arrive(someone(1, "Ada"))
    call.set_volume(1, 0.5)
    assert perform(call, "/people").split("\n") == [
        "Me, you: host, microphone on.",
        "Ada: known key, muted, volume 50%.",
    ]
    assert perform(call, "/status").startswith("You are in the room with Ada, as host.")


def test_help_lists_what_can_be_typed_by_group(call) -> None:
    lines = perform(call, "/help").split("\n")
    assert lines[:2] == ["You:", "/mute [on|off]: stop or start your microphone."]
    assert not any(line.startswith(("/palette", "/command")) for line in lines)
    assert perform(call, "/help /volume") == "/volume NAME PERCENT: how loud somebody is."
    assert perform(call, "/help dance") == "There is no /dance."


def test_chat_is_written_by_its_command_too(call) -> None:
    call.join()
    assert perform(call, "/chat hello") == ""
    assert "what to write" in perform(call, "/chat")
    assert call.intents == [("say", "hello")]
