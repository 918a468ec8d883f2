from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui.cli import commands, plain
from tui.cli.exits import Exit
from tui.cli.verify import command

ROOT = Path(__file__).parents[3]
HEAVY = {
    *("asyncio", "click", "dataclasses", "inspect", "logging", "msgspec", "pathlib"),
    *("platformdirs", "subprocess", "textual", "tui.actions", "tui.ports", "typing", "urllib"),
}
"""What takes longer to load than a call takes to answer, or leads to what does."""


def test_the_plain_flags_are_those_of_the_command() -> None:
    flags = {name for option in command.params[1:] for name in option.opts}
    assert set(plain.VERIFY) == flags


def test_what_is_plain_has_a_function_of_its_name() -> None:
    assert all(callable(getattr(plain, name)) for name in commands.PLAIN)


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


@pytest.mark.parametrize(
    "typed",
    ["verify --json", "verify", "ctl status", "ctl 1 talk on", "ctl say hello", "ctl events chat"],
)
def test_asking_a_call_loads_nothing_that_takes_longer_than_the_answer(
    typed: str, answering_call: Path
) -> None:
    code = (
        f"import sys; sys.argv = ['sotto', *{typed.split()}]; from tui.cli import main; "
        "code = main(); print('loaded', code, *sys.modules)"
    )
    asking = subprocess.Popen(
        [sys.executable, "-S", "-c", code],
        stdout=subprocess.PIPE,
        text=True,
        env={"SOTTO_CONFIG_DIR": str(answering_call), "PYTHONPATH": str(ROOT)},
    )
    told, _ = asking.communicate(timeout=20)
    _, exit_code, *modules = told.splitlines()[-1].split()
    assert exit_code == "0"
    assert {"json", "tui.ctl.asking"} <= set(modules)
    assert not set(modules) & HEAVY


@pytest.fixture
def answering_call(tmp_path: Path) -> Iterator[Path]:
    """A home with one call, which gives everybody the same answer and hangs up."""
    code = {"epoch": 1, "digits": [], "words": [], "verified": None, "since": 0}
    answer = json.dumps({"result": {**code, "kinds": [], "words": ["a"]}}).encode() + b"\n"
    (tmp_path / "run").mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "run" / "1.sock"))
        listener.listen()

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield tmp_path
        thread.join(20)


def test_what_was_typed_wrongly_is_said_before_any_call_is_looked_for(capsys) -> None:
    assert plain.run(["ctl", "dance"]) == Exit.USAGE
    assert capsys.readouterr().err.splitlines() == [
        "sotto: there is no verb 'dance'",
        "hint: sotto ctl --help lists what there is",
    ]
    assert plain.run(["ctl"]) == Exit.USAGE
    assert plain.run(["ctl", "say", "--", "--help"]) == Exit.ROOM
    assert plain.run(["ctl", "status"]) == Exit.ROOM


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["1", "say", "--help"]])
def test_help_about_ctl_is_clicks(arguments: list[str]) -> None:
    assert plain.run(["ctl", *arguments]) is None
