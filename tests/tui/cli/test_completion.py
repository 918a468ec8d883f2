from __future__ import annotations

import pytest

from tui.cli.completion import SHELLS
from tui.cli.group import run


@pytest.mark.parametrize("shell", SHELLS)
def test_it_prints_the_script_of_a_shell(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0
    assert f"Completion for {shell}, made by `sotto completion {shell}`." in capsys.readouterr().out


def test_of_another_shell_it_knows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", "elvish"]) == 2
    assert "'bash', 'zsh', 'fish'" in capsys.readouterr().err


def test_its_help_says_where_to_put_it(capsys: pytest.CaptureFixture[str]) -> None:
    run(["completion", "--help"])
    printed = capsys.readouterr().out
    for line in (
        "source <(sotto completion bash)",
        "source <(sotto completion zsh)",
        "sotto completion fish > ~/.config/fish/completions/sotto.fish",
    ):
        assert line in printed
