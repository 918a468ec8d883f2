"""What calls with one purpose have in common, through the shortest of them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tui.cli.exits import Exit
from tui.cli.group import run

NOWHERE = f"https://127.0.0.1:9/r/#{'.'.join(['a' * 26] * 3)}"


def test_why_it_did_not_end_well_is_one_error_and_its_hint(capsys, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("SOTTO_CONFIG_DIR", str(tmp_path))
    for command in (["send", NOWHERE, "hello"], ["tail", NOWHERE]):
        assert run(command) == Exit.NETWORK
        printed = capsys.readouterr()
        assert printed.err.startswith("sotto: ")
        assert len(printed.err.splitlines()) == 2
        assert "aaaa" not in printed.err


@pytest.mark.parametrize(
    ("command", "closed"), [("send", "<&-"), ("speak", "<&-"), ("listen", ">&-")]
)
def test_what_is_closed_is_not_used(command: str, closed: str) -> None:
    line = f"exec {sys.executable} -m tui.cli {command} {NOWHERE!r} {closed}"
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)
    assert done.returncode == Exit.USAGE
    assert done.stderr.startswith("sotto: ")
    assert "aaaa" not in done.stderr


def test_it_waits_no_longer_than_asked_and_is_no_call_that_others_find(sotto) -> None:
    host = sotto("call", "--headless", "--jsonl", "--listen", "127.0.0.1")
    link = host.expect("hosting")["link"]
    late = sotto("send", "-", "hello", "--timeout", "1", stdin=link)
    host.expect("knock")
    assert list(late.out.parent.rglob("*.sock")) == []
    assert late.wait() == Exit.TIMEOUT
    assert "sotto: not in the room after 1 s" in late.err.read_text()
