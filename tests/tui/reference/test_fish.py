from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def completed(need, script: Callable[[str], Path], tmp_path: Path) -> Callable[[str], set[str]]:
    """Have fish complete a line."""
    need("fish")
    path = script("fish")

    def complete(line: str) -> set[str]:
        command = f"source {path}; complete -C {line!r}"
        done = subprocess.run(
            ["fish", "--no-config", "-c", command],
            capture_output=True, text=True, check=True, cwd=tmp_path,
            env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
        assert done.stderr == ""
        return {line.partition("\t")[0] for line in done.stdout.splitlines()}

    return complete


def test_fish_completes_commands_options_choices_and_files(completed, tmp_path: Path) -> None:
    (tmp_path / "hello.wav").touch()
    assert completed("sotto jo") == {"join"}
    assert completed("sotto identity ") == {"show", "use", "pin", "forget"}
    assert completed("sotto call --no-v") == {"--no-video"}
    assert completed("sotto call --suite ") == {"auto", "classic"}
    assert completed("sotto completion ") == {"bash", "zsh", "fish"}
    assert "hello.wav" in completed("sotto join --audio-in hel")
    assert completed("sotto call --name hel") == set()
    assert completed("sotto ctl 1 unm") == {"unmute"}
    assert completed("sotto ctl policy sha") == {"share"}
    assert completed("sotto robo") == set()
