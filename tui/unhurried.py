"""An application that draws no faster than its terminal reads.

Textual queues what it writes and, once the queue is full, stops to wait: a terminal that is slow,
or stands still, would hold up the keys and the call itself. Here drawing waits instead. What
changes meanwhile is drawn in one piece once the terminal has caught up.
"""

from __future__ import annotations

from textual.app import App, ReturnType
from textual.screen import Screen
from textual.timer import Timer

from tui.driver import TerminalDriver

MOST_WAITING = 6
"""Writes that may wait for the terminal: two frames of three writes. Textual stops at 30."""
LOOK = 0.02
"""Seconds between two looks whether the terminal has caught up."""


class UnhurriedApp(App[ReturnType]):
    """Draws frame after frame only while the terminal takes them."""

    def __init__(self) -> None:
        super().__init__()
        self._looking: Timer | None = None
        self._missed = False

    @property
    def _behind(self) -> int:
        return self._driver.waiting if isinstance(self._driver, TerminalDriver) else 0

    def _display(self, screen: Screen[object], renderable: object) -> None:
        """Draw an update, unless the terminal has enough to do: overrides Textual's own."""
        if self._looking is not None:  # a layout does not ask whether it is a time to draw
            self._missed = True
            return
        super()._display(screen, renderable)  # type: ignore[arg-type]
        if self._behind > MOST_WAITING:
            self._begin_batch()  # changes are kept until it ends
            self._looking = self.set_interval(LOOK, self._look)

    def _look(self) -> None:
        if self._behind or self._looking is None:
            return
        self._looking.stop()
        self._looking = None
        self._end_batch()
        if self._missed:
            self._missed = False
            self.screen.refresh()
        self.screen.check_idle()
