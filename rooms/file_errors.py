"""Errors of sending and saving files; each has a code of its own, and none says what is in one."""

from __future__ import annotations

from e2ee.errors import Fault
from rooms.errors import RoomsError


class FileError(RoomsError):
    """Base of them. What a person asked for cannot be done."""

    code = "file.failed"
    fault = Fault.PERSON


class FileTooLargeError(FileError):
    """It is larger than what can be sent."""

    code = "file.too_large"


class FileUnreadableError(FileError):
    """It is not there, or cannot be read, or is no ordinary file."""

    code = "file.unreadable"


class FileNotSentError(FileError):
    """The connection broke before the server had all of it."""

    code = "file.not_sent"


class FileBusyError(FileError):
    """Another one is still being sent."""

    code = "file.busy"


class FileUnknownError(FileError):
    """No file of the call is meant, or it is not here: not yet, not any more, or it is our own."""

    code = "file.unknown"


class FileExistsHereError(FileError):
    """Something has the name it was to be saved under; nothing is ever overwritten."""

    code = "file.exists"


class FileUnwritableError(FileError):
    """It cannot be saved where it was to be."""

    code = "file.unwritable"
