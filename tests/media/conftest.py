"""People whose media really meets: through the embedded engine, on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

import pytest

from media import control
from media.call import MediaCall
from media.engine.embedded_admin import EmbeddedAdmin
from media.engine.embedded_session import EmbeddedSession
from media.port import MediaPort

E = TypeVar("E")


class Person:
    """A call or a media process, and every event it gave."""

    def __init__(self, admin: EmbeddedAdmin, leaf: int) -> None:
        self.admin = admin
        self.leaf = leaf
        self.events: list[control.Event] = []
        self.port: MediaPort | None = None
        self.engine = EmbeddedSession()
        self.call = MediaCall(self.engine, self.heard_of)
        self._changed = asyncio.Event()

    def heard_of(self, event: control.Event) -> None:
        self.events.append(event)
        self._changed.set()

    async def do(self, *commands: control.Command) -> None:
        for command in commands:
            if self.port is None:
                await self.call.handle(command)
            else:
                self.port.send(command)

    async def until(
        self, kind: type[E], matches: Callable[[E], bool] = lambda _event: True, *, after: int = 0
    ) -> E:
        """Return the first such event from number `after` on, waiting for it."""
        async with asyncio.timeout(10):
            while True:
                for event in self.events[after:]:
                    if isinstance(event, kind) and matches(event):
                        return event
                self._changed.clear()
                await self._changed.wait()

    def count(self, kind: type[E]) -> int:
        return sum(isinstance(event, kind) for event in self.events)

    async def join(self, **configure: object) -> None:
        """Configure (silent and dark unless told otherwise), offer, connect."""
        quiet = {"audio_in": "none", "audio_out": "none", "video_in": "none"}
        await self.do(control.Configure(**{**quiet, **configure}))
        offered = await self.until(control.Offered)
        answer = await self.admin.join("room", self.leaf + 1, offered.offer)
        await self.do(control.Connect(answer))
        await self.until(control.Connected)

    async def key(
        self,
        epoch: int,
        members: set[int],
        *,
        send_after: float = 0.0,
        secret: int = 0,
        joined: frozenset[int] = frozenset(),
        anew: bool = False,
    ) -> None:
        base_key = (epoch * 256 + secret).to_bytes(16, "big")
        command = control.InstallKey(
            epoch, base_key, self.leaf, frozenset(members), send_after, joined, anew
        )
        await self.do(command)

    async def end(self) -> None:
        if self.port is not None:
            await self.port.close()
        await self.call.handle(control.Shutdown())


class Room:
    """A server's engine and the people whose media it forwards."""

    def __init__(self) -> None:
        self.admin = EmbeddedAdmin(["127.0.0.1"])
        self.people: list[Person] = []
        self.packets: list[bytes] = []
        self.admin.tap = self.packets.append

    def person(self) -> Person:
        person = Person(self.admin, len(self.people))
        self.people.append(person)
        return person


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    room = Room()
    await room.admin.start()
    yield room
    for person in room.people:
        await person.end()
    await room.admin.close()
