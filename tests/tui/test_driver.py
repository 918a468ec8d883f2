"""A terminal that goes away: nothing written to it may block or raise. And one that is real."""

from __future__ import annotations

import inspect
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Full
from typing import IO, cast

import pytest
from textual.drivers._writer_thread import MAX_QUEUED_WRITES, WriterThread
from textual.drivers.linux_driver import LinuxDriver

from tui.driver import LastingFile, TerminalDriver


def closed_terminal() -> LastingFile:
    """Return the file of a terminal whose window was closed."""
    master, slave = pty.openpty()
    file = os.fdopen(slave, "w")
    os.close(master)
    return LastingFile(file)


def test_what_is_written_arrives() -> None:
    master, slave = pty.openpty()
    file = LastingFile(os.fdopen(slave, "w"))
    file.write("hello")
    file.flush()
    assert os.read(master, 100) == b"hello"
    assert file.isatty()
    assert file.fileno() == slave
    os.close(master)


def test_a_closed_window_swallows_what_is_written() -> None:
    file = closed_terminal()
    file.write("too late")
    file.flush()
    assert file.gone
    file.write("again")


def test_the_writer_thread_outlives_its_terminal() -> None:
    writer = WriterThread(cast("IO[str]", closed_terminal()))
    writer.start()
    try:
        for _ in range(3 * MAX_QUEUED_WRITES):
            writer._queue.put("too late", timeout=10)
    except Full:
        pytest.fail("the queue does not drain: a closed window would hang the application")
    writer.stop()
    assert not writer.is_alive()


def test_seam_the_driver_keeps_its_file_and_gives_it_to_the_thread() -> None:
    names = LinuxDriver.__init__.__code__.co_names
    assert "_file" in names
    started = LinuxDriver.start_application_mode.__code__.co_names
    assert {"WriterThread", "_file"} <= set(started)
    assert issubclass(TerminalDriver, LinuxDriver)


# --- a real pseudo terminal, and an application that tells what it hears ---

APPLICATION = """
import os, signal, sys, time
from textual.app import App
from tui.driver import TerminalDriver

class Told(App):
    def tell(self, text):
        print(text, file=told, flush=True)
    def on_ready(self):
        self._driver.show_title("sotto: 3 in the room")
        self.tell("ready")
    def on_key(self, event):
        self.tell(f"{type(event).__name__} {event.key}")
        if event.key == "q":
            self.exit()
        if event.key == "x":
            raise RuntimeError
        if event.key == "c":
            with self._driver._writer_thread._queue.mutex:  # as in the middle of a write
                os.kill(os.getpid(), signal.SIGCONT)
                time.sleep(0.05)
    def on_key_released(self, event):
        self.tell(f"released {event.key}")
    def on_keyboard_reports(self, event):
        self.tell(f"reports {event.releases}")
    def on_about_to_stop(self):
        self.tell("letting go")
        self._driver.stop_now()

told = open(sys.argv[1], "w")
app = Told(driver_class=TerminalDriver)
app.run()
sys.exit(app.return_code)
"""
TAKEN = ("\x1b[22;2t", "\x1b[?1004h", "\x1b[=2;2u\x1b[?u", "\x1b]2;sotto: 3 in the room\x07")
GIVEN_BACK = ("\x1b[=2;3u", "\x1b[23;2t", "\x1b[<u", "\x1b[?1049l", "\x1b[?1004l")


