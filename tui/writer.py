"""Writes lines that somebody reads slowly, or not at all, without holding up anything else.

A full pipe holds up whoever writes into it, and standard output must not be made non-blocking: it
is shared with whoever started us. So a thread writes, and the lines wait for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import threading
from collections.abc import Callable
from io import UnsupportedOperation
from typing import Final, TextIO

MOST: Final = 4096
"""Lines that may wait for a slow reader."""
PATIENCE: Final = 1.0
"""Seconds a slow reader has at the end."""


class Writer:
    """Writes on `file`; `lost` is told, in the event loop and once, why it no longer can."""

    def __init__(
        self, file: TextIO, lost: Callable[[Exception], None], *, encoding: str = "utf-8"
    ) -> None:
        self.error: Exception | None = None
        self._file = file
        self._encoding = encoding
        self._lost = lost
        self._loop = asyncio.get_running_loop()
        self._lines: queue.Queue[str | None] = queue.Queue(MOST)
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def write(self, line: str) -> None:
        """Write a line as soon as it can be."""
        if self.error is None:
            try:
                self._lines.put_nowait(line)
            except queue.Full:
                self._fail(TimeoutError("what is written is not read"))

    async def close(self) -> None:
        """Return when all is written, or has waited long enough; `error` says if any was not."""
        with contextlib.suppress(queue.Full):
            self._lines.put_nowait(None)
            await asyncio.to_thread(self._thread.join, PATIENCE)
        if self._thread.is_alive():
            self._fail(TimeoutError("what is written is not read"))

    def _run(self) -> None:
        try:
            while (line := self._lines.get()) is not None:
                self._put(f"{line}\n")
        except (OSError, ValueError) as error:  # ValueError: it was closed
            with contextlib.suppress(RuntimeError):  # the event loop is gone
                self._loop.call_soon_threadsafe(self._fail, error)

    def _put(self, text: str) -> None:
        try:
            descriptor = self._file.fileno()
        except UnsupportedOperation:  # a file in memory
            self._file.write(text)
            return
        # Not through the file's buffer: whoever ends would wait for a thread that holds its lock.
        data = text.encode(self._encoding, errors="replace")
        while data:
            data = data[os.write(descriptor, data) :]

    def _fail(self, error: Exception) -> None:
        if self.error is None:
            self.error = error
            self._lost(error)
