"""A secret typed on a terminal: not echoed, and the terminal is as it was afterwards."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator

import pytest

from tui.cli.hidden_line import ask

SECRET = "acorn bicycle august"


@pytest.fixture
def master(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The other end of a terminal that is standard input."""
    master, slave = pty.openpty()
    name = os.ttyname(slave)
    monkeypatch.setattr("os.ttyname", lambda _: name)
    yield master
    os.close(master)
    os.close(slave)


async def test_a_line_is_read_without_echo_while_other_things_go_on(master: int) -> None:
    before = termios.tcgetattr(master)
    asking = asyncio.create_task(ask("Say: "))
    shown = b""
    while b"Say: " not in shown:
        await asyncio.sleep(0.01)
        shown += os.read(master, 100)
    assert not asking.done()
    os.write(master, f"  {SECRET}\n".encode())
    assert await asking == SECRET
    shown += os.read(master, 1000)
    assert SECRET.encode() not in shown
    assert termios.tcgetattr(master) == before


async def test_an_end_of_input_is_no_secret(master: int) -> None:
    asking = asyncio.create_task(ask("Say: "))
    await asyncio.sleep(0.05)
    os.write(master, b"\x04")
    with pytest.raises(EOFError):
        await asking


ASK = """
import asyncio
from tui.cli.hidden_line import ask
asyncio.run(ask("Say: "))
"""
ASK_PASSPHRASE = """
from tui.cli.unlock import ask
ask("Say: ")
"""


@pytest.mark.parametrize("code", [ASK, ASK_PASSPHRASE], ids=["passcode", "passphrase"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_terminal_is_as_it_was_after_a_signal_that_ends(code: str, number: int) -> None:
    master, slave = pty.openpty()
    before = termios.tcgetattr(master)
    command = ["setsid", "--ctty", sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=slave, stderr=subprocess.DEVNULL) as process:
        shown = b""
        while b"Say: " not in shown:
            shown += os.read(master, 100)
        assert termios.tcgetattr(master) != before
        process.send_signal(number)
    assert termios.tcgetattr(master) == before
    os.close(master)
    os.close(slave)


async def test_a_terminal_is_as_it_was_after_an_interrupt(master: int) -> None:
    before = termios.tcgetattr(master)
    asking = asyncio.create_task(ask("Say: "))
    await asyncio.sleep(0.05)
    assert termios.tcgetattr(master) != before
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert termios.tcgetattr(master) == before
