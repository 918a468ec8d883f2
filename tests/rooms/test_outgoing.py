"""Sending to one reader, over a real WebSocket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from rooms import outgoing as outgoing_module
from rooms.outgoing import Outgoing, Pool

BACKLOG, CHUNK_BACKLOG, OF_ALL = 100_000, 50_000_000, 60_000_000


@dataclass
class Line:
    """Both ends of one connection."""

    outgoing: Outgoing
    pool: Pool
    reader: ClientConnection
    ended: asyncio.Event

    async def read_all(self) -> list[str | bytes]:
        """Read until the other end closes."""
        async with asyncio.timeout(5):
            found = []
            try:
                while True:
                    found.append(await self.reader.recv())
            except ConnectionClosed:
                return found


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    made: asyncio.Future[Outgoing] = asyncio.get_running_loop().create_future()
    ended, pool = asyncio.Event(), Pool(OF_ALL)

    async def handle(connection: ServerConnection) -> None:
        made.set_result(Outgoing(connection, BACKLOG, CHUNK_BACKLOG, pool))
        await connection.wait_closed()
        await made.result().stop()
        ended.set()

    async with serve(handle, "127.0.0.1", 0, compression=None, close_timeout=60) as server:
        port = server.sockets[0].getsockname()[1]
        reader = await connect(f"ws://127.0.0.1:{port}", compression=None)
        yield Line(await made, pool, reader, ended)
        reader.transport.abort()


async def test_messages_arrive_in_order_before_the_close(line) -> None:
    sent = [str(number).encode() for number in range(100)]
    line.outgoing.push(sent[0])
    assert await line.reader.recv() == sent[0]
    for data in sent[1:]:
        line.outgoing.push(data)
    line.outgoing.finish()
    assert await line.read_all() == sent[1:]
    assert line.reader.close_code == 1000


async def test_what_comes_after_the_end_is_not_sent(line) -> None:
    line.outgoing.finish()
    line.outgoing.push(b"too late")
    assert await line.read_all() == []


async def test_attack_a_reader_that_does_not_read_is_broken_off(line) -> None:
    line.reader.transport.pause_reading()
    for _ in range(3_000):
        line.outgoing.push(bytes(5_000))
        await asyncio.sleep(0)
        if line.ended.is_set():
            return
    pytest.fail("15 MB wait for a reader that may have 0.1 MB waiting")


async def test_a_burst_beyond_the_backlog_is_broken_off_at_once(line) -> None:
    for _ in range(3):
        line.outgoing.push(bytes(BACKLOG // 2))
    async with asyncio.timeout(5):
        await line.ended.wait()


async def test_attack_a_reader_that_does_not_take_its_leave(line, monkeypatch) -> None:
    monkeypatch.setattr(outgoing_module, "FAREWELL", 0.05)
    line.reader.transport.pause_reading()
    while line.outgoing.waiting < BACKLOG // 2:  # until every buffer on the way is full
        line.outgoing.push(bytes(40_000))
        await asyncio.sleep(0.001)
    line.outgoing.finish()
    async with asyncio.timeout(5):
        await line.ended.wait()


async def test_a_peer_that_vanishes_ends_the_task(line) -> None:
    line.reader.transport.abort()
    async with asyncio.timeout(5):
        await line.ended.wait()
    line.outgoing.push(b"into the void")


async def fill(line: Line) -> int:
    """Have files sent until some wait; return how many pieces."""
    pushed = 0
    while line.outgoing.chunks_waiting < 1_000_000:
        line.outgoing.push_chunk(b"piece" * 8_000)
        pushed += 1
        await asyncio.sleep(0)
    return pushed


async def test_a_line_overtakes_files_that_wait(line) -> None:
    line.reader.transport.pause_reading()
    pushed = await fill(line)
    line.outgoing.push(b"line")
    line.reader.transport.resume_reading()
    got = []
    while len(got) < pushed + 1:
        got.append(await line.reader.recv())
        if got[-1] != b"line":
            line.outgoing.chunk_taken()
    assert got.index(b"line") == 1
    assert got.count(b"piece" * 8_000) == pushed


async def test_a_piece_goes_when_the_one_before_has_arrived(line) -> None:
    for _ in range(5):
        line.outgoing.push_chunk(b"piece")
    assert await line.reader.recv() == b"piece"
    line.outgoing.push(b"line")
    assert await line.reader.recv() == b"line"
    assert line.outgoing.chunks_waiting == 4 * len(b"piece")
    line.outgoing.chunk_taken()
    assert [await line.reader.recv() for _ in range(2)] == [b"piece"] * 2  # the line takes them


async def test_attack_a_reader_never_says_that_a_piece_arrived(line, monkeypatch) -> None:
    monkeypatch.setattr(outgoing_module, "STUCK", 0.02)
    for _ in range(5):
        line.outgoing.push_chunk(b"piece")
    async with asyncio.timeout(5):
        while line.outgoing.chunks_waiting:
            await asyncio.sleep(0.01)
    line.outgoing.push_chunk(b"another")
    assert not line.outgoing.chunks_waiting
    line.outgoing.chunk_taken()
    line.outgoing.push_chunk(b"another")
    assert [await line.reader.recv() for _ in range(2)] == [b"piece", b"another"]


async def test_a_reader_too_slow_for_files_goes_without_and_stays(line) -> None:
    line.reader.transport.pause_reading()
    while line.outgoing.chunks_waiting + 4_000_000 <= CHUNK_BACKLOG:
        line.outgoing.push_chunk(bytes(4_000_000))
    before = line.outgoing.chunks_waiting
    line.outgoing.push_chunk(bytes(4_000_000))
    assert line.outgoing.chunks_waiting == before
    line.outgoing.push(b"line")
    line.reader.transport.resume_reading()
    while await line.reader.recv() != b"line":
        pass


async def test_attack_slow_readers_together_fill_the_memory(line) -> None:
    line.reader.transport.pause_reading()
    line.outgoing.push_chunk(bytes(1_000_000))
    line.pool.left = 3_000_000  # the others hold the rest
    for _ in range(5):
        line.outgoing.push_chunk(bytes(1_000_000))
    assert line.pool.left == 0
    line.outgoing.finish()
    assert line.pool.left == 4_000_000


async def test_who_is_closed_gets_no_more_of_files(line) -> None:
    line.reader.transport.pause_reading()
    pushed = await fill(line)
    line.outgoing.push(b"removed")
    line.outgoing.finish()
    line.outgoing.push_chunk(b"piece")
    line.reader.transport.resume_reading()
    got = await line.read_all()
    assert got[-1] == b"removed"
    assert len(got) < pushed
