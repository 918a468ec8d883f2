"""What a change of the settings changes at once in the call that is held."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rooms.settings import Settings
    from tui.ports import CallPort

DEVICES: Final = ("audio_in", "audio_out", "video_in")


def apply_to_call(call: CallPort, before: Settings, now: Settings) -> None:
    """Have a call go on as the settings say now, where they say something else than before."""
    if (before.share_level, before.constant_bitrate) != (now.share_level, now.constant_bitrate):
        call.set_privacy(share_level=now.share_level, constant_bitrate=now.constant_bitrate)
    chosen = {
        name: getattr(now, name) for name in DEVICES if getattr(now, name) != getattr(before, name)
    }
    if chosen:
        call.set_devices(**chosen)


class Applying:
    """Remembers the settings as they were, so that a change is told as one."""

    def __init__(self, settings: Settings, call: Callable[[], CallPort | None]) -> None:
        self._before = settings
        self._call = call

    def changed(self, now: Settings) -> None:
        """Apply a change to the call there is."""
        before, self._before = self._before, now
        call = self._call()
        if call is not None:
            apply_to_call(call, before, now)
