"""Processes that end when we do, however we end: one group, and a guardian that ends it.

The guardian leads the group and reads from a pipe whose other end only we hold. When we are gone,
killed ones included, the pipe ends, and the guardian kills the group. A process that makes a group
or session of its own is out of its reach.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Final, Self

GUARDIAN: Final = ("/bin/sh", "-c", "trap '' HUP INT TERM; read -r line; kill -KILL 0")
"""Nothing of a command or an event ever comes into this line."""
STANDARD_ERROR: Final = 2


class ProcessGroup:
    """A context; when it ends, so does every process in it."""

    _guardian: asyncio.subprocess.Process

    async def __aenter__(self) -> Self:
        self._guardian = await asyncio.create_subprocess_exec(
            *GUARDIAN,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            process_group=0,
        )
        return self

    async def run(self, command: Sequence[str], data: bytes, env: Mapping[str, str]) -> int:
        """Run a program that gets `data` as its standard input; return its exit code.

        What it prints goes to our standard error. Raises `OSError` or `ValueError` if it cannot be
        started.
        """
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=STANDARD_ERROR,
            env=env,
            process_group=self._guardian.pid,
        )
        await process.communicate(data)
        return await process.wait()

    def terminate(self) -> None:
        """Ask all of them to end."""
        with contextlib.suppress(ProcessLookupError):
            if self._guardian.returncode is None:  # else the number may be another group's
                os.killpg(self._guardian.pid, signal.SIGTERM)

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        assert self._guardian.stdin is not None
        self._guardian.stdin.close()
        await self._guardian.wait()
