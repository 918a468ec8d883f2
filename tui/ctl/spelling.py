"""What a call tells about verification, in words, and in digits that can be read from afar.

Light to import: no Textual, whose digits look the same.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_DIGITS = (
    "╭─╮ ╶╮  ╶─╮ ╶─╮ ╷ ╷ ╭─╴ ╭─╴ ╶─┐ ╭─╮ ╭─╮",
    "│ │  │  ┌─┘  ─┤ ╰─┤ ╰─╮ ├─╮   │ ├─┤ ╰─┤",
    "╰─╯ ╶┴╴ ╰─╴ ╶─╯   ╵ ╶─╯ ╰─╯   ╵ ╰─╯ ╶─╯",
)
"""Three rows of the digits from 0 on, each three cells and a space wide."""
LARGE_WIDTH = 60
"""Cells a terminal needs for three large groups of five."""
IN_A_ROW = 3


def code_in_words(code: Mapping[str, Any], large: bool) -> str:
    """Return a `Code` as lines: digits (large if wanted and possible), words, what is verified."""
    digits = _rows(code["digits"], " ")
    if large and _fits():
        digits = [row for line in digits for row in (*_large(line), "")][:-1]
    return "\n".join(
        [
            f"verification code of epoch {code['epoch']}",
            "",
            *(f"  {line}".rstrip() for line in digits),
            "",
            *(f"  {line}" for line in _rows(code["words"], "  ")),
            "",
            f"{standing(code['verified'], code['since'])}.",
            "Read the digits or the words aloud. If everybody has the same: sotto verify --match",
            "If not: sotto verify --differs",
        ]
    )


def comparison_in_words(compared: Mapping[str, Any]) -> str:
    """Return a `Compared` as lines."""
    said = standing(compared["verified"], compared["since"])
    if not compared["same"]:
        return f"THE CODES DIFFER: somebody may be in between. {said.capitalize()} any more."
    if compared["verified"] is None:
        return "You are alone: there is nobody to verify."
    return f"{said.capitalize()}."


def standing(verified: int | None, since: int) -> str:
    """Say at which epoch a code was compared, and how many came since."""
    if verified is None:
        return "nobody is verified"
    if not since:
        return f"verified at epoch {verified}"
    return f"verified at epoch {verified}, {'1 person' if since == 1 else f'{since} people'} since"


def _rows(groups: Sequence[str], gap: str) -> list[str]:
    return [gap.join(groups[start : start + IN_A_ROW]) for start in range(0, len(groups), IN_A_ROW)]


def _large(line: str) -> list[str]:
    """Draw digits and spaces three rows high."""
    places = [4 * int(sign) if sign.isdecimal() else None for sign in line]
    return [
        "".join("   " if at is None else row[at : at + 3] for at in places).rstrip()
        for row in _DIGITS
    ]


def _fits() -> bool:
    """Whether the terminal is wide enough for large digits and can spell them."""
    try:
        "".join(_DIGITS).encode(sys.stdout.encoding)
        return os.get_terminal_size(sys.stdout.fileno()).columns >= LARGE_WIDTH
    except (OSError, ValueError, LookupError):
        return False
