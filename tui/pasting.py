"""What is pasted is text: an escape character in it must not become keys.

Textual's parser takes an escape sequence inside a bracketed paste (xterm, private mode 2004) for
one it does not know, and presses its characters one by one: text copied from a hostile page could
unmute, admit or leave.
"""

from __future__ import annotations

from typing import Final

START: Final = "\x1b[200~"
END: Final = "\x1b[201~"


class PasteFilter:
    """Takes escape characters out of what is pasted, in input cut anywhere."""

    def __init__(self) -> None:
        self._pasting = False
        self._seen = ""
        """The end of what was passed on, which may begin a paste."""
        self._held = ""
        """The end of what was pasted, which may be the beginning of its end."""

    def through(self, data: str) -> str:
        """Return what is to be read of some input."""
        kept: list[str] = []
        while data:
            text, data = self._pasted(data) if self._pasting else self._typed(data)
            kept.append(text)
        return "".join(kept)

    def _typed(self, data: str) -> tuple[str, str]:
        """Return what comes before and with the start of a paste, and what comes after it."""
        before = len(self._seen)
        joined = self._seen + data
        start = joined.find(START)
        if start < 0:
            self._seen = joined[1 - len(START) :]
            return data, ""
        self._pasting, self._seen = True, ""
        end = start + len(START) - before
        return data[:end], data[end:]

    def _pasted(self, data: str) -> tuple[str, str]:
        """Return harmless text, with the end of the paste if it is there, and what comes after."""
        text, end, rest = (self._held + data).partition(END)
        if end:
            self._pasting, self._held = False, ""
        else:
            self._held = next(
                END[:length]
                for length in range(len(END) - 1, -1, -1)
                if text.endswith(END[:length])
            )
            text = text.removesuffix(self._held)
        return text.replace("\x1b", "") + end, rest
