"""Small secret files: readable by their owner only, and there whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from rooms.errors import SettingsError

MAX_FILE: Final = 64 * 1024
"""Most that is read, bytes; every key is far shorter."""

_OPEN_FILES: Final = "/proc/self/fd"


def read_or_make(path: Path, make: Callable[[], bytes], what: str) -> bytes:
    """Return what a file holds; if there is none, keep in it what `make` returns (mode 0600).

    Two processes that start at once both end up with the file of the first: `link` refuses to
    replace, where `rename` would not. Raises `SettingsError`, in which `what` names the content.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            with contextlib.suppress(FileExistsError):
                make_file(path, make())
        return read_private(path, what)
    except OSError as error:
        raise cannot("read or kept", what, path.parent, error) from error


def cannot(do: str, what: str, place: Path, error: OSError) -> SettingsError:
    """Return the error that says why the disk does not do as we want with `what`."""
    return SettingsError(
        f"{what} cannot be {do}: {error.strerror or 'unknown reason'}",
        hint=f"check the permissions of {place}",
    )


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


def make_file(path: Path, content: bytes) -> None:
    """Make a file (mode 0600) that is there whole or not at all.

    Raises `FileExistsError` if anything has its name, `OSError`.
    """
    with _written(path, content) as source:
        _link(source, path)


def replace_file(path: Path, content: bytes) -> None:
    """Put new content in place of a file (mode 0600), whole or not at all. Raises `OSError`."""
    with _written(path, content) as source:
        beside = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
        _link(source, beside)  # a file of no name cannot take a place; it has one for a moment
        try:
            os.replace(beside, path)
        except BaseException:
            os.unlink(beside)
            raise


@contextlib.contextmanager
def _written(path: Path, content: bytes) -> Iterator[str]:
    """Give what `_link` makes a file with some content from (mode 0600), on the disk already.

    It has no name, so nothing is left of it however we end; on file systems that cannot do so
    (NFS) it has one beside `path` until then.
    """
    descriptor, name = _unnamed(path.parent) or tempfile.mkstemp(
        dir=path.parent, prefix=f".{path.name}-"
    )
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            yield name
    finally:
        if not name.startswith(_OPEN_FILES):
            os.unlink(name)


def _unnamed(folder: Path) -> tuple[int, str] | None:
    """Open a new file that has no name; None where there is no such thing. Raises `OSError`."""
    if not os.path.isdir(_OPEN_FILES):
        return None
    try:
        descriptor = os.open(folder, os.O_TMPFILE | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    except OSError as error:
        if error.errno in (errno.EOPNOTSUPP, errno.EISDIR):
            return None
        raise
    return descriptor, f"{_OPEN_FILES}/{descriptor}"


def _link(source: str, path: Path) -> None:
    """Give a file another name, if that is free. Raises `OSError`."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        # Only with a folder given does Python follow the link by which an open file is reached.
        os.link(source, path.name, dst_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(folder)
