"""Sessions joined to one real server on loopback: real sockets, real ICE, real DTLS."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest

from media.engine.embedded_admin import EmbeddedAdmin
from media.engine.embedded_session import EmbeddedSession
from media.engine.ports import EncryptedFrame, MediaAnswer, MediaOffer

ROOM = "room"


@dataclass
class Peer:
    """A session and what it was called back with."""

    number: int
    session: EmbeddedSession = field(default_factory=EmbeddedSession)
    frames: list[EncryptedFrame] = field(default_factory=list)
    requests: int = 0
    closed: list[str] = field(default_factory=list)
    offer: MediaOffer | None = None
    answer: MediaAnswer | None = None

    def __post_init__(self) -> None:
        self.session.on_frame = self.frames.append
        self.session.on_closed = self.closed.append
        self.session.on_key_frame_request = self._requested

    def _requested(self) -> None:
        self.requests += 1

    def payloads(self, kind: str) -> set[bytes]:
        """Payloads of every frame received of one kind."""
        return {frame.payload for frame in self.frames if frame.kind == kind}


@dataclass
class Call:
    """One server and its sessions."""

    admin: EmbeddedAdmin
    peers: list[Peer] = field(default_factory=list)

    async def join(self, room: str = ROOM) -> Peer:
        """Connect one more session and wait until the server forwards for it."""
        peer = Peer(len(self.peers) + 1)
        self.peers.append(peer)
        peer.offer = await peer.session.offer()
        peer.answer = await self.admin.join(room, peer.number, peer.offer)
        await peer.session.connect(peer.answer)
        await self.until(lambda: peer.number in self.admin.participants(room))
        return peer

    @staticmethod
    async def until(condition: Callable[[], bool], *, seconds: float = 5.0) -> None:
        """Wait until a condition holds; fail after `seconds`."""
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.005)

    @staticmethod
    async def repeat(send: Callable[[], None], condition: Callable[[], bool]) -> None:
        """Send something every 20 ms until a condition holds."""
        async with asyncio.timeout(5.0):
            while not condition():
                send()
                await asyncio.sleep(0.02)

    @staticmethod
    async def settle() -> None:
        """Let everything under way on loopback arrive: the loop reads one datagram a turn."""
        await asyncio.sleep(0.01)
        for _ in range(500):
            await asyncio.sleep(0)


@pytest.fixture
async def call() -> AsyncIterator[Call]:
    """A started server; closed with all its sessions at the end, without leaving a task."""
    before = asyncio.all_tasks()
    admin = EmbeddedAdmin(["127.0.0.1"])
    await admin.start()
    made = Call(admin)
    yield made
    for peer in made.peers:
        await peer.session.close()
    await admin.close()
    known = before | {asyncio.current_task()}
    with contextlib.suppress(TimeoutError):
        await made.until(lambda: asyncio.all_tasks() <= known, seconds=1.0)
    assert asyncio.all_tasks() <= known
