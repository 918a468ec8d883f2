from __future__ import annotations

import pytest

from tui.actions import BY_ID
from tui.keys import Invoke, Say, Unknown, parse, perform


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
    assert parse("/remove  Ada Lovelace ") == Invoke(BY_ID["remove"], "Ada Lovelace")
    assert parse("/QUIT") == Invoke(BY_ID["leave"], "")


def test_lines_act_on_the_call(call) -> None:
    call.join()
    assert perform(call, "hello") == ""
    assert perform(call, "/mute") == ""
    assert perform(call, "/camera") == ""
    assert perform(call, "/leave") == ""
    assert call.intents == [("say", "hello"), ("muted", True), ("camera", False), ("leave",)]


def test_what_needs_a_screen_says_so(call) -> None:
    assert "screen" in perform(call, "/palette")
    assert "no /dance" in perform(call, "/dance")
    assert call.intents == []
