"""A terminal that goes away: nothing written to it may block or raise."""

from __future__ import annotations

import os
import pty
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
