"""Events of files sent in a room. Names are free of control characters and of folders. Pure."""

from __future__ import annotations

from typing import Literal, TypedDict

from rooms.event import Event

FileFailure = Literal["incomplete", "disconnected", "no_room"]


class FileFields(TypedDict):
    """What all of them say."""

    file: str
    number: int
    leaf: int
    name: str
    file_name: str
    size: int
    mine: bool


class FileEvent(Event, frozen=True, kw_only=True):
    """What all of them say: whose file it is, what it is called, and its size in bytes.

    `file` is its id, `number` counts the files of this call: either says which one to save.
    """

    file: str
    number: int
    leaf: int
    name: str
    file_name: str
    size: int
    mine: bool = False


class FileOffered(FileEvent, frozen=True, kw_only=True, tag="file_offered"):
    """A file is being sent to everybody."""


class FileProgress(FileEvent, frozen=True, kw_only=True, tag="file_progress"):
    """So many bytes of it have been sent, or have come; told now and then."""

    done: int


class FileDone(FileEvent, frozen=True, kw_only=True, tag="file_done"):
    """All of it is there: ours at the server, which passes it on; another's here, to be saved."""


class FileFailed(FileEvent, frozen=True, kw_only=True, tag="file_failed"):
    """Not all of it came, and no more will.

    `incomplete`: pieces of it are missing, or it is not what was announced. `disconnected`: the
    connection broke, or we leave. `no_room`: too many others come at the same time.
    """

    reason: FileFailure
