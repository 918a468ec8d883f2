"""Saves the room of a call: once we are in it, and when the call is over.

The file is written beside the event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from e2ee.errors import SottovoceError
from rooms import events
from rooms.saved_rooms import RoomsFile


class Remembering:
    """One call's entry in the list of rooms. Without a file nothing is kept.

    `tell` is told, once, if the room cannot be saved: the call goes on.
    """

    def __init__(
        self, link: str, rooms: RoomsFile | None, tell: Callable[[events.AnyEvent], None]
    ) -> None:
        self._link = link
        self._file = rooms
        self._tell = tell
        self._hosts: dict[str, None] = {}
        self._mine = False
        self._saving: asyncio.Task[None] | None = None

    def on_event(self, event: events.AnyEvent) -> None:
        """Follow who hosts; to be registered as a listener."""
        match event:
            case events.Joined():
                self._met(event.participants)
                self._save()
            case events.ParticipantJoined():
                self._met([event.participant])

    async def close(self) -> None:
        """Save that we were in the room until now, if we were in it."""
        if self._saving is not None:
            await self._saving
            self._save()
            await self._saving

    def _met(self, people: Sequence[events.Participant]) -> None:
        hosts = [person for person in people if person.role == "host"]
        self._mine = self._mine or any(host.me for host in hosts)
        self._hosts |= dict.fromkeys(host.name for host in hosts if not host.me)

    def _save(self) -> None:
        if self._file is not None:
            self._saving = asyncio.create_task(self._write(self._file), name="saved room")

    async def _write(self, file: RoomsFile) -> None:
        seen = self._link, list(self._hosts), events.utc_now()
        try:
            await asyncio.to_thread(file.seen, *seen, mine=self._mine)
        except SottovoceError as error:
            self._file = None
            self._tell(events.ErrorEvent.of(error))
