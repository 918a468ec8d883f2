"""Where running calls are found: `N.sock` in a folder only this person can enter, N from 1 on.

The folder is opened once, looked at, and everything in it reached through that descriptor: nobody
can put another folder in its place in between. Light to import: a command waits for it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import stat
import struct
from collections.abc import Iterator

from rooms.folders import runtime_folder
from tui.ctl.errors import NoSocketError

MAX_CALLS = 99
BACKLOG = 16
SUFFIX = ".sock"
_CREDENTIALS = struct.Struct("3i")
"""`struct ucred` of unix(7): pid, uid, gid."""


class Seat:
    """The place one call is found at: its number, and the socket that listens there."""

    def __init__(self, folder: int, number: int, listener: socket.socket) -> None:
        self.number = number
        self.listener = listener
        self._folder = folder

    @classmethod
    def take(cls) -> Seat:
        """Take the lowest number that is free, having cleaned up after calls that were killed.

        Raises `NoSocketError`.
        """
        with _explained("other terminals cannot reach this call"):
            folder = _open_folder(make=True)
            try:
                return cls(folder, *_take(folder))
            except BaseException:
                os.close(folder)
                raise

    def leave(self) -> None:
        """Be found no more. To be called before the socket is closed, after which it is stale."""
        if self._folder < 0:
            return
        with contextlib.suppress(OSError):
            os.unlink(_name(self.number), dir_fd=self._folder)
        os.close(self._folder)
        self._folder = -1

    def close(self) -> None:
        """Leave, and listen no more."""
        self.leave()
        self.listener.close()


def running_calls() -> dict[int, socket.socket]:
    """Return a connection to each call of this person, by number, having cleaned up the dead.

    Raises `NoSocketError`.
    """
    with _explained("calls cannot be looked for"):
        try:
            folder = _open_folder(make=False)
        except FileNotFoundError:
            return {}
        try:
            with _alone_in(folder):
                return _connections(folder)
        finally:
            os.close(folder)


def is_own(connection: socket.socket) -> bool:
    """Whether the process at the other end is of this person, by what the kernel says."""
    told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return bool(_CREDENTIALS.unpack(told)[1] == os.geteuid())


@contextlib.contextmanager
def _explained(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise NoSocketError(f"{what}: {reason}", hint=f"look at {runtime_folder()}") from error


def _open_folder(*, make: bool) -> int:
    """Open the folder. Raises `OSError`, and `NoSocketError` if others can enter it."""
    path = runtime_folder()
    if make:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.mkdir(path, 0o700)
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    status = os.fstat(folder)
    if status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & 0o077:
        os.close(folder)
        raise NoSocketError(
            "the folder of running calls is not yours alone", hint=f"run: chmod 700 {path}"
        )
    return folder


@contextlib.contextmanager
def _alone_in(folder: int) -> Iterator[None]:
    """Keep other processes from taking or cleaning seats; the kernel lets go if we die."""
    fcntl.flock(folder, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(folder, fcntl.LOCK_UN)


def _take(folder: int) -> tuple[int, socket.socket]:
    with _alone_in(folder):
        others = _connections(folder)
        for connection in others.values():
            connection.close()
        number = next((n for n in range(1, MAX_CALLS + 1) if n not in others), None)
        if number is None:
            raise NoSocketError(f"there are {MAX_CALLS} calls already", hint="end some of them")
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            os.fchmod(listener.fileno(), 0o600)  # what it is bound to is made with this mode
            listener.bind(_address(folder, number))
            listener.listen(BACKLOG)
        except OSError:
            listener.close()
            raise
    return number, listener


def _connections(folder: int) -> dict[int, socket.socket]:
    """Connect to every call; unlink what nobody listens at. To be called alone in the folder."""
    found = {}
    for number in sorted(_numbers(folder)):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.setblocking(False)  # a call that takes no connection must not stop us
        try:
            connection.connect(_address(folder, number))
        except BlockingIOError:
            pass  # it lives, and more connections wait than it takes: it will not answer
        except (ConnectionRefusedError, FileNotFoundError):
            connection.close()
            with contextlib.suppress(FileNotFoundError):  # it has just left by itself
                os.unlink(_name(number), dir_fd=folder)
            continue
        found[number] = connection
    return found


def _numbers(folder: int) -> Iterator[int]:
    for name in os.listdir(folder):
        number = name.removesuffix(SUFFIX)
        if number.isascii() and number.isdecimal() and name == _name(int(number[:9])):
            yield int(number)


def _name(number: int) -> str:
    return f"{number}{SUFFIX}"


def _address(folder: int, number: int) -> str:
    """Name a socket in an open folder, however long the folder's own name is."""
    return f"/proc/self/fd/{folder}/{_name(number)}"
