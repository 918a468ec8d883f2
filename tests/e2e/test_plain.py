"""A whole call in plain lines: real processes, each on a terminal of its own, read as bytes."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PATIENCE = 30.0
ESCAPE = b"\x1b"


class Plain:
    """One `sotto` on a terminal."""

    def __init__(self, home: Path, *arguments: str, term: str = "xterm-256color") -> None:
        self.person, ours = pty.openpty()
        self.output = b""
        environment = {**os.environ, "SOTTO_CONFIG_DIR": str(home), "TERM": term}
        command = [sys.executable, "-m", "tui.cli", *arguments]
        self.process = subprocess.Popen(
            command, stdin=ours, stdout=ours, stderr=ours, start_new_session=True, env=environment
        )
        os.close(ours)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        try:
            while data := os.read(self.person, 65536):
                self.output += data
        except OSError:  # the last one that had the terminal is gone
            pass

    @property
    def lines(self) -> list[str]:
        """The whole lines so far."""
        return self.output.decode().replace("\r\n", "\n").split("\n")[:-1]

    def type(self, text: str) -> None:
        """Type a line."""
        os.write(self.person, f"{text}\r".encode())

    def asks(self, text: str, pattern: str) -> None:
        """Type a line, again and again, until an answer to it matches."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            self.type(text)
            time.sleep(0.2)
            if any(re.match(pattern, line) for line in self.lines):
                return
        raise AssertionError(f"nothing says {pattern!r}: {self.lines}")

    def says(self, pattern: str) -> re.Match[str]:
        """Wait for a line that matches from its start."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for line in self.lines:
                if found := re.match(pattern, line):
                    return found
            time.sleep(0.02)
        raise AssertionError(f"nothing says {pattern!r}: {self.lines}")

    def wait(self) -> int:
        """Wait for the end; return the exit code."""
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code

    def close(self) -> None:
        """End it, whatever it does."""
        self.process.kill()
        self.process.wait()
        self._reader.join(PATIENCE)
        os.close(self.person)


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Callable[..., Plain]]:
    """Start `sotto ARGUMENTS...`; none outlives its test."""
    running: list[Plain] = []

    def start(*arguments: str, term: str = "xterm-256color") -> Plain:
        home = tmp_path / f"home{len(running)}"
        home.mkdir()
        running.append(Plain(home, *arguments, term=term))
        return running[-1]

    yield start
    for one in running:
        one.close()


def test_two_hold_a_whole_call_in_lines(plain: Callable[..., Plain]) -> None:
    host = plain("call", "--plain", "--name", "Hana", "--listen", "127.0.0.1",
                 "--audio-in", "speech:1")  # fmt: skip
    link = host.says(r"The room is open\. Others join with: sotto join '(.*)'")[1]
    guest = plain("join", link, "--plain", "--name", "Noor\x1b[2J\x07")
    guest.says(r"Knocked at 127\.0\.0\.1")
    host.says(r"- Noor wants to come in \(key not seen before, SHA256:.*\)\. Type /admit #\d+, or")
    host.type("/admit Noor")
    host.says(r"- Noor came in \(key not seen before\)\.")
    guest.says(r"You are in the room with Hana;")
    guest.type("good morning")
    host.says(r"- Noor: good morning")
    host.type("hello\x07 to you")
    guest.says(r"- Hana: hello to you")
    host.says(r"You can be heard now\.")
    host.type("/mute")
    host.says(r"You are muted\.")
    host.says(r"No sound of yours is sent\.")
    host.type("/verify")
    digits = host.says(r"Digits: ((\d \d \d \d \d(, |\.)){6})")[1]
    guest.type("/verify")
    assert guest.says(r"Digits: (.*)")[1] == digits
    host.type("/verify same")
    host.says(r"Verified at epoch \d+: everybody who was here\.")
    # Noor's end looks for a microphone first, and finds none.
    host.asks("/people", r"Noor: verified key, muted, volume 100%\.")
    host.type("/status")
    host.says(r"Encrypted: 2 people have the keys of epoch \d+[^;]*; verified at epoch \d+\.")
    os.write(guest.person, b"\x04")
    assert guest.wait() == 0
    host.says(r"- Noor left\.")
    host.type("/leave")
    assert host.wait() == 0
    assert ESCAPE not in host.output + guest.output
    assert host.lines[-1] == "The call is over: you left."
    assert max(len(line) for line in guest.lines if "sotto join" not in line) < 200


def test_a_dumb_terminal_gets_plain_lines(plain: Callable[..., Plain]) -> None:
    demo = plain("demo", term="dumb")
    demo.says(r"- Ada came in \(key not seen before\)\.")
    demo.says(r"- Grace: Hello!")
    os.write(demo.person, b"half a line")
    demo.process.terminate()
    assert demo.wait() == 130
    assert ESCAPE not in demo.output
    assert not any("wants to come in" in line for line in demo.lines)  # nobody has to answer


def test_a_script_writes_and_a_log_reads(plain: Callable[..., Plain], tmp_path: Path) -> None:
    script = subprocess.run(
        [sys.executable, "-m", "tui.cli", "call", "--plain", "--listen", "127.0.0.1",
         "--for", "1"],
        input="hello\n/status\n", capture_output=True, text=True, timeout=PATIENCE, check=True,
        env={**os.environ, "SOTTO_CONFIG_DIR": str(tmp_path), "SOTTO_LINK": ""},
    )  # fmt: skip
    assert re.search(r"^.+: hello$", script.stdout, re.MULTILINE)
    assert "You are in the room with nobody else, as host.\n" in script.stdout
    assert script.stdout.endswith("The call is over: you left.\n")
    assert script.stderr == ""
