"""Files sent into a room one after the other, each followed until it has been delivered.

Delivered is a file all of which the room's server has taken, to be passed on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from rooms.events import AnyEvent, ErrorEvent, FileDone, FileFailed, FileOffered, FileProgress
from rooms.file_errors import FileNotSentError, FileTooLargeError, FileUnreadableError
from tui.delivery import NotDeliveredError, NotSentError
from tui.file_words import came_of
from tui.ports import CallPort

News = FileOffered | FileProgress | FileDone | FileFailed | ErrorEvent
REFUSALS = ("file.", "room.policy")
"""How the codes of errors begin that are about a file we want to send."""


_ERRORS = {
    error.code: error for error in (FileNotSentError, FileTooLargeError, FileUnreadableError)
}


class FileDelivery:
    """Sends files in a call we are in. `patience`: seconds in which something of one has to go."""

    def __init__(self, call: CallPort, *, patience: float | None = None) -> None:
        self._call = call
        self._patience = patience
        self._news: asyncio.Queue[News] = asyncio.Queue()
        call.listen(self._on_event)

    async def send(self, paths: Sequence[str]) -> None:
        """Send all files; return when they are delivered.

        Raises `FileError` or `NotSentError` for one that cannot be sent, `FileNotSentError`,
        `NotDeliveredError`.
        """
        for path in paths:
            file = self._call.files.send(path)
            while not self._is_there(file, await self._next()):
                pass

    def _is_there(self, file: str, news: News) -> bool:
        match news:
            case ErrorEvent():
                raise _ERRORS.get(news.code, NotSentError)(news.message, hint=news.hint)
            case FileFailed() if news.file == file:
                raise FileNotSentError(came_of(news).removesuffix("."), hint="send it again")
            case _:
                return isinstance(news, FileDone) and news.file == file

    async def _next(self) -> News:
        try:
            return await asyncio.wait_for(self._news.get(), self._patience)
        except TimeoutError:
            raise NotDeliveredError(
                f"nothing of the file was delivered for {self._patience:g} s",
                hint="the connection, or the others' keys, may be the reason",
            ) from None

    def _on_event(self, event: AnyEvent) -> None:
        match event:
            case FileOffered() | FileProgress() | FileDone() | FileFailed() if event.mine:
                self._news.put_nowait(event)
            case ErrorEvent() if event.code.startswith(REFUSALS):
                self._news.put_nowait(event)
            case _:
                pass
