"""An application that draws no faster than its terminal reads.

Textual queues what it writes and, once the queue is full, stops to wait: a terminal that is slow,
or stands still, would hold up the keys and the call itself. Here drawing waits instead. What
changes meanwhile is drawn in one piece once the terminal has caught up.
"""

from __future__ import annotations

from textual.app import App, ReturnType
from textual.geometry import Size
from textual.messages import Update
from textual.screen import Screen, ScreenResultType
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input

from tui.compositing import SparingCompositor
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

    def _behind(self, writes: int) -> bool:
        """Return whether more writes wait, or the last ones have not arrived over there."""
        driver = self._driver
        return isinstance(driver, TerminalDriver) and (driver.waiting > writes or driver.late)

    def _display(self, screen: Screen[object], renderable: object) -> None:
        """Draw an update, unless the terminal has enough to do: overrides Textual's own."""
        if self._looking is not None:  # a layout does not ask whether it is a time to draw
            self._missed = True
            return
        super()._display(screen, renderable)  # type: ignore[arg-type]
        if renderable is not None and isinstance(self._driver, TerminalDriver):
            self._driver.ask()
        if self._behind(MOST_WAITING):
            self._begin_batch()  # changes are kept until it ends
            self._looking = self.set_interval(LOOK, self._look)

    def _look(self) -> None:
        if self._behind(0) or self._looking is None:
            return
        self._looking.stop()
        self._looking = None
        self._end_batch()
        if self._missed:
            self._missed = False
            self.screen.refresh()
        self.screen.check_idle()


class UnhurriedScreen(Screen[ScreenResultType]):
    """Draws what is typed at once, and another size once what is on it had time to fit in.

    Textual draws a new size at once, and a second time when every widget has heard of it. Drawing
    all of the screen is what takes long. What is typed it draws with all else that changed.
    """

    def __init__(self) -> None:
        super().__init__()
        self._compositor = SparingCompositor()
        self._resizing = False

    def _screen_resized(self, size: Size) -> None:
        """Lay out at once, draw at the next tick of the screen.

        The screen is told of each size twice: by the application, and by its own layout.
        """
        if size == self._compositor.size:
            return
        self._resizing = True
        super()._screen_resized(size)
        self._resizing = False
        self._dirty_widgets.add(self)
        self.check_idle()

    async def _on_update(self, message: Update) -> None:
        """Draw the line that is typed into now, all else at the next tick."""
        line = message.widget
        if line is self.focused and isinstance(line, Input) and not self.app._batch_count:
            self._draw_alone(line)
            message.stop()
            message.prevent_default()  # of Textual's own, which draws it at the tick

    def _draw_alone(self, widget: Widget) -> None:
        compositor = self._compositor
        later, regions = self._dirty_widgets - {widget}, compositor._dirty_regions
        compositor._dirty_regions = set()
        compositor.update_widgets({widget})
        self._compositor_refresh()
        self._dirty_widgets, compositor._dirty_regions = later, regions

    def _compositor_refresh(self) -> None:
        if not self._resizing:
            super()._compositor_refresh()
