"""Every example runs as its README says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_every_example_is_listed_explained_and_played() -> None:
    listed = (EXAMPLES / "README.md").read_text()
    played = (EXAMPLES.parent / "tests" / "cli" / "examples.txt").read_text()
    for folder in EXAMPLES.iterdir():
        if folder.is_dir():
            assert (folder / "README.md").exists()
            assert f"({folder.name})" in listed
            assert folder.name in played


def test_record_a_voice(tmp_path: Path, sound: Any) -> None:
    out = tmp_path / "heard.wav"
    environment = {
        **os.environ,
        "SOTTO": f"{sys.executable} -m tui.cli",
        "SOTTO_CONFIG_DIR": str(tmp_path),
        "PYTHONPATH": str(EXAMPLES.parent),
    }
    script = EXAMPLES / "record-a-voice" / "record.sh"
    done = subprocess.run(
        [str(script), str(out)], env=environment, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "recorded" in done.stdout
    heard = sound.samples(out)
    assert len(heard) > 2 * 48_000
    assert np.abs(heard).max() > 1000


def test_record_a_voice_that_cannot_be_read_ends_as_its_host(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "SOTTO": f"{sys.executable} -m tui.cli",
        "SOTTO_CONFIG_DIR": str(tmp_path / "config"),
        "PYTHONPATH": str(EXAMPLES.parent),
    }
    script = EXAMPLES / "record-a-voice" / "record.sh"
    done = subprocess.run(
        [str(script), str(tmp_path / "heard.wav"), str(tmp_path / "missing.wav")],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 7
    assert done.stderr.startswith(f"sotto: {tmp_path}/missing.wav cannot be played")
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.glob("heard*")) == []
