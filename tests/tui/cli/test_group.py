from __future__ import annotations

import resource

import click
import pytest
from click.testing import CliRunner

from e2ee.errors import LinkError
from tui.cli import commands
from tui.cli.exits import Exit
from tui.cli.group import LazyGroup, group, run


@pytest.fixture(autouse=True)
def cores():
    """Let this process write cores as far as it may, before and afterwards."""
    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_CORE, before)


def test_attack_keys_in_the_core_of_a_process_that_crashed(capsys) -> None:
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    if not hard:
        pytest.skip("no process here can write a core")
    run(["dance"])
    assert resource.getrlimit(resource.RLIMIT_CORE) == (0, hard)


def test_help_is_the_overview() -> None:
    result = CliRunner().invoke(group, ["--help"])
    assert result.output.strip() == commands.overview().strip()


@pytest.mark.parametrize("name", list(commands.COMMANDS))
def test_each_command_explains_itself(name: str) -> None:
    result = CliRunner().invoke(group, [name, "--help"])
    assert result.exit_code == 0
    assert commands.COMMANDS[name] in result.output


def test_usage_errors_are_one_line_and_a_hint(capsys) -> None:
    assert run(["dance"]) == Exit.USAGE
    assert run(["call", "--port", "70000"]) == Exit.USAGE
    assert run(["demo", "--seconds", "-1"]) == Exit.USAGE
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 6
    assert lines[0] == "sotto: No such command 'dance'."
    assert lines[3] == "hint: sotto call --help shows how it is used"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KeyboardInterrupt(), Exit.INTERRUPTED),
        (click.Abort(), Exit.INTERRUPTED),
        (LinkError("this is not a room link"), Exit.USAGE),
        (RuntimeError("secret"), Exit.PERSON),
        (click.FileError("x"), Exit.PERSON),
    ],
)
def test_every_way_to_fail_is_an_exit_code_and_no_traceback(
    error: BaseException, code: Exit, monkeypatch, capsys
) -> None:
    @click.command()
    def failing() -> None:
        raise error

    monkeypatch.setattr(LazyGroup, "get_command", lambda *_: failing)
    assert run(["failing"]) == code
    printed = capsys.readouterr().err
    assert "Traceback" not in printed
    assert "secret" not in printed
