"""Tells over the faces what happened just now; changed keys until a person has seen them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from textual.timer import Timer

from tui.actions import people
from tui.ports import AnyEvent
from tui.screens.parts.part import Does, Part
from tui.toasting import Toast, Toasts
from tui.widgets.grid import VideoGrid
from tui.widgets.stage import Stage
from tui.widgets.toasts import CallToasts

if TYPE_CHECKING:
    from tui.screens.call import CallScreen

GATHER = 0.2
"""Seconds between two drawings; what comes meanwhile is drawn together."""


class Toasting(Part):
    """Shows them where the faces begin: over no line that is written in, and under no banner."""

    def __init__(self, screen: CallScreen) -> None:
        super().__init__(screen)
        self._toasts = Toasts()
        self._timer: Timer | None = None
        self._at = 0.0
        self._told: tuple[Toast, ...] = ()

    @property
    def does(self) -> Does:
        """Take note that alarms were seen."""
        return {people.ACK.id: lambda _: self._seen()}

    def on_event(self, event: AnyEvent) -> None:
        """Tell it, if it is to be told."""
        before = self._toasts.shown
        self._toasts.heed(event, time.monotonic())
        if self._toasts.shown != before:
            self._plan(GATHER)

    def _seen(self) -> None:
        """Take note that the alarms on the screen were seen; others stay."""
        over = self._toasts.seen(self._told)
        if not over:
            self.screen.say("There is nothing to be seen.")
        for toast in over:
            self.screen.say(f"Seen: {toast.text}")
        self._draw()

    def _plan(self, wait: float) -> None:
        """Draw in so many seconds, or sooner if that is planned already."""
        at = time.monotonic() + wait
        if self._timer is not None:
            if self._at <= at:
                return
            self._timer.stop()
        self._at, self._timer = at, self.later(wait, self._draw)

    def _draw(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        now = time.monotonic()
        self._toasts.tick(now)
        stage = self.widget(Stage)
        room = stage.regions(stage.size)[VideoGrid].width or stage.size.width
        key = self.screen.keymap.name(people.ACK.id)
        self._told = self._toasts.shown
        self.widget(CallToasts).show(self._told, room, key)
        due = self._toasts.next_tick
        if due is not None:
            self._plan(max(due - now, GATHER))
