from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tui.cli.exits import Exit
from tui.cli.group import run


@pytest.mark.slow
def test_events_are_json_lines_until_the_end_or_until_nobody_reads(
    sotto, monkeypatch, tmp_path
) -> None:
    host = sotto("call", "--headless", "--jsonl", "--listen", "127.0.0.1", "--admit", "all")
    monkeypatch.setenv("SOTTO_LINK", host.expect("hosting")["link"])
    whole = sotto("tail", "--name", "Watcher")
    some = sotto("tail", "--events", "joined, chat", "--for", "60")
    read = subprocess.Popen(
        [sys.executable, "-m", "tui.cli", "tail", "--events", "joined"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "SOTTO_CONFIG_DIR": str(tmp_path / "read")},
    )
    assert read.stdout is not None
    whole.expect("joined")
    some.expect("joined")
    assert json.loads(read.stdout.readline())["event"] == "joined"
    read.stdout.close()  # and nothing that it would write happens any more
    assert (read.wait(20), read.communicate()[1]) == (Exit.DONE, b"")

    host.write("hello")
    assert whole.expect("chat")["text"] == some.expect("chat")["text"] == "hello"
    assert {event["event"] for event in some.events} == {"joined", "chat"}
    host.write("/remove Watcher")
    assert whole.wait() == Exit.REMOVED
    assert whole.events[-1]["event"] == "ended"
    assert whole.err.read_text() == "sotto: a host removed you from the room\n"


def test_an_event_that_does_not_exist_is_a_usage_error(capsys) -> None:
    assert run(["tail", "-", "--events", "chat,chatt"]) == Exit.USAGE
    printed = capsys.readouterr().err
    assert "no event is called chatt; there are admitted," in printed
