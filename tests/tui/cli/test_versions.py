from __future__ import annotations

import getpass
import json
import platform
import subprocess
import sys
from importlib.metadata import version

from tui.cli.versions import as_json, installed


def test_it_is_one_line_with_every_version() -> None:
    told = json.loads(as_json())
    assert (told["v"], told["sotto"]) == (1, version("sottovoce"))
    assert told["python"] == platform.python_version()
    assert told["schemas"] == {"protocol": 1, "events": 1, "control": 1}
    assert told["libraries"]["cryptography"] == version("cryptography")
    assert "classic" in told["suites"]
    assert told["libopus"][0].isdigit()
    assert "\n" not in as_json()


def test_attack_a_report_tells_whose_machine_it_came_from() -> None:
    printed = as_json()
    assert platform.node() not in printed
    assert f'"{getpass.getuser()}"' not in printed
    assert sys.prefix not in printed


def test_what_is_not_installed_has_no_version() -> None:
    assert installed("no-such-library") is None


def test_sotto_prints_it() -> None:
    command = [sys.executable, "-m", "tui.cli", "--version", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["v"] == 1
