"""One call on the screen that draws it, from opening it to how it ended."""

from __future__ import annotations

from collections.abc import Callable

from tui.conduct import Limits, Opener, Outcome, RunningCall, Stop, conduct
from tui.own import Own
from tui.screens.call import CallScreen


class Holding:
    """Draws one call on `screen` while it runs. Leaving there asks `stop`, as anything else may."""

    def __init__(
        self, opener: Opener, limits: Limits, stop: Stop, own: Own, *, show_code: bool = False
    ) -> None:
        self.screen = CallScreen(own, self.leave, show_code=show_code)
        self._opener = opener
        self._limits = limits
        self._stop = stop

    def leave(self) -> None:
        """Leave the call."""
        self._stop.ask(Outcome())

    async def run(self, opened: Callable[[RunningCall], None]) -> Outcome:
        """Open the call, say so, and hold it. Raises what the opener and the call raise."""
        async with self._opener() as call:
            self.screen.attach(call)
            opened(call)
            return await conduct(call, self._limits, self._stop)
