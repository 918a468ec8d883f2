from __future__ import annotations

import subprocess
import sys

import pytest

from tui.cli import commands, plain
from tui.cli.exits import Exit
from tui.cli.verify import command

HEAVY = {"asyncio", "click", "dataclasses", "msgspec", "platformdirs", "textual"}


def test_the_plain_flags_are_those_of_the_command() -> None:
    flags = {name for option in command.params[1:] for name in option.opts}
    assert set(commands.PLAIN["verify"]) == flags


@pytest.mark.parametrize(
    "arguments", [["--help"], ["1", "2"], ["--match", "--differs"], ["--json", "--json"], ["-j"]]
)
def test_what_is_not_plain_is_left_to_click(arguments: list[str]) -> None:
    assert plain.run(["verify", *arguments]) is None


def test_no_call_is_one_clear_line_and_an_exit_code(capsys) -> None:
    assert plain.run(["verify"]) == Exit.ROOM
    assert capsys.readouterr().err.splitlines() == [
        "sotto: no call of yours is running here",
        "hint: start one: sotto call, or sotto join",
    ]


def test_asking_a_call_loads_nothing_that_takes_longer_than_the_answer() -> None:
    code = (
        "import sys; sys.argv = ['sotto', 'verify', '--json']; from tui.cli import main; main(); "
        "import tui.ctl.spelling; print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "tui.ctl.asking" in loaded
    assert not loaded & HEAVY
