from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import click

from tui.cli import commands
from tui.cli.exits import Exit


def test_the_overview_names_every_command_with_its_help() -> None:
    text = commands.overview()
    for name, summary in commands.COMMANDS.items():
        assert f"  {name}" in text
        assert summary in text
    assert "\n  robot" not in text
    assert max(map(len, text.splitlines())) <= 90


def test_the_overview_says_what_every_exit_code_means() -> None:
    assert set(commands.EXITS) == {int(code) for code in Exit}
    assert all(f"{code}  {text}" in commands.overview() for code, text in commands.EXITS.items())


def test_every_command_lives_where_the_table_says() -> None:
    for name in (*commands.COMMANDS, *commands.HIDDEN):
        command = import_module(f"tui.cli.{name}").command
        assert isinstance(command, click.Command)
        assert command.name == name


def test_help_imports_next_to_nothing() -> None:
    code = (
        "import sys; before = set(sys.modules); sys.argv = ['sotto', '--help']; "
        "from tui.cli import main; code = main(); "
        "print(*sorted(set(sys.modules) - before), file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == commands.overview() + "\n"
    assert set(done.stderr.split()) == {"tui", "tui.cli", "tui.cli.commands"}


def test_the_version_is_the_installed_one() -> None:
    assert commands.version().startswith("sotto 0.")
