"""Files for what others said: their owner's only, and whole at any moment."""

from __future__ import annotations

import asyncio
import os
import stat
import tempfile
from pathlib import Path

from media.errors import DeviceError


class PrivateFile:
    """A file that only its owner reads: it holds what others said.

    It takes the place of an older one with its first bytes, and holds all that were put there from
    then on, however we end. Raises `DeviceError` at once when no file can be made there.
    """

    def __init__(self, path: Path) -> None:
        check_place(path)
        self._path = path
        self._descriptor = -1

    async def put(self, data: bytes) -> None:
        """Append bytes. Raises `DeviceError` when the disk is full or gone."""
        try:
            if self._descriptor < 0:
                self._path.unlink(missing_ok=True)
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
                self._descriptor = os.open(self._path, flags, 0o600)
            while data:
                data = data[os.write(self._descriptor, data) :]
        except OSError as error:
            raise cannot_be_written(self._path, error) from error

    async def begin_with(self, data: bytes) -> None:
        """Put other bytes in place of the first ones. Raises `DeviceError`."""
        try:
            os.pwrite(self._descriptor, data, 0)
        except OSError as error:
            raise cannot_be_written(self._path, error) from error

    async def close(self) -> None:
        """Have all of it on the disk and close the file, if there is one. Raises `DeviceError`."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor < 0:
            return
        try:
            await asyncio.to_thread(os.fsync, descriptor)
        except OSError as error:
            raise cannot_be_written(self._path, error) from error
        finally:
            os.close(descriptor)


def check_place(path: Path) -> None:
    """Raise `DeviceError` unless a file can be made there, in the place of another one perhaps."""
    try:
        if path.exists() and not stat.S_ISREG(path.stat().st_mode):
            raise DeviceError(f"{path} is no ordinary file", hint="use `-` for a pipe")
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise cannot_be_written(path, error) from error


def cannot_be_written(path: Path, error: OSError) -> DeviceError:
    """Return the error that says so."""
    why = error.strerror or "input/output error"
    return DeviceError(f"{path} cannot be written: {why}")
