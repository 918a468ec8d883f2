"""Real shells: what they make of a script, and of the Tab key."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path

import pytest
from needing import need

from tui.reference.tree import program

PATIENCE = 20.0
READY = b"READY"


class Typist:
    """Somebody at a shell, on a terminal."""

    def __init__(self, command: Sequence[str], home: Path) -> None:
        self.master, slave = pty.openpty()
        self.seen = b""
        environment = {"PATH": os.environ["PATH"], "HOME": str(home), "TERM": "dumb", "PS1": ""}
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, cwd=home, env=environment,
            start_new_session=True,
        )  # fmt: skip
        os.close(slave)

    def enter(self, line: str) -> None:
        """Type a line, Return included."""
        os.write(self.master, f"{line}\r".encode())

    def read_until(self, text: bytes) -> bytes:
        """Return what the shell has written until then."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.seen:
            assert time.monotonic() < deadline, self.seen
            if select.select([self.master], [], [], 0.05)[0]:
                self.seen += os.read(self.master, 65536)
        before, _, self.seen = self.seen.partition(text)
        return before

    def tab(self, typed: str) -> str:
        """Return the line that is there after somebody typed something and pressed Tab."""
        os.write(self.master, f"{typed}\t'\x01print_line '\r".encode())
        self.read_until(b"<")
        return self.read_until(b">").decode()

    def close(self) -> None:
        """End the shell."""
        self.process.kill()
        self.process.wait()
        os.close(self.master)


@pytest.fixture(name="need")
def _need() -> Callable[[str], None]:
    """How a test says that it needs a shell."""
    return need


@pytest.fixture
def script(tmp_path: Path) -> Callable[[str], Path]:
    """Write the script of a shell into a file."""

    def write(shell: str) -> Path:
        path = tmp_path / f"sotto.{shell}"
        path.write_text(import_module(f"tui.reference.{shell}").script(program()))
        return path

    return write


@pytest.fixture
def typist(tmp_path: Path, script: Callable[[str], Path]) -> Iterator[Callable[..., Typist]]:
    """Start a shell that has the script, and a command that prints the line it is given."""
    running: list[Typist] = []

    def start(shell: str, *options: str, before: str = "") -> Typist:
        need(shell)
        running.append(Typist([shell, *options], tmp_path))
        typing = running[-1]
        if before:
            typing.enter(before)
        typing.enter(f"source {script(shell)}")
        typing.enter("print_line() { printf '<%s>' \"$1\"; }; printf '%s\\n' REA''DY")
        typing.read_until(READY)
        return typing

    yield start
    for one in running:
        one.close()
