"""What fits into one row: the most important first, in the most words there is room for. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len
from textual.content import Content

GAP: Final = 2
"""Cells between two parts."""
MARGIN: Final = 1
NAME: Final = 16
"""Cells of a name where several stand in one row."""


@dataclass(frozen=True)
class Part:
    """One thing to say, in `forms` from the longest to the shortest, drawn in a style.

    `vital`: it comes before all that is not, and before any words but its fewest.
    """

    forms: tuple[str, ...]
    style: str = "$foreground-muted"
    vital: bool = False


def fit(parts: Sequence[Part], hints: Sequence[str], width: int) -> Content:
    """Return what fits of `parts`, in their order, and on the right of `hints`, longest first.

    No wider than `width` cells.
    """
    taken: dict[int, str] = {}
    for at, text in _wishes(parts, hints):
        if _width({**taken, at: text}) <= width:
            taken[at] = text
    line = Content(" " * min(MARGIN, width))
    for at, part in enumerate(parts):
        if at in taken:
            gap = Content(" " * GAP if line.plain.strip() else "")
            line += gap + Content(taken[at]).stylize(part.style)
    if hint := taken.get(len(parts)):
        gap = Content(" " * (width - line.cell_length - cell_len(hint) - MARGIN))
        line += gap + Content(hint).stylize("$foreground-muted")
    return line


def _wishes(parts: Sequence[Part], hints: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield in which order what is granted if there is room; hints have the last number."""
    vital = [(at, part) for at, part in enumerate(parts) if part.vital]
    others = [(at, part) for at, part in enumerate(parts) if not part.vital]
    last = len(parts)
    yield from ((at, part.forms[-1]) for at, part in vital)
    yield from ((last, hint) for hint in hints[-1:])
    yield from _longer(vital)
    yield from ((last, hint) for hint in hints[-2:-1])
    yield from ((at, part.forms[-1]) for at, part in others)
    yield from _longer(others)
    yield from ((last, hint) for hint in reversed(hints))


def _longer(parts: Sequence[tuple[int, Part]]) -> Iterator[tuple[int, str]]:
    for at, part in parts:
        yield from ((at, form) for form in reversed(part.forms))


def _width(taken: dict[int, str]) -> int:
    return 2 * MARGIN + sum(map(cell_len, taken.values())) + GAP * (len(taken) - 1)


def short(name: str, width: int = NAME) -> str:
    """Return a name in no more cells than that."""
    return Content(name).truncate(width, ellipsis=True).plain


def several(names: Sequence[str], most: int) -> str:
    """Name so many people, each briefly, and count the others; empty if there is nobody."""
    shown, more = [short(name) for name in names[:most]], len(names) - most
    if more > 0:
        shown.append(f"{more} more")
    *first, last = shown or [""]
    return f"{', '.join(first)} and {last}" if first else last
