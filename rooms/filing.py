"""The files of a call as a face sees them: sent from the disk, saved to it when a person says so.

Until then nothing of what others sent is on the disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from e2ee.file_chunks import ID_LENGTH, Content
from rooms import events
from rooms.file_errors import FileBusyError, FileError, FileNotSentError, FileUnknownError
from rooms.files import REMEMBERED
from rooms.own_files import open_to_send, place_for, read_to_send, write_new
from rooms.phases import Phase
from rooms.protocol import RoomProtocol


class Filing:
    """Implements `tui.ports.FilesPort`. `drain` passes on what the protocol makes of it.

    Listens to the events of its session.
    """

    def __init__(self, protocol: RoomProtocol, drain: Callable[[], None]) -> None:
        self._protocol = protocol
        self._drain = drain
        self._done: deque[events.FileDone] = deque(maxlen=REMEMBERED)
        self._reading: asyncio.Task[None] | None = None

    @property
    def here(self) -> Sequence[events.FileDone]:
        """The files others sent that can be saved, oldest first."""
        files = self._protocol.files
        if files is None:
            return []
        return [done for done in self._done if files.has(bytes.fromhex(done.file))]

    def send(self, path: str) -> str:
        """Have a file sent to everybody; return the id its events have.

        Raises `FileError` if it is clear that it cannot be; what turns out later comes as an event.
        """
        files = self._protocol.files
        if files is None or not self._inside:
            raise FileError("nobody would get the file: you are not in the room")
        if files.sending or (self._reading is not None and not self._reading.done()):
            raise FileBusyError("another file is still being sent", hint="wait until it is")
        descriptor, file_id = open_to_send(path), os.urandom(ID_LENGTH)
        sending = self._send(Path(path).name, descriptor, file_id)
        self._reading = asyncio.create_task(sending, name="file")
        return file_id.hex()

    def save(self, file: str, path: str = "") -> str:
        """Write a file that is here, by its id, and return where, in words.

        `path` is a new name or a folder; without it, the name it came with, in the folder one is
        in. Raises `FileError`: nothing is ever overwritten.
        """
        files = self._protocol.files
        done = next((done for done in self.here if done.file == file), None)
        content = files.read(bytes.fromhex(file)) if files is not None and done else None
        if done is None or content is None:
            raise FileUnknownError("this file is not here, or not any more")
        where = place_for(path, done.file_name)
        write_new(where, content)
        return os.fsencode(where.absolute()).decode(errors="replace")

    def on_event(self, event: events.AnyEvent) -> None:
        """Note which files have come."""
        if isinstance(event, events.FileDone) and not event.mine:
            self._done.append(event)

    async def close(self) -> None:
        """Send nothing more."""
        if self._reading is not None:
            self._reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reading

    @property
    def _inside(self) -> bool:
        return self._protocol.phase is Phase.INSIDE

    async def _send(self, name: str, descriptor: int, file_id: bytes) -> None:
        """Read and hash it beside the event loop: a disk may be slow, or far away."""
        try:
            content = await asyncio.to_thread(lambda: Content(read_to_send(descriptor), file_id))
            if not self._inside:
                raise FileNotSentError("the file was not sent: the connection broke")
        except FileError as error:
            self._protocol.out.report(error)
        else:
            self._protocol.send_file(name, content)
        self._drain()
