from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from tui.cli.demo import ROBOTS, Demo
from tui.cli.exits import Exit
from tui.cli.options import CallOptions


def robots() -> set[int]:
    """Return the robot processes there are."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"robot" in command and b"tui.cli" in command:
            found.add(int(path.parent.name))
    return found


def left_since(before: set[int], patience: float = 10.0) -> set[int]:
    """Return the robots started meanwhile that are still there after a while."""
    deadline = time.monotonic() + patience
    while (left := robots() - before) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


def test_headless_everybody_hears_sees_and_reads_everybody(sotto) -> None:
    before = robots()
    demo = sotto("demo", "--headless")
    assert demo.wait() == Exit.DONE, demo.err.read_text()
    table = demo.out.read_text()
    assert table.count("heard saw read") == 6
    assert [line.split()[0] for line in table.splitlines()[1:]] == ["You", *ROBOTS[:2]]
    assert left_since(before) == set()
    assert "https://" not in table + demo.err.read_text()


def test_an_interrupted_demo_leaves_no_robot(sotto) -> None:
    before = robots()
    demo = sotto("demo", "--headless", "--seconds", "30")
    while not robots() - before:
        assert demo.process.poll() is None, demo.err.read_text()
        time.sleep(0.05)
    demo.process.send_signal(signal.SIGINT)
    assert demo.wait() == Exit.INTERRUPTED
    assert left_since(before) == set()


def test_robots_end_even_when_the_demo_is_killed(sotto) -> None:
    before = robots()
    demo = sotto("demo", "--headless", "--seconds", "30")
    while len(robots() - before) < 2:
        assert demo.process.poll() is None, demo.err.read_text()
        time.sleep(0.05)
    os.kill(demo.process.pid, signal.SIGKILL)
    demo.wait()
    assert left_since(before) == set()


def test_on_a_screen_it_ends_by_itself(terminal) -> None:
    before = robots()
    screen = terminal("demo", "--seconds", "4")
    screen.read_until(b"Hello!")
    assert screen.wait() == Exit.DONE
    assert screen.is_restored
    assert left_since(before) == set()


def test_not_everybody_noticing_everybody_is_a_failure(capsys) -> None:
    assert Demo(CallOptions(name="You", headless=True)).verdict() == Exit.PERSON
    assert "not everybody" in capsys.readouterr().err
