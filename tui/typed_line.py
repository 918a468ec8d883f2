"""One line as it is typed: what a terminal's own line discipline makes of keys, and no more.

It does what the kernel does for `cat`, with the same bytes as echo, so that a screen reader hears
what it is used to: nothing but erasing goes back, and nothing is written anew. Pure.
"""

from __future__ import annotations

import unicodedata
from codecs import getincrementaldecoder
from enum import Enum
from typing import Final

MAX_LINE: Final = 4000
"""Characters; more are not taken, as a terminal takes no more than 4096 bytes."""
ERASED: Final = "\b \b"


class _Sequence(Enum):
    """How far a key that sends several characters has come (ECMA-48: escape, CSI, SS3)."""

    NONE = 0
    ESCAPE = 1
    CSI = 2
    SS3 = 3


class TypedLine:
    """Takes bytes of a terminal. `text` is what was typed of the present line."""

    def __init__(self) -> None:
        self.text = ""
        self.ended = False
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._sequence = _Sequence.NONE

    def feed(self, data: bytes) -> tuple[str, list[str]]:
        """Return what to write back, and the lines that are complete; `ended` tells of the end."""
        echo, lines = "", []
        for char in self._decode(data):
            if self._in_sequence(char):
                continue
            if char in "\r\n":
                lines.append(self.text)
                self.text = ""
                echo += "\n"
            else:
                echo += self._key(char)
        return echo, lines

    def _in_sequence(self, char: str) -> bool:
        """Swallow keys that mean something on screens only, arrows for one."""
        match self._sequence:
            case _Sequence.NONE if char != "\x1b":
                return False
            case _Sequence.NONE:
                self._sequence = _Sequence.ESCAPE
            case _Sequence.ESCAPE:
                starts = {"[": _Sequence.CSI, "O": _Sequence.SS3, "\x1b": _Sequence.ESCAPE}
                self._sequence = starts.get(char, _Sequence.NONE)
            case _Sequence.CSI if "\x20" <= char < "\x40":
                pass
            case _:
                self._sequence = _Sequence.NONE
        return char not in "\r\n"  # enter is always one

    def _key(self, char: str) -> str:
        """Take one key; the editing ones are those terminals have by default (termios(3))."""
        match char:
            case "\x7f" | "\b" | "\x15" | "\x17":  # VERASE, VKILL, VWERASE
                return self._keep(_erased(self.text, char))
            case "\x12":  # VREPRINT
                return f"\n{self.text}"
            case "\x04":  # VEOF
                self.ended = self.ended or not self.text
                return ""
            case "\t":
                char = " "
        if not char.isprintable() or len(self.text) >= MAX_LINE:
            return ""
        self.text += char
        return char

    def _keep(self, kept: str) -> str:
        gone, self.text = self.text[len(kept) :], kept
        return ERASED * sum(map(_cells, gone))


def _erased(text: str, key: str) -> str:
    """Return what a key that erases leaves of a text: one character less, nothing, or one word."""
    match key:
        case "\x15":
            return ""
        case "\x17":
            return "".join(text.rstrip(" ").rpartition(" ")[:2])
        case _:
            return _without_last(text)


def _without_last(text: str) -> str:
    """Return a text without its last character and what is combined with it."""
    kept = len(text)
    while kept and _cells(text[kept - 1]) == 0:
        kept -= 1
    return text[: max(kept - 1, 0)]


def _cells(char: str) -> int:
    """Return how many cells a character takes on a terminal."""
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
