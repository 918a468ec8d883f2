"""A driver that ends with its terminal: a window that is closed must not hang the call."""

from __future__ import annotations

from typing import IO, Any

from textual.drivers.linux_driver import LinuxDriver


class LastingFile:
    """A terminal to write to that swallows what comes after it is gone.

    Textual writes from a thread that dies of the first error, after which whoever writes waits
    for room in its queue for ever; with this, the thread lives on and the queue drains.
    """

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self.gone = False

    def write(self, text: str) -> None:
        """Write text while there is a terminal."""
        self._attempt(self._file.write, text)

    def flush(self) -> None:
        """Flush what was written while there is a terminal."""
        self._attempt(self._file.flush)

    def fileno(self) -> int:
        """Return the descriptor of the terminal."""
        return self._file.fileno()

    def isatty(self) -> bool:
        """Return whether this is a terminal."""
        return self._file.isatty()

    def _attempt(self, write: Any, *args: str) -> None:
        if not self.gone:
            try:
                write(*args)
            except (OSError, ValueError):
                self.gone = True


class TerminalDriver(LinuxDriver):
    """Textual's driver for a terminal that may be gone before the application is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._file: Any = LastingFile(self._file)
