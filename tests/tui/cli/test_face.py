from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import subprocess
import sys
import time

import pytest

from tui.cli.exits import Exit
from tui.cli.face import NoTerminalError, hold
from tui.cli.options import CallOptions
from tui.conduct import Limits

LOCAL = ("call", "--listen", "127.0.0.1")


def test_a_headless_call_ends_with_its_code_and_says_why(call, monkeypatch, capsys) -> None:
    call.joins = False
    monkeypatch.setattr("sys.stdin", None)
    code = hold(call.opened, CallOptions(headless=True), limits=Limits(timeout=0.01))
    assert code == Exit.TIMEOUT
    said = capsys.readouterr().err
    assert said.startswith("sotto: not in the room after 0.01 s")
    assert "call is over" not in said


def test_a_screen_needs_a_terminal(call) -> None:
    with pytest.raises(NoTerminalError):
        hold(call.opened, CallOptions())


@pytest.mark.parametrize(
    ("how", "code"),
    [("key", 0), ("typing", 130), (signal.SIGTERM, 130)],
)
def test_however_it_ends_the_terminal_is_restored_and_nothing_is_left(
    terminal, how: str | signal.Signals, code: int
) -> None:
    screen = terminal(*LOCAL)
    screen.read_until(b"You are in the room")
    match how:
        case "key":
            screen.press(b"q")
        case "typing":
            screen.press(b"\rquiZ")  # in one burst: the q must not leave
            screen.read_until(b"quiZ")
            screen.press(b"\x03")
        case signal.Signals():
            os.kill(screen.process.pid, how)
    assert screen.wait() == code
    assert screen.is_restored
    assert b"Traceback" not in screen.output
    with pytest.raises(ProcessLookupError):
        os.killpg(screen.process.pid, 0)


def test_the_link_is_printed_once_on_the_normal_screen_where_it_wraps(terminal) -> None:
    screen = terminal(*LOCAL)
    screen.read_until(b"You are in the room")
    screen.press(b"q")
    assert screen.wait() == 0
    assert screen.is_restored
    normal = [part.split(b"\x1b[?1049h")[0] for part in screen.output.split(b"\x1b[?1049l")[1:]]
    said = [part for part in normal if b"sotto join 'https://127.0.0.1:" in part]
    assert len(said) == 1
    assert said[0].startswith(b"\x1b[?7h")
    assert said[0].endswith(b"'\r\n\x1b[?7l")


def test_a_demo_prints_no_link(terminal) -> None:
    screen = terminal("demo")
    screen.read_until(b"You are in the room")
    screen.press(b"q")
    assert screen.wait() == 0
    assert screen.output.count(b"\x1b[?1049h") == 1


def test_nobody_is_heard_on_after_the_terminal_is_gone(terminal) -> None:
    screen = terminal(*LOCAL)
    screen.read_until(b"You are in the room")
    screen.close()
    assert screen.process.wait(30) == Exit.INTERRUPTED


def test_an_error_is_said_after_the_terminal_is_restored(terminal) -> None:
    screen = terminal("join", "https://example.org/nothing")
    assert screen.wait() == Exit.USAGE
    assert screen.is_restored
    after = screen.output[screen.output.rfind(b"\x1b[?1049l") :]
    assert b"sotto: this is not a room link" in after
    assert b"hint: " in after
    assert b"Traceback" not in screen.output


def test_a_reader_that_goes_away_ends_the_call_without_a_traceback(tmp_path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tui.cli", *LOCAL, "--headless", "--jsonl"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "SOTTO_CONFIG_DIR": str(tmp_path)},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert b"hosting" in process.stdout.readline()
    process.stdout.close()  # the statistics of the next second find nobody
    with process.stderr:
        said = process.stderr.read().decode()
    assert process.wait(30) == Exit.DONE
    assert "sotto: " not in said
    assert "Traceback" not in said
    assert "Exception" not in said


def test_lines_instead_of_a_screen_need_no_terminal(call, capsys, monkeypatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    call.joins = False
    code = hold(call.opened, CallOptions(plain=True), limits=Limits(timeout=0.01))
    assert code == Exit.TIMEOUT
    said = capsys.readouterr()
    assert (
        said.out.endswith("/leave to end.\nThe call is over.\n") or "call is over" not in said.out
    )
    assert said.err.startswith("sotto: not in the room after 0.01 s")


def test_no_color_is_honoured_by_screens(terminal, monkeypatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    screen = terminal("demo")
    screen.read_until(b"Ada came in")
    screen.press(b"\x03")
    screen.wait()
    for numbers in re.findall(rb"\x1b\[([\d;]+)m", screen.output):
        told = {int(number) for number in numbers.split(b";")}
        assert not told & {38, 48, *range(31, 37), *range(41, 47), *range(91, 97), *range(101, 107)}


@pytest.mark.slow
def test_nobody_who_reads_what_is_told_holds_up_the_call_and_its_end(tmp_path) -> None:
    """Neither does a log that nobody reads any more."""
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 16384)
    log, logging = os.pipe()
    os.close(log)
    command = [sys.executable, "-m", "tui.cli", *LOCAL, "--headless", "--jsonl", "--no-audio"]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=writing,
        stderr=logging,
        env={**os.environ, "SOTTO_CONFIG_DIR": str(tmp_path)},
    )
    os.close(logging)
    assert process.stdin is not None
    assert os.read(reading, 1) == b"{"
    for _ in range(12):
        process.stdin.write(b"x" * 3000 + b"\n")
    process.stdin.flush()
    while select.select([], [writing], [], 0)[1]:
        time.sleep(0.01)  # until the pipe is full
    process.stdin.write(b"/leave\n")
    process.stdin.flush()
    try:
        assert process.wait(30) == Exit.PERSON  # what was still to be told is lost
    finally:
        process.kill()
        process.stdin.close()
        os.close(writing)
        os.close(reading)


def test_a_full_disk_is_no_good_end(call, monkeypatch, capsys) -> None:
    with open("/dev/full", "w") as full:
        monkeypatch.setattr("sys.stdout", full)
        monkeypatch.setattr("sys.stdin", None)
        options = CallOptions(headless=True, jsonl=True)
        assert hold(call.opened, options, limits=Limits(stay=0.01)) == Exit.PERSON
    assert "sotto: standard output cannot be written\n" in capsys.readouterr().err
