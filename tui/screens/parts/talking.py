"""Push to talk: a key that opens the microphone while it is held, if it is muted."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.events import Key
from textual.timer import Timer

from rooms.events import E2eeState, Ended, MuteState, Reconnecting
from tui.actions import own
from tui.keyboard import KeyReleased, KeyRepeated
from tui.ports import AnyEvent
from tui.screens.parts.part import Part
from tui.talking import Talk

if TYPE_CHECKING:
    from tui.screens.call import CallScreen

STEPPED_OUT = "You were away: microphone and camera are off."


class Talking(Part):
    """Holds the key's machine. Whoever is not muted is heard anyway: then the key does nothing."""

    def __init__(self, screen: CallScreen) -> None:
        super().__init__(screen)
        self._talk = Talk()
        self._timer: Timer | None = None

    def attached(self) -> None:
        """Say how the key works here."""
        if getattr(self.screen.app, "key_releases", False):
            self._talk.reports_releases()
        self._follow(lambda: None)

    def on_key(self, event: Key) -> None:
        """Take the key to talk with."""
        call = self.call
        if event.key != self._key or call is None:
            return
        if self._talk.open or (call.muted and call.has_microphone is not False):
            again = isinstance(event, KeyRepeated)
            self._follow(lambda: self._talk.press(event.time, again=again))

    def on_key_released(self, event: KeyReleased) -> None:
        """Close the microphone with the key."""
        if event.key == self._key:
            self._follow(lambda: self._talk.release(event.time))

    def on_event(self, event: AnyEvent) -> None:
        """Close the microphone when nothing may be sent, or somebody else closed it."""
        match event:
            case Reconnecting() | Ended() | E2eeState(state="stopped"):
                self.let_go()
            case MuteState():
                self.acted()
            case _:
                pass

    def acted(self) -> None:
        """Take note that the microphone was closed by something else."""
        if self._talk.open and self.call is not None and self.call.muted:
            self._talk.stop()

    def let_go(self) -> None:
        """Close the microphone, if it is the key that opened it."""
        self._follow(self._talk.stop)

    def step_out(self) -> None:
        """Close the microphone and the camera, whatever opened them."""
        self.let_go()
        call = self.call
        if call is not None and (call.camera or not call.muted):
            call.set_muted(True)
            call.set_camera(False)
            self.screen.say(STEPPED_OUT)

    @property
    def _key(self) -> str:
        return self.screen.keymap.key(own.TALK.id)

    def _follow(self, change: Callable[[], None]) -> None:
        """Change the machine, and have the microphone, the clock and the status line follow."""
        before = self._talk.open
        change()
        wish = self._talk.open
        if wish != before and self.call is not None and self.call.muted == wish:
            self.call.set_muted(not wish)
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if (when := self._talk.next_tick) is not None:
            self._timer = self.later(when - time.monotonic(), self._tick)
        key = self.screen.keymap.name(own.TALK.id)
        shown = f"{key}: {self._talk.label}" if key else ""
        if shown != self.screen.talk_key:
            self.screen.talk_key = shown
            self.screen.acted()

    def _tick(self) -> None:
        self._follow(lambda: self._talk.tick(time.monotonic()))
