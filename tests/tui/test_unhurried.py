"""A real terminal that stands still for a while must hold up neither the keys nor the call."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from textual.app import App
from textual.drivers._writer_thread import MAX_QUEUED_WRITES
from textual.screen import Screen

from tui.unhurried import MOST_WAITING

APPLICATION = """
import sys
from textual.widgets import Static
from tui.driver import TerminalDriver
from tui.unhurried import UnhurriedApp

class Busy(UnhurriedApp):
    def __init__(self):
        super().__init__()
        self.driver_class = TerminalDriver
        self.frames = 0
    def compose(self):
        yield Static(id="noise")
        yield Static(id="last")
    def on_ready(self):
        self.set_interval(1 / 100, self.draw)
    def draw(self):
        self.frames += 1
        self.query_one("#noise").update(chr(0x2580 + self.frames % 16) * 1500)
        print(self.frames, file=told, flush=True)
    def on_key(self, event):
        self.query_one("#last").update(f"heard {event.key} in time")
        print("heard", event.key, file=told, flush=True)
        if event.key == "q":
            self.exit()

told = open(sys.argv[1], "w")
Busy().run()
"""


class Screened:
    """The far side of a terminal, which is read only where a test does."""

    def __init__(self, folder: Path) -> None:
        self.master, self.slave = pty.openpty()
        self.told = folder / "told"
        self.told.touch()
        self.process = subprocess.Popen(
            [sys.executable, "-c", APPLICATION, str(self.told)],
            stdin=self.slave, stdout=self.slave, stderr=self.slave, start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color"},
        )  # fmt: skip

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    @property
    def frames(self) -> int:
        """How many frames the application had so far."""
        return sum(line.isdigit() for line in self.told.read_text().splitlines())

    def read_until(self, holds: Callable[[bytes], bool]) -> None:
        output = b""
        deadline = time.monotonic() + 20
        while not holds(output):
            assert time.monotonic() < deadline, output[-500:]
            if select.select([self.master], [], [], 0.02)[0]:
                output += os.read(self.master, 65536)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)


def wait_for(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def screened(tmp_path: Path) -> Iterator[Screened]:
    screened = Screened(tmp_path)
    screened.read_until(lambda _: screened.frames > 3)
    yield screened
    screened.close()


def test_a_terminal_that_stands_still_stops_nothing(screened: Screened) -> None:
    before = screened.frames
    wait_for(lambda: screened.frames > before + 4 * MAX_QUEUED_WRITES)  # nobody reads
    screened.type("x")
    wait_for(lambda: "heard x" in screened.told.read_text())
    screened.read_until(lambda output: b"heard x in time" in output)
    screened.type("q")
    screened.read_until(lambda _: screened.process.poll() is not None)


def test_seam_textual_draws_through_display_and_stops_at_a_full_queue() -> None:
    assert "_display" in Screen._compositor_refresh.__code__.co_names
    assert "_batch_count" in Screen._on_timer_update.__code__.co_names
    assert "_batch_count" in App._end_batch.__code__.co_names
    assert 2 * MOST_WAITING < MAX_QUEUED_WRITES
