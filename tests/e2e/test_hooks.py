"""Commands that run on events of a real call (`--on`): what they get, and that none outlives it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Start = Callable[..., Any]

SILENT = ("--headless", "--jsonl", "--no-audio", "--no-video")
PATIENCE = 20.0


def written(path: Path) -> str:
    """Wait until a command has written a line."""
    deadline = time.monotonic() + PATIENCE
    while not (path.exists() and path.read_text().endswith("\n")):
        assert time.monotonic() < deadline, f"no {path.name}"
        time.sleep(0.02)
    return path.read_text().strip()


def runs(number: str) -> bool:
    """Say whether a process still runs after a moment."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return False
        except OSError:
            return False
        time.sleep(0.02)
    return True


def processes() -> dict[str, bytes]:
    """The arguments of every process on this machine."""
    found: dict[str, bytes] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                found[entry.name] = (entry / "cmdline").read_bytes()
            except OSError:
                continue
    return found


@pytest.mark.slow
def test_a_command_answers_what_is_written_and_the_last_one_is_waited_for(
    sotto: Start, tmp_path: Path
) -> None:
    last = tmp_path / "last"
    hooks = (
        *("--on", "knock", "sh", "-c", 'echo "$SOTTO_NAME knocks at $SOTTO_CALL" >&2', ";"),
        *("--on", "ended", "sh", "-c", f"sleep 0.2; cat > {last}"),
    )
    host = sotto("call", *SILENT, "--listen", "127.0.0.1", "--admit", "all", *hooks)
    link = host.expect("hosting")["link"]
    guest = sotto("join", "-", *SILENT, "--name", "Ada", stdin=link)
    guest.expect("joined")
    guest.write("/leave")
    assert guest.wait() == 0
    host.expect("participant_left")
    assert host.interrupt() == 130
    assert '"event":"ended"' in last.read_text()
    assert any(line.startswith("Ada knocks at ") for line in host.errors.splitlines())


def test_attack_kill_9_leaves_a_command_running_and_the_link_in_a_list_of_processes(
    sotto: Start, tmp_path: Path
) -> None:
    number = tmp_path / "number"
    running = ("--on", "hosting", "sh", "-c", f"echo $$ > {number}; exec sleep 600", ";")
    host = sotto("call", *SILENT, "--listen", "127.0.0.1", *running, "--admit", "all", "--passcode")
    link = host.expect("hosting")["link"]
    passcode = host.expect("passcode")["passcode"]
    guest = sotto("join", "-", *SILENT, "--on", "chat", "sleep", "600", stdin=link)
    guest.expect("joined")
    host.write("run, please")
    guest.expect("chat")
    child = written(number)
    secrets = [part.encode() for part in link.partition("#")[2].split(".")[:1]]
    secrets += [passcode.encode(), passcode.partition("-")[2].encode()]
    environment = Path(f"/proc/{child}/environ").read_bytes()
    for secret in secrets:
        assert not any(secret in arguments for arguments in processes().values())
        assert secret not in environment
        assert secret.decode() not in host.errors + guest.errors
    host.kill()
    assert not runs(child)


def test_a_second_ctrl_c_ends_at_once_and_a_first_one_leaves_before(
    sotto: Start, tmp_path: Path
) -> None:
    number = tmp_path / "number"
    stays = ("sh", "-c", f"trap '' TERM; echo $$ > {number}; while :; do sleep 1; done")
    host = sotto("call", *SILENT, "--listen", "127.0.0.1", "--on", "left", *stays)
    host.expect("joined")
    os.kill(host.process.pid, signal.SIGINT)
    host.expect("ended")
    child = written(number)
    os.kill(host.process.pid, signal.SIGINT)
    assert host.wait() == 130
    assert not runs(child)


@pytest.mark.slow
def test_an_input_that_ends_ends_the_call_only_where_that_is_asked_for(sotto: Start) -> None:
    host = sotto("call", *SILENT, "--listen", "127.0.0.1", "--admit", "all")
    link = host.expect("hosting")["link"]
    stays = sotto("join", "-", *SILENT, stdin=link)
    stays.write("I stay")
    goes = sotto("join", "-", *SILENT, "--until", "input_ended", stdin=link)
    goes.write("I go")
    for guest in (stays, goes):
        guest.close_stdin()
    assert goes.wait() == 0
    assert stays.expect("input_ended")["kind"] == "lines"
    for text in ("I stay", "I go"):
        host.expect("chat", lambda event, text=text: event["text"] == text)
    assert stays.process.poll() is None
    quiet = sotto("join", "-", *SILENT, "--until", "input_ended", "--for", "0.5", stdin=link)
    quiet.close_stdin()  # there was no line: no input that could end
    assert quiet.wait() == 124
