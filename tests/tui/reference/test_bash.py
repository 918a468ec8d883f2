from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

PROGRAM = r"""
source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_sotto; printf '%s\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def completed(script: Callable[[str], Path], tmp_path: Path) -> Callable[..., set[str]]:
    """Have bash complete the last of some words."""
    path = script("bash")

    def complete(*words: str) -> set[str]:
        done = subprocess.run(
            ["bash", "-c", PROGRAM, "bash", str(path), *words],
            capture_output=True, text=True, check=True, cwd=tmp_path,
        )  # fmt: skip
        assert done.stderr == ""
        return set(done.stdout.split())

    return complete


def test_bash_completes_commands_and_those_below_them(completed) -> None:
    assert completed("sotto", "jo") == {"join"}
    assert completed("sotto", "identity", "") == {"show", "use", "pin", "forget"}
    assert "robot" not in completed("sotto", "")


def test_bash_completes_options_of_the_command_only(completed) -> None:
    assert completed("sotto", "join", "--ti") == {"--timeout"}
    assert completed("sotto", "serve", "--no") == set()
    assert completed("sotto", "call", "--no-v") == {"--no-video"}
    assert completed("sotto", "rooms", "--c") == {"--count"}


def test_bash_completes_choices_also_behind_an_equals_sign(completed) -> None:
    assert completed("sotto", "call", "--admit", "") == {"ask", "all"}
    assert completed("sotto", "call", "--suite", "=", "cl") == {"classic"}
    assert completed("sotto", "call", "--suite", "=") == {"auto", "classic"}
    assert completed("sotto", "completion", "") == {"bash", "zsh", "fish"}


def test_bash_completes_files_where_files_are_meant(completed, tmp_path: Path) -> None:
    (tmp_path / "hello.wav").touch()
    assert completed("sotto", "join", "--audio-in", "hel") == {"hello.wav"}
    assert completed("sotto", "call", "--name", "hel") == set()


def test_bash_completes_what_a_running_call_is_asked(completed) -> None:
    assert completed("sotto", "ctl", "un") == {"unlock", "unmute"}
    assert completed("sotto", "ctl", "1", "un") == {"unlock", "unmute"}
    assert completed("sotto", "ctl", "talk", "") == {"on", "off"}
    assert completed("sotto", "ctl", "policy", "re") == {"recording"}
    assert completed("sotto", "ctl", "remove", "") == {"--json", "--help", "-h"}


def test_an_option_s_value_that_is_called_as_a_command_is_none(completed) -> None:
    assert completed("sotto", "call", "--name", "join", "--pa") == {"--passcode"}


def test_tab_completes_at_a_terminal(typist) -> None:
    bash = typist("bash", "--norc", "--noprofile", "-i", before="bind 'set bell-style none'")
    assert bash.tab("sotto identity sh") == "sotto identity show "
