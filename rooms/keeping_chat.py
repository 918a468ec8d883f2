"""Keeps what is written in a call, and tells what was kept of earlier ones, if that is wanted.

Files are read and written beside the event loop, in the order of the lines.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from e2ee.errors import SottovoceError
from rooms import events
from rooms.chat_events import KeptLine
from rooms.kept_chat import KeptChat


class KeepingChat:
    """One call's lines, kept under `room`. Without a `chat` nothing is read or written.

    `tell` is told, once, if they cannot be kept: the call goes on.
    """

    def __init__(
        self, room: str, chat: KeptChat | None, tell: Callable[[events.AnyEvent], None]
    ) -> None:
        self._room = room
        self._chat = chat
        self._tell = tell
        self._lines: asyncio.Queue[KeptLine | None] = asyncio.Queue()
        self._working: asyncio.Task[None] | None = None

    def on_event(self, event: events.AnyEvent) -> None:
        """Begin once we are in the room, then keep each line; to be registered as a listener."""
        match event:
            case events.Joined() if self._chat is not None:
                self._working = asyncio.create_task(self._work(self._chat), name="kept chat")
            case events.ChatReceived() if self._working is not None and not self._working.done():
                kept = KeptLine(name=event.name, text=event.text, sent=event.sent, mine=event.mine)
                self._lines.put_nowait(kept)

    async def close(self) -> None:
        """Keep what is still to be kept."""
        if self._working is not None:
            self._lines.put_nowait(None)
            await self._working

    async def _work(self, chat: KeptChat) -> None:
        try:
            before = await asyncio.to_thread(chat.last, self._room)
            if before:
                self._tell(events.ChatHistory(lines=before))
            while (line := await self._lines.get()) is not None:
                await asyncio.to_thread(chat.add, self._room, line)
        except SottovoceError as error:
            self._tell(events.ErrorEvent.of(error))
