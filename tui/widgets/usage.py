"""The data usage: every address this machine talked to, why, how much, what it could read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap

from textual.content import Content
from textual.widgets import Static

from tui.ports import LedgerLine, in_words

SHORTEST = 20
"""Cells a line is wrapped to at least."""
NOTHING = "Nothing has left this machine yet."


def usage(lines: Sequence[LedgerLine], width: int) -> Content:
    """Return the whole text: two lines an address, and the sum."""
    if not lines:
        return Content(NOTHING).stylize("$foreground-muted")
    return Content("\n").join([*_lines(lines, width), _sum(lines)])


def _lines(lines: Sequence[LedgerLine], width: int) -> Iterator[Content]:
    for line in lines:
        moved = f"↑ {in_words(line.sent)}  ↓ {in_words(line.received)}"
        head = Content(line.address).stylize("bold") + Content(f"  {line.purpose}")
        gap = width - head.cell_length - len(moved)
        if gap >= 2:
            yield head + Content(" " * gap + moved)
        else:
            yield head.truncate(width, ellipsis=True)
            yield Content(f"  {moved}")
        told = wrap(f"it could read: {line.reads}", max(width - 2, SHORTEST))
        yield Content("\n".join(f"  {part}" for part in told)).stylize("$foreground-muted")


def _sum(lines: Sequence[LedgerLine]) -> Content:
    addresses = len({line.address for line in lines})
    sent, received = sum(line.sent for line in lines), sum(line.received for line in lines)
    many = "1 address" if addresses == 1 else f"{addresses} addresses"
    return Content(f"{many}, ↑ {in_words(sent)}  ↓ {in_words(received)} in all").stylize("$primary")


class Usage(Static):
    """Draws the ledger; drawn anew when it is shown other lines, or another width."""

    DEFAULT_CSS = "Usage { height: auto; padding: 0 1; }"

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.lines: tuple[LedgerLine, ...] = ()

    def show(self, lines: Sequence[LedgerLine]) -> None:
        """Draw these lines."""
        if tuple(lines) != self.lines:
            self.lines = tuple(lines)
            self.refresh(layout=True)

    def render(self) -> Content:
        """Return the text at the present width."""
        return usage(self.lines, self.content_size.width)
