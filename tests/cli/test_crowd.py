"""Twenty scripts join one room at the same moment: all come in, all read each other's line."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from playing import Background, Stage
from sessions import parse

pytestmark = pytest.mark.slow
PEOPLE = 20
PATIENCE = 120.0
HOST = """\
hope$ sotto serve --listen 127.0.0.1 &server
server> sotto call --server $SERVER
hope$ sotto call --headless --jsonl --server $SERVER --admit all --name Hope &call
call> {"event": "hosting", "link": "$LINK"}
"""


def test_twenty_join_at_once_and_read_each_other(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    names = [f"guest{number}" for number in range(PEOPLE)]
    try:
        stage.play(parse(HOST), ended=False)
        stage.environment["SOTTO_LINK"] = stage.variables["LINK"]
        for name in names:
            join = f"{name}$ sotto join --headless --jsonl --name {name} &{name}"
            stage.play(parse(f"{join}\n{name}< I am {name}."), ended=False)
        guests = [stage.running[name] for name in names]
        for one in (*guests, stage.running["call"]):
            _wait_until_all_are_in(one)
        _wait_until_all_are_read(stage.running["call"], {f"I am {name}." for name in names})
        for name in (*names, "call", "server"):
            stage.play(parse(f"kill {name} INT\n{name}? 130"), ended=False)
        assert stage.left_behind() == []
    finally:
        stage.close()


def _events(one: Background, name: str) -> list[dict[str, object]]:
    told = map(json.loads, one.lines(">"))
    return [event for event in told if event["event"] == name]


def _wait_until_all_are_in(one: Background) -> None:
    """Wait until somebody knows that everybody holds the keys of one epoch."""
    deadline = time.monotonic() + PATIENCE
    while not any(state["members"] == PEOPLE + 1 for state in _events(one, "e2ee_state")):
        assert time.monotonic() < deadline, one.lines(">")[-5:]
        assert one.process.poll() is None, one.files["!"].read_text()
        time.sleep(0.2)


def _wait_until_all_are_read(one: Background, lines: set[str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while missing := lines - {str(event["text"]) for event in _events(one, "chat")}:
        assert time.monotonic() < deadline, missing
        time.sleep(0.2)