class Played:
    """The far side of a terminal: what a person types and what the screen was sent."""

    def __init__(self, folder: Path) -> None:
        self.master, slave = pty.openpty()
        self.before = termios.tcgetattr(slave)
        self.slave = slave
        self.told = folder / "told"
        self.told.touch()
        self.sent = ""
        env = {**os.environ, "TERM": "xterm-kitty"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", APPLICATION, str(self.told)],
            stdin=slave, stdout=slave, stderr=slave, start_new_session=True, env=env,
        )  # fmt: skip

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def hears(self, *lines: str) -> None:
        """Wait until the application told these lines, and nothing after them."""
        self._wait(lambda: self.told.read_text().splitlines()[-len(lines) :] == list(lines))

    def gets(self, *texts: str) -> None:
        """Wait until the terminal was sent all of these."""
        self._wait(lambda: all(text in self.sent for text in texts))
        self.sent = ""

    def stopped(self) -> None:
        """Wait until the process is stopped."""
        stat = Path(f"/proc/{self.process.pid}/stat")
        self._wait(lambda: stat.read_text().rpartition(")")[2].split()[0] == "T")

    def ended(self) -> int:
        self._wait(lambda: self.process.poll() is not None)
        return self.process.wait()

    def _wait(self, holds: object) -> None:
        assert callable(holds)
        deadline = time.monotonic() + 20
        while not holds():
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.told.read_text()!r} {self.sent[-2000:]!r}")
            if select.select([self.master], [], [], 0.02)[0]:
                self.sent += os.read(self.master, 65536).decode(errors="replace")

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)


@pytest.fixture
def played(tmp_path: Path) -> Iterator[Played]:
    played = Played(tmp_path)
    played.hears("ready")
    yield played
    played.close()


def test_a_terminal_is_asked_for_releases_and_gets_everything_back(played: Played) -> None:
    played.gets(*TAKEN)
    played.type("\x1b[?27u\x1b[32;;32u\x1b[32;1:2;32u\x1b[32;1:3u")
    played.hears("reports True", "Key space", "KeyRepeated space", "released space")
    os.write(played.master, b"\xff\x1b[97;1:9u\x1b[99999999;1:3u")  # no end of the reader
    played.type("\x1b[113;;113u")
    assert played.ended() == 0
    played.gets(*GIVEN_BACK)
    assert termios.tcgetattr(played.slave)[:4] == played.before[:4]


def test_a_crash_gives_the_terminal_back(played: Played) -> None:
    played.gets(*TAKEN)
    played.type("x")
    assert played.ended() == 1
    played.gets(*GIVEN_BACK)
    assert termios.tcgetattr(played.slave)[:4] == played.before[:4]


def test_what_is_stopped_lets_go_first_and_takes_the_terminal_again(played: Played) -> None:
    played.gets(*TAKEN)
    played.process.send_signal(signal.SIGTSTP)
    played.stopped()
    played.hears("letting go")
    played.gets(*GIVEN_BACK)
    assert termios.tcgetattr(played.slave)[:4] == played.before[:4]
    played.process.send_signal(signal.SIGCONT)
    played.gets(*TAKEN)
    played.type("a")
    played.hears("Key a")


def test_a_stop_nobody_announced_leaves_one_reader(played: Played) -> None:
    played.gets(*TAKEN)
    played.process.send_signal(signal.SIGSTOP)
    played.stopped()
    played.process.send_signal(signal.SIGCONT)
    played.gets(*GIVEN_BACK, *TAKEN)
    threads = Path(f"/proc/{played.process.pid}/task")
    assert len(list(threads.iterdir())) == 3, "one that reads, one that writes, one that runs"
    played.type("ab")
    played.hears("Key a", "Key b")


def test_a_signal_in_the_middle_of_a_write_does_not_wait_for_itself(played: Played) -> None:
    """As when the connection of an ssh session is lost: SIGHUP, and SIGCONT right behind it."""
    played.gets(*TAKEN)
    played.type("c")
    played.gets(*GIVEN_BACK, *TAKEN)
    played.type("a")
    played.hears("Key c", "Key a")


def test_seam_the_driver_pops_what_it_pushed_and_marks_a_stop() -> None:
    source = inspect.getsource(LinuxDriver)
    assert r'self.write("\x1b[<u")' in source
    assert re.search(r"_sigtstp_application.*?_must_signal_resume = True.*?SIGSTOP", source, re.S)
    assert "target=self._run_input_thread" in source
    assert "self.run_input_thread()" in source
