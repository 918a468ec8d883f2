"""Long texts as several messages, none of which is more than a message can carry. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rooms.member_wire import MAX_CHAT
from rooms.text import MAX_CHAT_LINES, clean_chat

MAX_BYTES: Final = MAX_CHAT
"""UTF-8: so many bytes are never more characters, and fit with all around them what is padded."""


def messages(text: str) -> Iterator[str]:
    """Give a text as messages, cut between lines or words where that is possible.

    Nothing is given of what nobody could see: an empty line is no message.
    """
    lines = text.splitlines()
    for start in range(0, len(lines), MAX_CHAT_LINES):
        part = clean_chat("\n".join(lines[start : start + MAX_CHAT_LINES]))
        while part:
            piece = _beginning(part)
            if shown := piece.rstrip():
                yield shown
            part = part[len(piece) :].lstrip()


def _beginning(text: str) -> str:
    """Return as much of a text as fits, up to a line's end or a space if there is one to end at."""
    data = text.encode()
    if len(data) <= MAX_BYTES:
        return text
    piece = data[:MAX_BYTES].decode(errors="ignore")
    for end in "\n", " ":
        cut = piece.rfind(end)
        if cut > len(piece) // 2:
            return piece[:cut]
    return piece
