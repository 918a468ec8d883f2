from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

from tui.cli import commands
from tui.cli.completion import SHELLS
from tui.reference.tree import event_names, program

PROGRAM = program()
ALL = {command.path: command for command in PROGRAM.all()}


def test_every_command_is_there_and_none_that_is_hidden() -> None:
    assert [command.name for command in PROGRAM.commands] == list(commands.COMMANDS)
    assert ("sotto", "identity", "pin") in ALL


def test_an_option_says_what_may_be_given_to_it() -> None:
    values = {
        flag: option.value for option in ALL["sotto", "call"].options for flag in option.flags
    }
    assert values["--suite"].words == ("auto", "classic")
    assert values["--admit-keys"].files
    assert (values["--video-in"].words, values["--video-in"].files) == (("testsrc",), True)
    assert values["--passcode"] is None
    assert values["--until"].words == event_names()


def test_a_flag_that_can_be_turned_off_says_so() -> None:
    (video,) = (one for one in ALL["sotto", "call"].options if "--video" in one.flags)
    assert video.all_flags["--no-video"] == "Not --video."


def test_events_are_called_as_in_their_lines() -> None:
    assert {"joined", "chat", "ended"} <= set(event_names())


@pytest.mark.parametrize("shell", SHELLS)
def test_every_option_of_every_command_is_completed(shell: str) -> None:
    script = import_module(f"tui.reference.{shell}").script(PROGRAM)
    flags = {
        flag for command in ALL.values() for option in command.options for flag in option.flags
    }
    for flag in flags:
        assert flag.lstrip("-") in script


@pytest.mark.parametrize("shell", SHELLS)
def test_attack_a_tab_in_front_of_others_tells_rooms_and_people(shell: str) -> None:
    script = import_module(f"tui.reference.{shell}").script(PROGRAM)
    for word in ("known_people", "rooms.json", "$SOTTO", "$(sotto", "(sotto ", "SOTTO_LINK"):
        assert word not in script.replace(f"(sotto completion {shell})", "")


def test_help_loads_nothing_of_this() -> None:
    code = "import sys, tui.cli.commands; sys.exit('tui.reference.tree' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
