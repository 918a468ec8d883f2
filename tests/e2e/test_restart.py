"""A server that is killed and started again on its port: calls go on, and nothing is asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Start = Callable[..., Any]

HEADLESS = ("--headless", "--jsonl")
SILENT = ("--audio-in", "none", "--audio-out", "none", "--video-in", "none")
TALKING = ("--audio-in", "speech:1", "--audio-out", "none", "--video-in", "none")


@pytest.mark.slow
def test_a_killed_server_comes_back_and_the_call_goes_on(sotto: Start, tmp_path: Path) -> None:
    serve = ("serve", "--listen", "127.0.0.1", "--state", str(tmp_path / "server"))
    server = sotto(*serve)
    address = server.line().split()[-1]
    port = address.partition("#")[0].rpartition(":")[2].strip("/")
    host = sotto(
        "call", "--server", address, *HEADLESS, *TALKING, "--name", "Hope", "--admit", "all"
    )
    link = host.expect("hosting")["link"]
    ada = sotto("join", "-", *HEADLESS, *SILENT, "--name", "Ada", stdin=link)
    bo = sotto("join", "-", *HEADLESS, *SILENT, "--name", "Bo", stdin=link)
    everybody = (host, ada, bo)
    for process in (ada, bo):
        process.expect("first_audio")
    host.expect("participant_joined", lambda event: event["participant"]["name"] == "Bo")
    for process in everybody:
        process.events("publishing")  # what was before does not count below
        process.seen.clear()

    server.kill()
    for process in everybody:
        assert process.expect("reconnecting")["reason"]
    host.expect("publishing", lambda event: not event["audio"])  # nothing leaves meanwhile
    again = sotto(*serve, "--port", port)
    again.line()
    for process in everybody:
        process.expect("reconnected")
    for process in (ada, bo):
        process.expect("first_audio", lambda event: event["name"] == "Hope")
    host.expect("publishing", lambda event: event["audio"])
    epochs = {process.expect("reconnected")["opened"] for process in everybody}
    assert epochs == {True, False}  # one opened the room, the others came back to it
    for process in everybody:
        process.expect("e2ee_state", lambda event: event["members"] == 3)
    ada.write("still here")
    for process in everybody:
        process.expect("chat", lambda event: event["text"] == "still here")
        assert not process.events("knock")
        assert not process.events("error")
    assert host.interrupt() == 130
    assert again.interrupt() == 130
