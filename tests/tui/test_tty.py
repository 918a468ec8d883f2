from __future__ import annotations

import asyncio
import contextlib
import io
import os
import pty
import termios
from collections.abc import Iterator

import pytest

from tui import tty
from tui.pen import Pen


@pytest.fixture
def ends() -> Iterator[tuple[int, int]]:
    """A terminal: the end a person is at, and ours."""
    person, ours = pty.openpty()
    yield person, ours
    for end in (person, ours):
        with contextlib.suppress(OSError):
            os.close(end)


def modes(terminal: int) -> tuple[int, int]:
    found = termios.tcgetattr(terminal)
    return found[0], found[3]


async def test_lines_are_typed_and_the_terminal_is_as_before(ends) -> None:
    person, ours = ends
    before, out = modes(ours), io.StringIO()
    coming = tty.lines(Pen(out, print), lambda: None, ours)
    first = asyncio.ensure_future(anext(coming))
    await asyncio.sleep(0)
    assert not modes(ours)[1] & (termios.ECHO | termios.ICANON)
    assert modes(ours)[1] & termios.ISIG
    os.write(person, b"hel")
    await asyncio.sleep(0.05)
    os.write(person, b"lo\rmore\r\x04")
    assert await first == "hello"
    assert [line async for line in coming] == ["more"]
    assert out.getvalue() == "hello\nmore\n"
    assert modes(ours) == before


async def test_the_terminal_is_given_back_to_whoever_stops_reading(ends) -> None:
    _, ours = ends
    before = modes(ours)
    coming = tty.lines(Pen(io.StringIO(), print), lambda: None, ours)
    reading = asyncio.ensure_future(anext(coming))
    await asyncio.sleep(0)
    assert modes(ours) != before
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert modes(ours) == before


async def test_a_terminal_that_is_gone_is_the_end(ends) -> None:
    person, ours = ends
    coming = tty.lines(Pen(io.StringIO(), print), lambda: None, ours)
    reading = asyncio.ensure_future(anext(coming, "the end"))
    await asyncio.sleep(0)
    os.close(person)
    assert await reading == "the end"


def test_only_a_terminal_that_shows_what_is_typed_has_its_keys_taken(ends, tmp_path) -> None:
    _, ours = ends
    assert tty.echoes(ours, ours)
    with (tmp_path / "log").open("w") as log:
        assert not tty.echoes(ours, log.fileno())
        assert not tty.echoes(log.fileno(), log.fileno())
    quiet = termios.tcgetattr(ours)
    quiet[3] &= ~termios.ECHO
    termios.tcsetattr(ours, termios.TCSANOW, quiet)
    assert not tty.echoes(ours, ours)
