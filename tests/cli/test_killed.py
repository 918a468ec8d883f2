"""kill -9 in the middle of each command leaves nothing behind that is in the way of anybody."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from needing import need
from playing import Stage, processes
from sessions import parse

pytestmark = pytest.mark.slow
MOMENTS = (0.3, 1.0) if "SOTTO_SHORT" in os.environ else (0.1, 0.3, 0.6, 1.0, 2.0)
"""Seconds after the start: while it is loaded, while it connects, in the middle of a call."""
PATIENCE = 15.0
COMMANDS = (
    "sotto call --headless --jsonl --listen 127.0.0.1",
    "sotto call --server $SERVER --headless --audio-in speech --audio-out heard.wav",
    "sotto join --headless --jsonl --audio-in speech --audio-out heard.wav",
    "sotto doctor",
    "sotto serve --listen 127.0.0.1 --state kept",
    "sotto demo --headless",
    "sotto join --headless --on stats sleep 100",
    "sotto send -",
    "sotto listen --output heard.ogg",
    "sotto listen --split voices",
    "sotto speak -",
    "sotto tail",
    "sotto ctl events",
    "sotto verify",
    "sotto rooms --count",
    "sotto devices",
    "sotto identity show",
    "script -qec 'sotto call --listen 127.0.0.1' /dev/null",
)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A stage with a room on a server, open to all, of which SOTTO_LINK is the link."""
    stage = Stage(tmp_path)
    try:
        stage.play(parse("hope$ sotto serve --listen 127.0.0.1 &server"), ended=False)
        stage.play(parse("server> sotto call --server $SERVER"), ended=False)
        call = "hope$ sotto call --headless --server $SERVER --admit all &call\ncall> $LINK"
        stage.play(parse(call), ended=False)
        stage.environment |= {"SOTTO_LINK": stage.variables["LINK"], "TERM": "xterm-256color"}
        yield stage
    finally:
        stage.close()


@pytest.mark.parametrize("command", COMMANDS)
def test_kill_9_leaves_nothing_behind(command: str, stage: Stage) -> None:
    if not command.startswith("sotto"):
        need(command.split()[0])
    before = set(processes(stage.mark))
    for moment in MOMENTS:
        who = "hope" if "ctl" in command else "ada"  # hers is the call that runs
        stage.play(parse(f"{who}$ {command} &it"), ended=False)
        time.sleep(moment)
        _kill_9(_leading(stage, before, command))
        _wait_until_gone(stage, before)
        stage.running["it"].process.wait()
        # Whoever looks for calls next takes a dead one's socket away.
        stage.play(parse("ada$ sotto verify\n! ...\n? 6"), ended=False)
    assert list(stage.folder.glob("tmp/*")) == []
    assert [path for path in stage.folder.glob("ada/**/*") if path.is_socket()] == []


def test_what_is_left_behind_is_found(stage: Stage) -> None:
    before = set(processes(stage.mark))
    stage.play(parse("ada$ sh -c 'sleep 60 & exec sotto tail' &it"), ended=False)
    time.sleep(0.3)
    _kill_9(_leading(stage, before, "sotto tail"))
    with pytest.raises(AssertionError, match=r"left behind: .*sleep 60"):
        _wait_until_gone(stage, before, patience=0.5)


def _leading(stage: Stage, before: set[int], command: str) -> list[int]:
    """Return the process of the command itself: not its children, which nobody kills."""
    found = {pid: line for pid, line in processes(stage.mark).items() if pid not in before}
    verb = command.partition("sotto ")[2].split()[0]
    own = [pid for pid, line in found.items() if f"-m tui.cli {verb}" in line]
    return own or list(found)


def _kill_9(pids: list[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _wait_until_gone(stage: Stage, before: set[int], patience: float = PATIENCE) -> None:
    deadline = time.monotonic() + patience
    while left := {pid: line for pid, line in processes(stage.mark).items() if pid not in before}:
        assert time.monotonic() < deadline, f"left behind: {left}"
        time.sleep(0.05)
