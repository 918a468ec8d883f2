from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path

import pytest

from tui.unread import when_unread, while_read


async def test_the_end_of_a_pipes_reader_is_noticed_at_once_and_once() -> None:
    reader, writer = os.pipe()
    gone = asyncio.Event()
    times: list[None] = []

    def do() -> None:
        times.append(None)
        gone.set()

    with when_unread(writer, do):
        os.write(writer, b"not read")
        await asyncio.sleep(0.01)
        assert times == []
        os.close(reader)
        await asyncio.wait_for(gone.wait(), 5)
        await asyncio.sleep(0.01)
    assert len(times) == 1
    os.close(writer)


async def test_the_end_of_a_sockets_reader_is_noticed_and_not_the_end_of_its_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As over ssh without a terminal, where it is standard input, too."""
    monkeypatch.setattr("tui.unread.LOOK", 0.01)
    ours, theirs = socket.socketpair()
    gone = asyncio.Event()
    with ours, theirs, when_unread(ours.fileno(), gone.set):
        theirs.sendall(b"typed")
        theirs.shutdown(socket.SHUT_WR)
        await asyncio.sleep(0.05)
        assert not gone.is_set()
        assert ours.recv(9) == b"typed"
        theirs.close()
        await asyncio.wait_for(gone.wait(), 5)


async def test_nothing_is_watched_afterwards() -> None:
    reader, writer = os.pipe()
    times: list[None] = []
    with when_unread(writer, lambda: times.append(None)):
        pass
    os.close(reader)
    await asyncio.sleep(0.01)
    assert times == []
    os.close(writer)


async def test_a_file_and_a_closed_descriptor_have_no_reader(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as file, when_unread(file.fileno(), lambda: None):
        await asyncio.sleep(0)
    with when_unread(99_999, lambda: None):
        await asyncio.sleep(0)


async def test_a_call_is_left_when_nobody_reads_what_it_tells(call) -> None:
    reader, writer = os.pipe()
    async with while_read(call.opened, writer)() as opened:
        running = asyncio.create_task(opened.run())
        await asyncio.sleep(0.01)
        os.close(reader)
        assert (await asyncio.wait_for(running, 5)).code == ""
    assert call.intents == [("leave",)]
    os.close(writer)
