"""How calls end: one clear line, a documented exit code, nothing left behind."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Start = Callable[..., Any]

HEADLESS = ("--headless", "--jsonl")
SILENT = ("--audio-in", "none", "--audio-out", "none", "--video-in", "none")
WRONG_BUT_WELL_FORMED = "aaaaaaaaaaaaaaaaaaaaaaaaaa"


def host_room(sotto: Start) -> tuple[Any, str]:
    host = sotto("call", *HEADLESS, *SILENT, "--listen", "127.0.0.1", "--admit", "all")
    return host, host.expect("hosting")["link"]


def processes_of(group: int) -> list[int]:
    """Return the processes of a process group that still run."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(fields[2]) == group and fields[0] != "Z":
                found.append(int(entry.name))
    return found


def assert_one_clear_line(process: Any, *words: str) -> None:
    """Check that the last words are one line of ours, with no traceback and no secret."""
    assert "Traceback" not in process.errors
    lines = [line for line in process.errors.splitlines() if line.startswith("sotto: ")]
    assert len(lines) == 1, process.errors
    for word in words:
        assert word in lines[0]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_cleanly_and_leaves_nothing(sotto: Start, number: int) -> None:
    host, link = host_room(sotto)
    guest = sotto("join", "-", *HEADLESS, *SILENT, "--name", "Gus", stdin=link)
    guest.expect("joined")
    os.kill(guest.process.pid, number)
    assert guest.wait() == 130
    assert "Traceback" not in guest.errors
    assert guest.events("ended")[-1]["reason"] == "you left"
    assert host.expect("participant_left")["reason"] == "left"
    assert processes_of(guest.process.pid) == []
    assert host.interrupt() == 130
    assert processes_of(host.process.pid) == []


def test_a_killed_server_is_waited_for_until_somebody_gives_up(sotto: Start) -> None:
    host, link = host_room(sotto)
    guest = sotto("join", "-", *HEADLESS, *SILENT, stdin=link)
    guest.expect("joined")
    host.kill()  # the server lives in the host's process
    assert "server" in guest.expect("reconnecting")["reason"]
    assert guest.interrupt() == 130
    assert "Traceback" not in guest.errors


def test_a_server_that_is_gone(sotto: Start) -> None:
    host, link = host_room(sotto)
    host.interrupt()
    late = sotto("join", "-", *HEADLESS, *SILENT, stdin=link)
    assert late.wait() == 3
    assert_one_clear_line(late, "nothing listens")
    assert link.partition("#")[2] not in late.errors


def test_a_room_that_is_gone(sotto: Start) -> None:
    server = sotto("serve", "--listen", "127.0.0.1")
    address = server.line().split()[-1]
    host = sotto("call", "--server", address, *HEADLESS, *SILENT)
    link = host.expect("hosting")["link"]
    host.interrupt()
    late = sotto("join", "-", *HEADLESS, *SILENT, stdin=link)
    assert late.wait() == 6
    assert_one_clear_line(late)
    assert server.interrupt() == 130


def test_a_link_that_is_not_one(sotto: Start) -> None:
    process = sotto("join", "-", *HEADLESS, *SILENT, stdin="https://example.org/r/#secret.nonsense")
    assert process.wait() in (1, 2)
    assert_one_clear_line(process, "link")
    assert "nonsense" not in process.errors


def test_a_link_of_another_host_is_refused(sotto: Start) -> None:
    """The server (or whoever changed the link) cannot pass somebody else off as the host."""
    _, link = host_room(sotto)
    secret, _, pin = link.partition("#")[2].split(".")
    forged = f"{link.partition('#')[0]}#{secret}.{WRONG_BUT_WELL_FORMED}.{pin}"
    process = sotto("join", "-", *HEADLESS, *SILENT, stdin=forged)
    assert process.wait() == 5
    assert_one_clear_line(process)


def test_another_server_with_the_same_address_is_refused(sotto: Start) -> None:
    _, link = host_room(sotto)
    head = link.rpartition(".")[0]
    process = sotto("join", "-", *HEADLESS, *SILENT, stdin=f"{head}.{WRONG_BUT_WELL_FORMED}")
    assert process.wait() == 5
    assert_one_clear_line(process, "not the one in the link")


def test_a_refused_knock(sotto: Start) -> None:
    host = sotto("call", *HEADLESS, *SILENT, "--listen", "127.0.0.1")
    link = host.expect("hosting")["link"]
    guest = sotto("join", "-", *HEADLESS, *SILENT, "--name", "Nia", stdin=link)
    assert host.expect("knock")["name"] == "Nia"
    host.write("/refuse")
    assert guest.wait() == 4
    assert_one_clear_line(guest)


def test_a_locked_room(sotto: Start) -> None:
    host, link = host_room(sotto)
    host.write("/lock")
    host.expect("room_state", lambda event: event["locked"])
    late = sotto("join", "-", *HEADLESS, *SILENT, stdin=link)
    assert late.wait() == 6
    assert_one_clear_line(late, "locked")
    assert [event["code"] for event in late.events("refused")] == ["room.locked"]


@pytest.mark.slow
def test_a_call_ends_well_at_the_event_that_was_waited_for(sotto: Start) -> None:
    host, link = host_room(sotto)
    until = ("--until", "chat=go", "--until", "chat~the end")
    guest = sotto("join", "-", *HEADLESS, *SILENT, *until, stdin=link)
    guest.expect("joined")
    guest.write("go")  # our own line is none to wait for
    host.expect("chat")
    host.write("this is the end of it")
    assert guest.wait() == 0
    assert [event["text"] for event in guest.events("chat")][-1] == "this is the end of it"
    assert host.expect("participant_left")["reason"] == "left"


def test_nobody_admits_in_time(sotto: Start) -> None:
    host = sotto("call", *HEADLESS, *SILENT, "--listen", "127.0.0.1")
    link = host.expect("hosting")["link"]
    guest = sotto("join", "-", *HEADLESS, *SILENT, "--timeout", "1", stdin=link)
    assert guest.wait() == 124
    host.expect("knock_withdrawn")


def test_the_link_is_in_no_argument_list(sotto: Start) -> None:
    """Every process of a call, its media process included, can be listed by anybody."""
    _, link = host_room(sotto)
    secret = link.partition("#")[2].split(".")[0]
    guest = sotto("join", "-", *HEADLESS, *SILENT, stdin=link)
    guest.expect("joined")
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                arguments = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            assert secret.encode() not in arguments
