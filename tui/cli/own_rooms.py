"""The person's rooms and the ways into a call, for the screen that shows them.

What a call needs is loaded when the first one opens, and never before something is drawn.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Final

from tui.cli.face import load
from tui.cli.options import CallOptions
from tui.cli.place import Place
from tui.conduct import Opener, RunningCall
from tui.ports import Destination, RoomLine

if TYPE_CHECKING:
    from e2ee.identity import Identity
    from rooms.saved_rooms import RoomsFile

_COMMAND: Final = re.compile(r"^\s*(?:\$\s*)?sotto\s+join\s+")
"""What stands before a link that was copied with its command."""


class OwnRooms:
    """Implements `tui.ports.RoomsPort`. `options` and `identity` are those of every call."""

    def __init__(self, options: CallOptions, identity: Identity | None = None) -> None:
        self._options = options
        self._identity = identity

    # --- the list ---

    async def saved(self) -> Sequence[RoomLine]:
        """Return the rooms the person was in, that which was seen last first."""
        return await asyncio.to_thread(_lines)

    async def rename(self, room: str, name: str) -> None:
        """Give a saved room a name, or take it away."""
        await asyncio.to_thread(lambda: _file().rename(room, name))

    async def forget(self, room: str) -> None:
        """Take a room out of the list."""
        await asyncio.to_thread(lambda: _file().forget(room))

    async def count(self, room: str) -> int:
        """Ask the server of a saved room how many are in it."""
        saved = await asyncio.to_thread(lambda: _file().find(room))
        await asyncio.to_thread(import_module, "rooms.counting")
        from e2ee.link import Link
        from rooms.counting import count
        from rooms.own_ledger import own_ledger

        return await count(Link.parse(saved.link), own_ledger())

    async def where(self, link: str) -> Destination:
        """Say where a link leads. Nobody is asked."""
        return await asyncio.to_thread(self._where, _link_in(link))

    async def ask_link(self, room: str, server: str, words: str) -> str:
        """Prove a passcode to the host of a room; return the link the host gives."""
        await load("by_name")
        from tui.cli import by_name

        return await by_name.link_for(room, server, words)

    def _where(self, text: str) -> Destination:
        from e2ee.link import Link, local_id
        from rooms.destination import destination
        from rooms.people_file import PeopleFile
        from rooms.settings import Settings

        link, settings = Link.parse(text), Settings.load()
        key = (self._identity or settings.own_identity()).public_blob
        saved = {room.id: room.title for room in _file().load()}
        return destination(
            link,
            PeopleFile.own().load(),
            key,
            name=self._options.name or settings.name,
            title=saved.get(local_id(link.secret), ""),
        )

    # --- the ways into a call ---

    def enter(self, room: str) -> Opener:
        """Return what opens a saved room."""

        @contextlib.asynccontextmanager
        async def opener() -> AsyncIterator[RunningCall]:
            saved = await asyncio.to_thread(lambda: _file().find(room))
            async with self.join(saved.link)() as call:
                yield call

        return opener

    def join(self, link: str) -> Opener:
        """Return what knocks at the room of a link."""

        @contextlib.asynccontextmanager
        async def opener() -> AsyncIterator[RunningCall]:
            await load("backend")
            from tui.cli import backend

            yield backend.join(_link_in(link), self._options, self._identity)

        return seated(opener)

    def create(self, server: str) -> Opener:
        """Return what opens a new room: on a server, or, if empty, on one run here meanwhile."""

        @contextlib.asynccontextmanager
        async def opener() -> AsyncIterator[RunningCall]:
            await load("serving", "backend")
            from tui.cli import backend, serving

            async with serving.reaching(server or None, Place()) as address:
                yield backend.host(address, self._options, self._identity, lasting=bool(server))

        return seated(opener)


def seated(opener: Opener) -> Opener:
    """Return an opener whose call other terminals of the person reach, while it is open.

    Without a place for its socket the call goes on all the same: whoever looks for it is told.
    """

    @contextlib.asynccontextmanager
    async def opened() -> AsyncIterator[RunningCall]:
        from tui.ctl.errors import NoSocketError
        from tui.ctl.seats import Seat
        from tui.ctl.serving import reachable

        async with contextlib.AsyncExitStack() as stack:
            found = opener
            with contextlib.suppress(NoSocketError):
                found = reachable(opener, stack.enter_context(contextlib.closing(Seat.take())))
            yield await stack.enter_async_context(found())

    return opened


def _link_in(text: str) -> str:
    """Return the link in what was pasted, which may be the whole command somebody sent."""
    return _COMMAND.sub("", text)


def _file() -> RoomsFile:
    from rooms.saved_rooms import RoomsFile

    return RoomsFile.own()


def _lines() -> Sequence[RoomLine]:
    return [
        RoomLine(room.id, room.title, room.server, room.last_seen, room.hosts, room.mine)
        for room in _file().load()
    ]
