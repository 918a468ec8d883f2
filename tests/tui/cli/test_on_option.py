from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from tui.cli.on_option import ON, CommandWithHooks, split
from tui.conditions import Condition
from tui.hooks import Hook


def hook(condition: str, *command: str) -> Hook:
    return Hook(Condition.parse(condition), command)


def test_words_go_up_to_a_semicolon_or_to_the_end() -> None:
    arguments = ["-", "--on", "chat=hi", "echo", "--name", "x", ";", "--headless"]
    rest, hooks = split([*arguments, "--on", "ended", "true"])
    assert rest == ["-", "--headless"]
    assert hooks == (hook("chat=hi", "echo", "--name", "x"), hook("ended", "true"))


def test_what_follows_two_dashes_is_no_option() -> None:
    assert split(["--", "--on", "chat", "true"]) == (["--", "--on", "chat", "true"], ())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--on"], "an event and a command"),
        (["--on", "chat"], "an event and a command"),
        (["--on", "chat", ";", "true"], "an event and a command"),
        (["--on", "chats", "true"], "is no event; there are: "),
        (["--on", "hosting=x", "true"], "nothing a value is compared with"),
        (["--on", "chat", "no-such-program-here"], "there is no program"),
    ],
)
def test_a_mistake_is_a_usage_error_before_there_is_a_call(words: list[str], said: str) -> None:
    with pytest.raises(click.UsageError, match=said):
        split(words)


def test_a_command_gets_its_hooks_and_says_them_in_its_help() -> None:
    found: list[object] = []

    @click.command(cls=CommandWithHooks)
    @click.option("--name")
    @ON
    def command(name: str | None, on: tuple[Hook, ...]) -> None:
        found.extend([name, on])

    runner = CliRunner()
    assert runner.invoke(command, ["--on", "chat", "true", ";", "--name", "Ada"]).exit_code == 0
    assert runner.invoke(command, []).exit_code == 0
    assert found == ["Ada", (hook("chat", "true"),), None, ()]
    assert "--on EVENT[=VALUE] COMMAND..." in runner.invoke(command, ["--help"]).output
