"""A QR code as rows of half blocks: dark modules are ink, so draw it dark on light."""

from __future__ import annotations

import segno

_CELLS = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
BORDER = 2
"""Quiet modules around the code; ISO/IEC 18004 wants 4, terminals' own margins do the rest."""

AROUND = 4
"""Rows left for the link below the code."""


def half_blocks(text: str) -> list[str]:
    """Return the code of `text`, two rows of modules a line."""
    rows = [
        [bool(module) for module in row]
        for row in segno.make(text, error="l", micro=False).matrix_iter(border=BORDER)
    ]
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    return [
        "".join(_CELLS[pair] for pair in zip(upper, lower, strict=True))
        for upper, lower in zip(rows[::2], rows[1::2], strict=True)
    ]


def printed(text: str) -> str:
    """Return the code for a terminal of any colours: black on white, said with SGR."""
    return "\n".join(f"\x1b[30;107m{row}\x1b[0m" for row in half_blocks(text))


def announcement(link: str, width: int, height: int, *, code: bool) -> str:
    """Return how others join: the command and, where it fits, the code."""
    rows = printed(link).split("\n") if code else []
    drawn = half_blocks(link) if code else [""]
    fits = len(drawn) + AROUND <= height and len(drawn[0]) <= width
    return "".join(f"{row}\n" for row in [*(rows if fits else []), f"sotto join '{link}'"])
