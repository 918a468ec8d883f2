from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tui.cli import commands


def sotto(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tui.cli"],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )


def test_plain_sotto_opens_the_rooms_and_ends_with_q(terminal) -> None:
    screen = terminal()
    screen.read_until(b"No rooms yet")
    screen.press(b"q")
    assert screen.wait() == 0
    assert screen.is_restored


def test_ctrl_c_ends_it_as_a_program_is_ended(terminal) -> None:
    screen = terminal()
    screen.read_until(b"No rooms yet")
    screen.press(b"\x03")
    assert screen.wait() == 130


def test_without_a_terminal_it_prints_the_overview_as_ever() -> None:
    done = sotto(TERM="xterm-256color")
    assert (done.returncode, done.stdout) == (2, commands.overview() + "\n")


def test_on_a_dumb_terminal_it_prints_the_overview(terminal) -> None:
    screen = terminal(term="dumb")
    screen.read_until(b"Usage: sotto")
    assert screen.wait() == 2


def test_who_wants_plain_lines_gets_the_overview_and_no_screen(
    terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOTTO_PLAIN", "1")
    screen = terminal()
    screen.read_until(b"Usage: sotto")
    assert screen.wait() == 2


@pytest.mark.parametrize("name", ["av", "pylibsrtp", "websockets", "sounddevice", "rooms.session"])
def test_the_first_paint_waits_for_no_codec_and_no_session(name: str) -> None:
    code = (
        "import sys, tui.app, tui.cli.home; from tui.cli.own import own; "
        "from tui.cli.options import CallOptions; own(CallOptions()); "
        f"sys.exit({name!r} in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
