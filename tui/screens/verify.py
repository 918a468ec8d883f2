"""The verification code, large enough to read aloud, and the question whether all read the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Digits, Static

from rooms.events import VerificationCode

LARGE_WIDTH = 60
"""Cells a terminal needs for large digits: three groups of five, three cells each."""
LARGE_HEIGHT = 20
"""Rows it needs for them."""
IN_A_ROW = 3


def rows(groups: Sequence[str], gap: str) -> list[str]:
    """Return the groups, three in a row."""
    return [gap.join(groups[start : start + IN_A_ROW]) for start in range(0, len(groups), IN_A_ROW)]


class VerifyScreen(ModalScreen[None]):
    """Shows one code; `s` and `d` answer, escape does not."""

    BINDINGS = [  # noqa: RUF012
        Binding("s", "answer(True)", "Same", show=False),
        Binding("d", "answer(False)", "Different", show=False),
        Binding("escape,q", "dismiss", "Close", show=False),
    ]
    DEFAULT_CSS = """
    VerifyScreen { align: center middle; }
    VerifyScreen Vertical { width: 62; max-width: 100%; height: auto; background: $surface;
        border: round $primary; border-title-color: $primary; padding: 0 1; }
    VerifyScreen Digits { width: 1fr; height: 3; text-align: center; }
    VerifyScreen Static { width: 1fr; text-align: center; }
    VerifyScreen .words { text-style: bold; margin-top: 1; }
    VerifyScreen .ask { color: $foreground-muted; margin-top: 1; }
    """

    def __init__(self, code: VerificationCode, answer: Callable[[bool, int], object]) -> None:
        super().__init__()
        self._code = code
        self._answer = answer

    def compose(self) -> ComposeResult:
        """Yield the digits, the words and the question."""
        large = self.app.size.width >= LARGE_WIDTH and self.app.size.height >= LARGE_HEIGHT
        box = Vertical()
        box.border_title = Content(f"verification code of epoch {self._code.epoch}")
        box.border_subtitle = Content("s same   d different   escape closes")
        with box:
            if large:
                yield from (Digits(line) for line in rows(self._code.digits, " "))
            else:
                yield Static(Content("\n".join(rows(self._code.digits, "  "))), markup=False)
            words = Content("\n".join(rows(self._code.words, "  ")))
            yield Static(words, markup=False, classes="words")
            question = "Read the digits or the words aloud. Does everybody see the same?"
            yield Static(Content(question), markup=False, classes="ask")

    async def show(self, code: VerificationCode) -> None:
        """Show the code of another epoch in place of the one that is over."""
        self._code = code
        await self.recompose()

    def action_answer(self, same: bool) -> None:
        """Pass the answer on and close."""
        self.dismiss()
        self._answer(same, self._code.epoch)
