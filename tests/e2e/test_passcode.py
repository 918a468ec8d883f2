"""A passcode from the terminal that shows it to another one where it is typed: real processes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from e2ee.passcode import parse_passcode

CALL = ("call", "--headless", "--jsonl", "--passcode", "--admit", "all", "--listen", "127.0.0.1")


def wrong(passcode: str) -> str:
    """The same passcode with another last word."""
    *words, last = passcode.split("-")
    return "-".join([*words, "about" if last != "about" else "acorn"])


def test_whoever_was_told_the_words_is_in_the_room_and_nobody_else(sotto) -> None:
    host = sotto(*CALL, "--name", "Hana")
    shown = host.expect("passcode")
    name, server, passcode = shown["room"], shown["server"], shown["passcode"]
    assert parse_passcode(passcode).room == name
    join = ("join", name, "--server", server, "--headless", "--jsonl", "--name")

    stranger = sotto(*join, "Eve", stdin=wrong(passcode))
    assert stranger.wait() == 4
    assert stranger.errors.splitlines() == [
        "sotto: the passcode is wrong",
        "hint: ask for it again; it may be a new one",
    ]

    ana = sotto(*join, "Ana", stdin=passcode.replace("-", " ").upper())
    assert [p["name"] for p in ana.expect("joined")["participants"]] == ["Hana", "Ana"]
    host.write("hello")
    assert ana.expect("chat")["text"] == "hello"

    host.write("/passcode new")
    renewed = host.expect("passcode", lambda event: event["reason"] == "renewed")["passcode"]
    assert sotto(*join, "Ben", stdin=passcode).wait() == 4
    ben = sotto(*join, "Ben", stdin="-".join(word[:4] for word in renewed.split("-")[1:]))
    assert len(ben.expect("joined")["participants"]) == 3

    for person in (ana, ben, host):
        person.write("/leave")
        assert person.wait() == 0
    texts = [host.errors, ana.errors, ben.errors, *map(json.dumps, ana.seen + ben.seen)]
    for code in (passcode, renewed):
        words = code.split("-")[1:]
        assert not any(all(word in text.lower() for word in words) for text in texts)


@pytest.mark.parametrize("who", ["host", "joiner"])
def test_the_passcode_is_in_no_argument_list(sotto, who: str) -> None:
    host = sotto(*CALL)
    shown = host.expect("passcode")
    joiner = sotto(
        "join",
        shown["room"],
        "--server",
        shown["server"],
        "--headless",
        "--jsonl",
        stdin=shown["passcode"],
    )
    joiner.expect("joined")
    process = {"host": host, "joiner": joiner}[who].process
    command = Path(f"/proc/{process.pid}/cmdline").read_bytes()
    title = subprocess.run(
        ["ps", "-o", "args=", "-p", str(process.pid)], capture_output=True, check=True
    ).stdout
    words = [word.encode() for word in shown["passcode"].split("-")[1:]]
    assert not all(word in command for word in words)  # one alone may be "join"
    assert not all(word in title for word in words)
