"""The call in a real terminal: tmux draws it, keys are typed, the screen is read back."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest


class Terminal:
    """One tmux server with one window, which outlives what runs in it."""

    def __init__(self, socket: Path, home: Path, size: tuple[int, int] = (100, 30)) -> None:
        self.socket, self.home = socket, home
        self._tmux("new-session", "-d", "-x", str(size[0]), "-y", str(size[1]),
                   f"env SOTTO_CONFIG_DIR={home} PS1='$ ' sh")  # fmt: skip

    def _tmux(self, *args: str) -> str:
        command = ["tmux", "-f", os.devnull, "-S", str(self.socket), *args]
        return subprocess.run(
            command, check=True, capture_output=True, text=True, timeout=20
        ).stdout

    def run(self, *args: str) -> None:
        """Type a `sotto` command."""
        self._tmux("send-keys", "-l", " ".join([sys.executable, "-m", "tui.cli", *args]))
        self.press("Enter")

    def type(self, text: str) -> None:
        """Type text."""
        self._tmux("send-keys", "-l", text)

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names."""
        self._tmux("send-keys", *keys)

    def resize(self, width: int, height: int) -> None:
        """Give the window another size."""
        self._tmux("resize-window", "-x", str(width), "-y", str(height))

    def copied_link(self) -> str:
        """Copy the room's link as a person does; it reaches tmux through OSC 52."""
        self._tmux("set-option", "-s", "set-clipboard", "on")
        self.press("l")
        self.shows("c copies")
        self.press("c")
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if self._tmux("list-buffers"):
                self.press("Escape")
                return self._tmux("show-buffer")
            time.sleep(0.05)
        raise AssertionError(f"the link was not copied:\n{self.screen}")

    @property
    def screen(self) -> str:
        """What is on the screen."""
        return self._tmux("capture-pane", "-p")

    @property
    def alternate(self) -> bool:
        """Whether the alternate screen is shown, as full-screen programs do."""
        return self._tmux("display-message", "-p", "#{alternate_on}").strip() == "1"

    def shows(self, pattern: str, patience: float = 20.0) -> re.Match[str]:
        """Wait until the screen matches; return the match."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if found := re.search(pattern, self.screen):
                return found
            time.sleep(0.05)
        raise AssertionError(f"{pattern!r} did not appear:\n{self.screen}")

    def close(self) -> None:
        """End everything in it."""
        subprocess.run(["tmux", "-S", str(self.socket), "kill-server"], check=False,
                       capture_output=True)  # fmt: skip


@pytest.fixture
def terminal(tmp_path: Path, require: object) -> Iterator[Terminal]:
    assert callable(require)
    require("tmux")
    home = tmp_path / "home"
    home.mkdir()
    terminal = Terminal(tmp_path / "tmux", home)
    yield terminal
    terminal.close()


def assert_restored(terminal: Terminal, code: int) -> None:
    """Check that the shell has its screen and its line editing back, and the exit code."""
    terminal.shows(r"\$\s*$")
    assert not terminal.alternate
    terminal.type("echo code $?")
    terminal.press("Enter")
    terminal.shows(rf"code {code}\b")


def test_a_demo_call_is_drawn_and_left(terminal: Terminal) -> None:
    terminal.run("demo")
    terminal.shows("3 in the room")
    terminal.shows("(?s)(▀[^▀]*){40}")  # pictures, in half blocks
    screen = terminal.screen
    assert "Ada" in screen
    assert "Grace" in screen
    assert "encrypted" in screen
    terminal.press("Enter")
    terminal.type("hello there")
    terminal.press("Enter")
    terminal.shows("hello there")
    terminal.press("Escape")
    for size in ((60, 20), (160, 48), (80, 24)):
        terminal.resize(*size)
        terminal.shows("encrypted")
    terminal.press("q")
    assert_restored(terminal, 0)


def test_ctrl_c_restores_the_terminal(terminal: Terminal) -> None:
    terminal.run("call", "--listen", "127.0.0.1")
    terminal.shows("encrypted")
    assert terminal.alternate
    os.kill(foreground(terminal), 2)
    assert_restored(terminal, 130)


def test_a_stopped_call_is_muted_and_comes_back_drawn(terminal: Terminal) -> None:
    terminal.run("call", "--listen", "127.0.0.1", "--audio-in", "speech", "--video-in", "testsrc")
    terminal.shows("mic on")
    terminal.press("C-z")
    terminal.shows(r"Stopped[^$]*\$\s*$")
    assert not terminal.alternate
    terminal.type("fg")
    terminal.press("Enter")
    terminal.shows("(?s)1 in the room.*× muted")
    terminal.shows("(?s)(▀[^▀]*){40}")
    assert terminal.alternate
    terminal.press("m")
    terminal.shows("mic on")
    os.kill(foreground(terminal), signal.SIGSTOP)  # nobody is told of this one
    terminal.shows(r"\+ Stopped[^$]*\$")
    terminal.type("fg")
    terminal.press("C-j")  # the terminal is as the application wants it
    terminal.shows("(?s)1 in the room.*× muted")
    terminal.press("q")
    assert_restored(terminal, 0)


def foreground(terminal: Terminal) -> int:
    """Return the process that has the terminal: what Ctrl-C would reach."""
    shell = int(terminal._tmux("display-message", "-p", "#{pane_pid}"))
    tree = subprocess.run(["ps", "-o", "pid=", "--ppid", str(shell)], capture_output=True,
                          text=True, check=True)  # fmt: skip
    return int(tree.stdout.split()[0])


def test_a_closed_window_ends_the_call(terminal: Terminal) -> None:
    terminal.run("demo")
    terminal.shows("3 in the room")
    terminal.close()
    deadline = time.monotonic() + 20
    while processes_of_home(terminal.home) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert processes_of_home(terminal.home) == []


def processes_of_home(home: Path) -> list[int]:
    """Return every process started from a terminal: all have its configuration folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                if f"SOTTO_CONFIG_DIR={home}".encode() in (entry / "environ").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def test_who_waits_for_a_killed_server_may_leave(terminal: Terminal, sotto: object) -> None:
    assert callable(sotto)
    host = sotto("call", "--headless", "--jsonl", "--listen", "127.0.0.1", "--admit", "all",
                 "--audio-in", "none", "--audio-out", "none", "--video-in", "none")  # fmt: skip
    link = host.expect("hosting")["link"]
    terminal.run("join", f"'{link}'")
    terminal.shows("2 in the room")
    host.kill()
    terminal.shows("connection lost")
    terminal.press("q")
    assert_restored(terminal, 0)


def test_a_knock_is_shown_and_admitted_by_a_key(terminal: Terminal, sotto: object) -> None:
    assert callable(sotto)
    terminal.run("call", "--listen", "127.0.0.1")
    terminal.shows("encrypted")
    link = terminal.copied_link()
    guest = sotto("join", "-", "--headless", "--jsonl", "--name", "Noor", "--audio-in", "none",
                  "--audio-out", "none", "--video-in", "none", stdin=link)  # fmt: skip
    terminal.shows("Noor")
    assert guest.events("joined") == []
    time.sleep(1.0)  # keys typed just as a knock appears do not answer it
    terminal.press("a")
    guest.expect("joined")
    terminal.shows("2 in the room")
