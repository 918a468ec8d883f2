"""Has the microphone of a call follow a key that is held elsewhere."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from rooms.events import AnyEvent, E2eeState, Ended, MuteState, Reconnecting
from tui.ctl.push import Push
from tui.errors import NoDeviceError, NotInRoomError
from tui.ports import CallPort


class Talk:
    """Opens the microphone only if it is closed, and closes only what it has opened."""

    def __init__(self, call: CallPort) -> None:
        self._call = call
        self._push = Push()
        self._timer: asyncio.TimerHandle | None = None
        call.listen(self._on_event)

    def press(self, at: float | None) -> None:
        """Open the microphone; whoever is not muted is heard anyway, and stays so.

        Raises `NotInRoomError`, `NoDeviceError`.
        """
        call, now = self._call, _now()
        if not call.participants:
            raise NotInRoomError
        if call.sending_stopped:
            raise NotInRoomError("nothing of yours is sent into the room now")
        if call.has_microphone is False:
            raise NoDeviceError("no microphone here: you stay muted")
        if self._push.open or call.muted:
            self._follow(lambda: self._push.press(now if at is None else min(at, now), now))
        else:
            self._push.stop(now)  # or else who mutes by hand is unmuted by the next repeat

    def release(self, at: float | None) -> None:
        """Close the microphone, if it was opened by `press`."""
        now = _now()
        self._follow(lambda: self._push.release(now if at is None else min(at, now)))

    def let_go(self) -> None:
        """Close the microphone, if it was opened by `press`, for another reason than the key."""
        self._follow(self._push.stop)

    @property
    def seconds(self) -> float | None:
        """How long the microphone stays open by itself; None if it was not opened here."""
        end = self._push.next_tick
        return None if end is None else round(end - _now(), 1)

    def _on_event(self, event: AnyEvent) -> None:
        match event:
            case Reconnecting() | Ended() | E2eeState(state="stopped"):
                self.let_go()
            case MuteState() if self._push.open and self._call.muted:
                self.let_go()
            case _:
                pass

    def _follow(self, change: Callable[[], None]) -> None:
        """Change the machine, and have the microphone and the clock follow."""
        before = self._push.open
        change()
        wish = self._push.open
        if wish != before and self._call.muted == wish:
            self._call.set_muted(not wish)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if (end := self._push.next_tick) is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(end - _now(), self._tick)

    def _tick(self) -> None:
        self._follow(lambda: self._push.tick(_now()))


def _now() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)
