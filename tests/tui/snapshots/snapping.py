"""A screen as text: its characters, then the style of each, so that a change is read in a diff."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual.app import App

FOLDER = Path(__file__).parent / "screens"
WRITE = os.environ.get("SOTTO_SNAPSHOTS") == "write"
"""Set so, what is seen is written instead of compared. Look at the diff before it is committed."""
HALF = "▀"
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def seen(app: App[Any]) -> str:
    """Return what the terminal shows, a row a line, then the runs of styles of each row."""
    width, height = app.size
    lines = app.screen._compositor.render_strips(app.size)
    rows = [list(Segment.adjust_line_length(list(line), width)) for line in lines[:height]]
    styles: dict[str, str] = {}
    runs = [" ".join(_runs(row, styles)) for row in rows]
    texts = ["".join(segment.text for segment in row).rstrip() for row in rows]
    legend = [f"{letter} {style}" for style, letter in styles.items()]
    return "\n".join([*texts, "", *legend, "", *runs, ""])


def _runs(row: list[Segment], styles: dict[str, str]) -> Iterator[str]:
    cells = ((_words(segment), segment.cell_length) for segment in row)
    for style, run in groupby(cells, key=lambda cell: cell[0]):
        letter = styles.setdefault(style, LETTERS[len(styles)])
        yield f"{letter}{sum(length for _, length in run)}"


def _words(segment: Segment) -> str:
    """Return a style without what only the program sees; what pictures look like is not ours."""
    if segment.text and set(segment.text) == {HALF}:
        return "picture"
    return _style(segment.style) if segment.style is not None else ""


@cache
def _style(style: Style) -> str:
    return str(style.without_color + Style(color=style.color, bgcolor=style.bgcolor))


def check(name: str, app: App[Any]) -> None:
    """Compare what is seen with what was seen before; or write it down."""
    path = FOLDER / f"{name}.txt"
    now = seen(app)
    if WRITE:
        FOLDER.mkdir(exist_ok=True)
        path.write_text(now)
    assert path.exists(), f"{path.name} is new: SOTTO_SNAPSHOTS=write writes it; look at it"
    assert now == path.read_text(), f"{path.name} looks different: SOTTO_SNAPSHOTS=write, then diff"
