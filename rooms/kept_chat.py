"""What was written in a person's rooms, for the next time: a file a room, for nobody else's eyes.

Kept only by whoever wants it (the setting `keep_chat`). Neither a file's name nor what is in it
tells the room's link or number. Answers and reactions are not kept as such.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from rooms.chat_events import KeptLine
from rooms.errors import SettingsError
from rooms.folders import state_folder
from rooms.private_file import alone, check_private, replace_file
from rooms.text import clean_chat, clean_name

FOLDER: Final = "chat"
WHAT: Final = "what was written in this room"
SHOWN: Final = 100
"""Lines that are read back."""
MAX_FILE: Final = 4 << 20
"""Bytes of one room; when they are used up, the older half is dropped."""

_decoder = msgspec.json.Decoder(KeptLine)


@dataclass(frozen=True, slots=True)
class KeptChat:
    """The folder of these files. Rooms are named by `SavedRoom.id`.

    Every call reads or writes the disk and may wait for a lock. Raises `SettingsError` for what
    is not a file of ours that only we can read, and lets it be.
    """

    folder: Path

    @classmethod
    def own(cls) -> KeptChat:
        """Return this person's."""
        return cls(state_folder() / FOLDER)

    def last(self, room: str) -> list[KeptLine]:
        """Return the last lines of a room, oldest first; what cannot be read is left out."""
        with _explained("read"), contextlib.suppress(FileNotFoundError):
            self._check_folder()
            with self._open(room) as file:
                written = file.read().splitlines()
            lines = filter(None, map(_line, reversed(written)))
            return list(itertools.islice(lines, SHOWN))[::-1]
        return []

    def add(self, room: str, line: KeptLine) -> None:
        """Append a line; what does not fit on the disk is not there in part either."""
        data = msgspec.json.encode(line) + b"\n"
        with _explained("kept"), alone(self.folder.parent):
            self.folder.mkdir(mode=0o700, exist_ok=True)
            self._check_folder()
            with self._open(room, os.O_CREAT) as file:
                size = file.seek(0, os.SEEK_END)
                if size + len(data) <= MAX_FILE:
                    _append(file, data, size)
                    return
                file.seek(0)
                kept = (file.read() + data)[-MAX_FILE // 2 :]
            replace_file(self._path(room), kept.partition(b"\n")[2])

    def forget(self, room: str) -> None:
        """Delete the lines of a room, if there are any. Raises `OSError`.

        To be called while nobody else changes what is beside the folder (`alone`).
        """
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            self._path(room).unlink()

    def _path(self, room: str) -> Path:
        return self.folder / f"{room}.jsonl"

    def _check_folder(self) -> None:
        status = self.folder.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
            raise SettingsError(f"{self.folder} is not a folder of yours", hint="move it away")
        if stat.S_IMODE(status.st_mode) & 0o077:
            hint = f"run: chmod 700 {self.folder}"
            raise SettingsError(f"{self.folder} is open to others", hint=hint)

    def _open(self, room: str, create: int = 0) -> BinaryIO:
        path = self._path(room)
        # Without buffer: that would want to seek in a named pipe before we see that it is one.
        flags = os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW | create
        file = open(os.open(path, flags, 0o600), "r+b", buffering=0)  # noqa: SIM115
        try:
            check_private(file.fileno(), path, WHAT)
        except BaseException:
            file.close()
            raise
        return file


def _append(file: BinaryIO, data: bytes, size: int) -> None:
    if file.write(data) < len(data):
        file.truncate(size)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _line(data: bytes) -> KeptLine | None:
    try:
        line = _decoder.decode(data)
    except (ValueError, msgspec.MsgspecError, RecursionError):
        return None
    return msgspec.structs.replace(line, name=clean_name(line.name), text=clean_chat(line.text))


@contextlib.contextmanager
def _explained(do: str) -> Iterator[None]:
    """Say in one line why the disk does not do as we want."""
    try:
        yield
    except OSError as error:
        why = "it is a link" if error.errno == errno.ELOOP else error.strerror or "unknown reason"
        raise SettingsError(
            f"{WHAT} cannot be {do}: {why}", hint=f"look at {error.filename or 'the disk'}"
        ) from error
