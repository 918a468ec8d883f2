"""Pipelines: what a shell puts in front of and behind `sotto`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Start = Callable[..., Any]
SOTTO = [sys.executable, "-m", "tui.cli"]


@pytest.fixture
def room(sotto: Start) -> tuple[Any, str]:
    host = sotto(
        "call", "--headless", "--jsonl", "--name", "Hope", "--listen", "127.0.0.1", "--admit", "all"
    )
    return host, host.expect("hosting")["link"]


@pytest.fixture
def shell(
    tmp_path: Path, room: tuple[Any, str]
) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start commands whose `sotto` has the room's link in its environment."""
    started: list[subprocess.Popen[bytes]] = []
    home = tmp_path / "shell"
    home.mkdir()
    environment = {**os.environ, "SOTTO_CONFIG_DIR": str(home), "SOTTO_LINK": room[1]}

    def start(*arguments: str, **streams: Any) -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen(arguments, env=environment, cwd=home, **streams))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def resident(process: subprocess.Popen[bytes]) -> int:
    """Return the memory of a process, kB."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


@pytest.mark.slow
def test_a_flood_of_lines_is_paced_takes_no_memory_and_answers_ctrl_c(
    room: tuple[Any, str], shell: Callable[..., subprocess.Popen[bytes]]
) -> None:
    host, _ = room
    yes = shell("yes", stdout=subprocess.PIPE)
    send = shell(*SOTTO, "send", stdin=yes.stdout, stderr=subprocess.PIPE)
    for number in range(64):
        host.expect("chat", lambda event, n=number: len(host.events("chat")) > n)
    before, begun = len(host.events("chat")), time.monotonic()
    memory = resident(send)
    time.sleep(6)
    lines, seconds = len(host.events("chat")) - before, time.monotonic() - begun
    assert 4 * seconds < lines < 12 * seconds
    assert resident(send) - memory < 2048
    send.send_signal(signal.SIGINT)
    assert send.wait(5) == 130
    assert not host.events("note")  # nothing was too fast for anybody
    assert host.expect("participant_left")["reason"] == "left"
