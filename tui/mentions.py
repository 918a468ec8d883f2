"""Where in what somebody wrote a person is named, and where a link is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

Span = tuple[int, int]
"""From the first character up to, and without, the second."""

# A link ends before what ends the sentence, or the bracket, it stands in.
_LINK: Final = re.compile(r"\bhttps?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]}]", re.IGNORECASE)


def mentions(text: str, name: str) -> list[Span]:
    """Return where `name` stands in a text as a word of its own, however it is written."""
    return [match.span() for match in _word(name).finditer(text)] if name.strip() else []


def links(text: str) -> Iterator[Span]:
    """Yield where links are. They are shown, never opened and never asked for by the program."""
    return (match.span() for match in _LINK.finditer(text))


@lru_cache(64)
def _word(name: str) -> re.Pattern[str]:
    return re.compile(rf"@?(?<!\w){re.escape(name.strip())}(?!\w)", re.IGNORECASE)
