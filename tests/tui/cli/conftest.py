"""Real `sotto` processes, with and without a terminal; none outlives its test."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

PATIENCE = 30.0


class Process:
    """One process; standard output and error in files, so nothing blocks and all is kept."""

    def __init__(self, home: Path, *arguments: str, stdin: str | None) -> None:
        self.out, self.err = home / "out", home / "err"
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tui.cli", *arguments],
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=err,
                start_new_session=True,
                env={**os.environ, "SOTTO_CONFIG_DIR": str(home / "config")},
            )
        if stdin is not None:
            self.write(stdin)

    def write(self, text: str) -> None:
        """Write a line to standard input."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{text}\n".encode())
        self.process.stdin.flush()

    def close_input(self) -> None:
        """End standard input."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    @property
    def events(self) -> list[dict[str, Any]]:
        """The JSON lines so far."""
        complete = self.out.read_text().rpartition("\n")[0]
        return [json.loads(line) for line in complete.splitlines()]

    def expect(self, name: str, count: int = 1) -> dict[str, Any]:
        """Wait for an event and return it."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            found = [event for event in self.events if event["event"] == name]
            if len(found) >= count:
                return found[count - 1]
            assert self.process.poll() is None, self.err.read_text()
            time.sleep(0.02)
        raise AssertionError(f"no {name}: {self.events} {self.err.read_text()}")

    def wait(self) -> int:
        """Wait for the end; return the exit code."""
        return self.process.wait(PATIENCE)

    def group_is_gone(self) -> bool:
        """Say whether nothing is left of the process group."""
        return gone(lambda: os.killpg(self.process.pid, 0))


class Terminal:
    """One process on a terminal of its own."""

    def __init__(
        self,
        home: Path,
        *arguments: str,
        rows: int = 24,
        columns: int = 80,
        term: str = "xterm-256color",
    ) -> None:
        self.home = home
        self.master, self.slave = pty.openpty()
        termios.tcsetwinsize(self.slave, (rows, columns))
        self.before = termios.tcgetattr(self.slave)
        self.output = b""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tui.cli", *arguments],
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
            start_new_session=True,
            env={
                **os.environ,
                "SOTTO_CONFIG_DIR": str(home / "config"),
                "TERM": term,
                "COLORTERM": "truecolor",
            },
        )

    def read_until(self, text: bytes) -> None:
        """Read what is drawn until `text` is in it."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.output:
            assert time.monotonic() < deadline, self.output[-2000:]
            self._read()

    def _read(self) -> None:
        if select.select([self.master], [], [], 0.05)[0]:
            self.output += os.read(self.master, 65536)

    def press(self, keys: bytes) -> None:
        """Type."""
        os.write(self.master, keys)

    def wait(self) -> int:
        """Read until the end; return the exit code."""
        deadline = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            assert time.monotonic() < deadline, self.output[-2000:]
            self._read()
        while select.select([self.master], [], [], 0)[0]:
            self._read()
        return self.process.returncode

    @property
    def is_restored(self) -> bool:
        """Whether the terminal is as it was: same modes, main screen, cursor, no mouse."""
        return termios.tcgetattr(self.slave) == self.before and (
            self.output.rfind(b"\x1b[?1049l") > self.output.rfind(b"\x1b[?1049h")
            and self.output.rfind(b"\x1b[?25h") > self.output.rfind(b"\x1b[?25l")
            and self.output.rfind(b"\x1b[?1000l") > self.output.rfind(b"\x1b[?1000h")
        )

    def close(self) -> None:
        """Close both ends; idempotent."""
        for descriptor in {self.master, self.slave} - {-1}:
            os.close(descriptor)
        self.master = self.slave = -1


def gone(probe: Callable[[], None]) -> bool:
    """Wait until a probe finds no process any more."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            probe()
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdin is not None and not process.stdin.closed:
        process.stdin.close()


@pytest.fixture(autouse=True)
def _runtime_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep calls that a test holds in this process away from the person's own."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "runtime"))


@pytest.fixture
def sotto(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Start `sotto ARGUMENTS...`."""
    running: list[Process] = []

    def start(*arguments: str, stdin: str | None = None) -> Process:
        home = tmp_path / f"process{len(running)}"
        home.mkdir(exist_ok=True)  # a test may have put settings there
        running.append(Process(home, *arguments, stdin=stdin))
        return running[-1]

    yield start
    for process in running:
        _kill_group(process.process)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """Start `sotto ARGUMENTS...` on a terminal."""
    running: list[Terminal] = []

    def start(*arguments: str, **how: Any) -> Terminal:
        home = tmp_path / f"terminal{len(running)}"
        home.mkdir()
        running.append(Terminal(home, *arguments, **how))
        return running[-1]

    yield start
    for one in running:
        _kill_group(one.process)
        one.close()
