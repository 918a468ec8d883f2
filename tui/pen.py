"""Writes whole lines, one after the other, around a line that is being typed.

What is typed on a terminal shares its last line with what is written there. Left to the terminal
(its cooked mode) a line that comes meanwhile lands behind half a word: "helAda: good morning". The
terminal still has the word, but who listens to lines hears nonsense, and nobody can ask the
terminal whether anything is typed. Editors that draw their line again and again are worse: a
screen reader reads each repetition. So we take the keys, echo them with the bytes the terminal
itself would use (`TypedLine`), and let lines wait while something is typed: until it is sent, or
nothing is typed for a moment, or too much waits. Only then is a typed line broken off, and its
beginning is said again on a line of its own, where typing goes on. Nothing is ever rewritten.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Final, TextIO

from tui.typed_line import TypedLine

PAUSE: Final = 4.0
"""Seconds without a key after which lines wait no longer."""
LONGEST: Final = 20.0
"""Seconds a line waits at most."""
MOST: Final = 20
"""Lines that wait at most."""
AGAIN: Final = "You were typing: "
_CONTROLS: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


class Pen:
    """Writes on `file`, a terminal if keys are taken; `lost` is told why it no longer can."""

    def __init__(
        self,
        file: TextIO,
        lost: Callable[[Exception], None],
        *,
        pause: float = PAUSE,
        longest: float = LONGEST,
    ) -> None:
        self._file = file
        self._lost = lost
        self._pause, self._longest = pause, longest
        self._typed = TypedLine()
        self._waiting: list[str] = []
        self._since = self._last_key = 0.0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def ended(self) -> bool:
        """Whether the end of the input was typed."""
        return self._typed.ended

    def write(self, text: str, *, urgent: bool = False) -> None:
        """Write a text of whole lines; while something is typed it waits, unless it is `urgent`."""
        if not self._typed.text:
            self._put(f"{_harmless(text)}\n")
            return
        if not self._waiting:
            self._since = asyncio.get_running_loop().time()
        self._waiting += _harmless(text).split("\n")
        if urgent or len(self._waiting) >= MOST:
            self._break_off()
        elif self._timer is None:
            self._look()

    def keys(self, data: bytes) -> list[str]:
        """Take what was typed; return the lines that are complete."""
        self._last_key = asyncio.get_running_loop().time()
        echo, lines = self._typed.feed(data)
        self._put(echo)
        if not self._typed.text:
            self._put(self._taken())
        return lines

    def close(self) -> None:
        """Write what waits, and end a line that was being typed."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        left = self._typed.text and "\n"
        self._typed = TypedLine()
        self._put(f"{left}{self._taken()}")

    def _look(self) -> None:
        """Break off a typed line if lines have waited long enough; look again in time if not."""
        self._timer = None
        if not self._waiting:
            return
        loop = asyncio.get_running_loop()
        due = min(self._last_key + self._pause, self._since + self._longest)
        if loop.time() >= due:
            self._break_off()
        else:
            self._timer = loop.call_at(due, self._look)

    def _break_off(self) -> None:
        self._put(f"\n{self._taken()}{AGAIN}{self._typed.text}")

    def _taken(self) -> str:
        waiting, self._waiting = self._waiting, []
        return "".join(f"{line}\n" for line in waiting)

    def _put(self, text: str) -> None:
        try:
            self._file.write(text)
            self._file.flush()
        except (OSError, ValueError) as error:
            self._lost(error)


def _harmless(text: str) -> str:
    """Return a text without control characters but ends of lines, whoever let them in."""
    return _CONTROLS.sub("?", text)
