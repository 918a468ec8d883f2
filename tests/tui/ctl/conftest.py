"""A folder of running calls of the test's own, and raw connections to them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tui.ctl.seats import Seat, running_calls
from tui.ctl.serving import serving


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SOTTO_CONFIG_DIR", str(tmp_path))
    return tmp_path / "run"


@pytest.fixture
def seat() -> Iterator[Seat]:
    with contextlib.closing(Seat.take()) as taken:
        yield taken


class Raw:
    """A connection that sends whatever it is told to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def connect(cls, number: int = 1) -> Raw:
        return cls(*await asyncio.open_unix_connection(sock=running_calls()[number]))

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def receive(self) -> dict[str, Any]:
        async with asyncio.timeout(20):
            return json.loads(await self.reader.readline())

    async def ask(self, **request: object) -> dict[str, Any]:
        await self.send(json.dumps({"v": 1, **request}).encode() + b"\n")
        return await self.receive()

    async def is_closed(self) -> bool:
        async with asyncio.timeout(20):
            return await self.reader.read() == b""


@pytest.fixture
def raw() -> type[Raw]:
    return Raw


@pytest.fixture
async def served(call, seat: Seat) -> AsyncIterator[object]:
    """The scripted call, reachable at its seat."""
    async with serving(call, seat):
        yield call


@pytest.fixture
def silent_call(folder: Path) -> Iterator[socket.socket]:
    """A socket at seat 7 that listens and never answers."""
    folder.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "7.sock"))
        listener.listen()
        yield listener
