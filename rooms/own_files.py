"""Files of the person: those to be sent are read, those that came are written, over none."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from e2ee.file_chunks import MAX_FILE
from rooms.file_errors import (
    FileExistsHereError,
    FileTooLargeError,
    FileUnreadableError,
    FileUnwritableError,
)
from rooms.private_file import make_file

TOO_LARGE: Final = f"is larger than {MAX_FILE // 2**20} MiB, the most that can be sent"


def open_to_send(path: str) -> int:
    """Return a descriptor of an ordinary file that is not too large. Raises `FileError`."""
    try:
        # O_NONBLOCK: opening a named pipe does not wait for whoever writes into it.
        descriptor = os.open(os.path.expanduser(path), os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError) as error:
        raise FileUnreadableError(_why(f"{path} cannot be read", error)) from error
    status = os.fstat(descriptor)
    ordinary = stat.S_ISREG(status.st_mode)
    if ordinary and status.st_size <= MAX_FILE:
        return descriptor
    os.close(descriptor)
    if not ordinary:
        raise FileUnreadableError(f"{path} is no file that can be sent", hint="pack a folder first")
    raise FileTooLargeError(f"{path} {TOO_LARGE}")


def check_to_send(path: str) -> None:
    """Raise `FileError` if a file cannot be sent as it is now."""
    os.close(open_to_send(path))


def read_to_send(descriptor: int) -> bytes:
    """Return all that is in a file, and close it. Raises `FileError`: it may have grown."""
    with open(descriptor, "rb") as file:
        try:
            content = file.read(MAX_FILE + 1)
        except OSError as error:
            raise FileUnreadableError(_why("the file cannot be read", error)) from error
    if len(content) > MAX_FILE:
        raise FileTooLargeError(f"it {TOO_LARGE}")
    return content


def place_for(path: str, name: str) -> Path:
    """Return where a file goes: here by its name, into a folder by its name, or as `path` says."""
    given = Path(os.path.expanduser(path))
    return given / name if path.endswith("/") or os.path.isdir(given) else given


def write_new(path: Path, content: bytes) -> None:
    """Make a file (mode 0600) that is there whole or not at all. Raises `FileError`."""
    try:
        make_file(path, content)
    except FileExistsError as error:
        raise FileExistsHereError(
            f"{path} is there already, and stays as it is", hint="save it under another name"
        ) from error
    except (OSError, ValueError) as error:
        raise FileUnwritableError(_why(f"{path} cannot be written", error)) from error


def _why(text: str, error: OSError | ValueError) -> str:
    reason = error.strerror if isinstance(error, OSError) else "this is no name of a file"
    return f"{text}: {reason or 'unknown reason'}"
