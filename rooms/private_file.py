"""Small secret files: readable by their owner only, and there whole or not at all."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from rooms.errors import SettingsError

MAX_FILE: Final = 64 * 1024
"""Most that is read, bytes; every key is far shorter."""


def read_or_make(path: Path, make: Callable[[], bytes], what: str) -> bytes:
    """Return what a file holds; if there is none, keep in it what `make` returns (mode 0600).

    Two processes that start at once both end up with the file of the first: `link` refuses to
    replace, where `rename` would not. Raises `SettingsError`, in which `what` names the content.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _write_once(path, make())
        return read_private(path, what)
    except OSError as error:
        raise SettingsError(
            f"{what} cannot be read or kept: {error.strerror or 'unknown reason'}",
            hint=f"check the permissions of {path.parent}",
        ) from error


def read_private(path: Path, what: str, most: int = MAX_FILE) -> bytes:
    """Return what a file of ours holds that nobody else can read, at most so many bytes of it.

    Checks the very file that is read: whoever else may write in the folder cannot swap it.
    Raises `SettingsError`, in which `what` names the content, and `OSError`.
    """
    # O_NONBLOCK: opening a named pipe somebody put there does not wait for its writer.
    with open(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb") as file:
        check_private(file.fileno(), path, what)
        return file.read(most)


def check_private(descriptor: int, path: Path, what: str) -> None:
    """Raise `SettingsError` unless an open file is an ordinary one of ours, only for us."""
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
        raise SettingsError(f"{what} is not a file of yours", hint=f"look at {path}")
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise SettingsError(f"{what} can be read by others", hint=f"run: chmod 600 {path}")


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Change files in a folder, made if need be, while no other process of ours does.

    Waits for the lock, which is the folder's own: no file is left behind. Raises `OSError`.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _write_once(path: Path, content: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-") as file:  # 0600
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(file.name, path)


def replace_file(path: Path, content: bytes) -> None:
    """Put new content in place of a file (mode 0600), whole or not at all. Raises `OSError`."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # 0600
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise
