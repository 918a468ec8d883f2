"""A server that parts a room, real processes, and how they come together again."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Start = Callable[..., Any]
PLAIN = ("--headless", "--jsonl", "--audio-out", "none", "--video-in", "none")
NOTICED = 30.0
"""Seconds: a heartbeat comes every ten, and machines may be busy."""


@pytest.fixture
def server() -> Iterator[subprocess.Popen[str]]:
    """The hostile server, running."""
    script = Path(__file__).with_name("hostile_server.py")
    root = str(script.parents[2])
    process = subprocess.Popen(
        [sys.executable, str(script)],
        cwd=root,
        env={"PYTHONPATH": root},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.communicate()


def say(server: subprocess.Popen[str], line: str) -> str:
    """Tell the server something, and return what it answers."""
    assert server.stdin is not None
    assert server.stdout is not None
    if line:
        server.stdin.write(line + "\n")
        server.stdin.flush()
    return server.stdout.readline().strip()


@pytest.mark.slow
def test_attack_a_server_parts_a_room_until_its_members_notice(
    sotto: Start, server: subprocess.Popen[str]
) -> None:
    speech, silence = ("--audio-in", "speech:1"), ("--audio-in", "none")
    call = ("call", "--server", say(server, ""), "--admit", "all", *PLAIN)
    hana = sotto(*call, *silence, "--name", "Hana", home="hana")
    link = hana.expect("hosting")["link"]

    def join(name: str, sound: tuple[str, ...]) -> Any:
        guest = sotto("join", "-", *PLAIN, *sound, "--name", name, home=name, stdin=link)
        hana.expect("participant_joined", lambda event: event["participant"]["name"] == name)
        return guest

    cora, ada, bob = join("Cora", speech), join("Ada", silence), join("Bob", silence)
    hana.write("/cohost Cora")
    cora.expect("room_state", lambda event: event["cohosts"])
    for process in (hana, ada, bob):
        process.expect("first_audio")
    assert say(server, "part 2 4") == "parted"
    hana.write("/lock")
    cora.write("/lock")
    for left, right in ((hana, ada), (cora, bob)):
        for process in (left, right):
            process.expect("room_state", lambda event: event["locked"])

    # The others may find out, too, if these do not go before they have said a word.
    for process in (cora, bob):
        stopped = process.expect("e2ee_state", lambda event: event["state"] == "stopped", NOTICED)
        assert stopped["reason"] == "disagrees"
        assert set(stopped["names"]) <= {"Hana", "Ada"}
    cora.expect("publishing", lambda event: not event["audio"])
    for process in (cora, bob):  # they take their places anew, and nobody is asked
        process.expect("reconnected", patience=NOTICED)
    ada.write("can everybody read this?")
    for process in (hana, cora, ada, bob):
        process.expect("chat", lambda event: event["text"] == "can everybody read this?", NOTICED)
    assert len(hana.events("knock")) == 3  # those of the beginning
