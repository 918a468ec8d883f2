"""What calls with one purpose have in common, through the shortest of them."""

from __future__ import annotations

import json
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
    ("command", "closed", "code"),
    [
        ("send", "<&-", Exit.USAGE),
        ("speak", "<&-", Exit.USAGE),
        ("listen", ">&-", Exit.USAGE),
        ("tail", ">&-", Exit.PERSON),
        ("join --headless --jsonl", ">&-", Exit.PERSON),
        ("verify", ">&-", Exit.PERSON),
    ],
)
def test_what_is_closed_is_not_used(command: str, closed: str, code: Exit) -> None:
    done = run_in_shell(f"{command} {NOWHERE!r} {closed}")
    assert done.returncode == code
    assert done.stderr.startswith("sotto: ")
    assert "internal" not in done.stderr
    assert "aaaa" not in done.stderr


def test_words_that_nobody_reads_are_not_among_the_events(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("SOTTO_CONFIG_DIR", str(tmp_path))
    done = run_in_shell(f"join {NOWHERE!r} --headless --jsonl 2>&-")
    assert done.returncode == Exit.NETWORK
    assert [json.loads(line)["event"] for line in done.stdout.splitlines()] == ["error", "ended"]


def run_in_shell(line: str) -> subprocess.CompletedProcess[str]:
    line = f"exec {sys.executable} -m tui.cli {line}"
    return subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)


def test_it_waits_no_longer_than_asked_and_is_no_call_that_others_find(sotto) -> None:
    host = sotto("call", "--headless", "--jsonl", "--listen", "127.0.0.1")
    link = host.expect("hosting")["link"]
    late = sotto("send", "-", "hello", "--timeout", "1", stdin=link)
    host.expect("knock")
    assert list(late.out.parent.rglob("*.sock")) == []
    assert late.wait() == Exit.TIMEOUT
    assert "sotto: not in the room after 1 s" in late.err.read_text()
