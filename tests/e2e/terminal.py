"""A real terminal for the end-to-end tests: tmux draws it, keys are typed, the screen is read."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

PATIENCE = 60.0
"""Seconds; a machine that is busy with other things starts three clients in some 20."""
T = TypeVar("T")


class Terminal:
    """One tmux server with one window, which outlives what runs in it."""

    def __init__(self, socket: Path, home: Path, size: tuple[int, int] = (100, 30)) -> None:
        self.socket, self.home = socket, home
        self._tmux("new-session", "-d", "-x", str(size[0]), "-y", str(size[1]),
                   f"env -u COLUMNS -u LINES SOTTO_CONFIG_DIR={home} PS1='$ ' sh")  # fmt: skip

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

    def paste(self, text: str) -> None:
        """Paste text, in brackets where they are asked for."""
        self._tmux("set-buffer", "-b", "pasted", text)
        self._tmux("paste-buffer", "-p", "-b", "pasted")

    def resize(self, width: int, height: int) -> None:
        """Give the window another size."""
        self._tmux("resize-window", "-x", str(width), "-y", str(height))

    def copied_link(self) -> str:
        """Copy the room's link as a person does; it reaches tmux through OSC 52."""
        self._tmux("set-option", "-s", "set-clipboard", "on")
        self.press("l")
        self.shows("c copies")
        self.press("c")
        self.awaits("the copied link", lambda: self._tmux("list-buffers") != "")
        self.press("Escape")
        return self._tmux("show-buffer")

    @property
    def screen(self) -> str:
        """What is on the screen."""
        return self._tmux("capture-pane", "-p")

    @property
    def title(self) -> str:
        """The name of the window."""
        return self._tmux("display-message", "-p", "#{pane_title}").strip()

    @property
    def alternate(self) -> bool:
        """Whether the alternate screen is shown, as full-screen programs do."""
        return self._tmux("display-message", "-p", "#{alternate_on}").strip() == "1"

    @property
    def shell_has_it(self) -> bool:
        """Whether the shell reads what is typed, and nothing that it started."""
        return self._tmux("display-message", "-p", "#{pane_current_command}").strip() == "sh"

    def shows(self, pattern: str) -> re.Match[str]:
        """Wait until the screen matches; return the match."""
        return self.awaits(repr(pattern), lambda: re.search(pattern, self.screen))

    def awaits(self, what: str, look: Callable[[], T | None]) -> T:
        """Wait until a look finds something; return that."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if found := look():
                return found
            time.sleep(0.05)
        raise AssertionError(f"{what} did not appear:\n{self.screen}")

    def close(self) -> None:
        """End everything in it."""
        subprocess.run(["tmux", "-S", str(self.socket), "kill-server"], check=False,
                       capture_output=True)  # fmt: skip


def assert_restored(terminal: Terminal, code: int) -> None:
    """Check that the shell has its screen and its line editing back, and the exit code."""
    terminal.shows(r"\$\s*$")
    assert not terminal.alternate
    terminal.type("echo code $?")
    terminal.press("Enter")
    terminal.shows(rf"code {code}\b")


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
