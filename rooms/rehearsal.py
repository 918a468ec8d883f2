"""The devices of this machine, tried outside a call: no server, no key, and nothing is sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from media import control
from media.device_list import FoundDevice, list_devices
from rooms import events
from rooms.ledger import Ledger
from rooms.media_events import error_of, translate
from rooms.own_media import OwnMedia
from rooms.told import OnEvent, OnPicture


class Rehearsal:
    """Media that never connects, between `open` and `close`. Implements `tui.ports.DevicesPort`.

    `configure` says which devices are tried, each time it is opened. Whoever opened it is told
    `LevelState` ten times a second, `DevicesMissing`, `Note`, `InputEnded`, and `ErrorEvent` if it
    came to an end by itself.
    """

    def __init__(
        self, configure: Callable[[], control.Configure], *, own_process: bool = True
    ) -> None:
        self._configure = configure
        self._own_process = own_process
        self._media: OwnMedia | None = None

    async def found(self) -> Sequence[FoundDevice]:
        """Look for the devices there are now; also while it is closed."""
        return await list_devices()

    def open(self, on_event: OnEvent, on_picture: OnPicture | None = None) -> None:
        """Run microphone (unless muted), camera (if on) and loudspeaker; once until `close`."""
        media = OwnMedia(self._configure(), Ledger(), own_process=self._own_process)
        self._media = media

        def told(event: control.Event) -> None:
            if isinstance(event, control.Picture):
                if on_picture is not None:
                    on_picture(event)
                return
            for one in _translated(event, media):
                on_event(one)

        media.start(told)
        media.command(control.Rehearse(True))
        media.command(control.SetMeters(True))

    def set_view(self, width: int, height: int) -> None:
        """Ask for pictures of ourselves in this size, pixels; 0 x 0 for none."""
        if self._media is not None:
            self._media.command(control.SetView(control.OWN, width, height))

    async def close(self) -> None:
        """Return when every device is stopped; idempotent."""
        media, self._media = self._media, None
        if media is not None:
            await media.close()


def _translated(event: control.Event, media: OwnMedia) -> list[events.AnyEvent]:
    match event:
        case control.Devices():
            missing = media.devices.found(event)
            return [events.DevicesMissing(devices=missing)] if missing else []
        case control.Failed():
            return [events.ErrorEvent.of(error_of(event))]
        case control.Levels() | control.DeviceNote() | control.InputEnded():
            told = translate(event, None)
            return [] if told is None else [told]
        case _:
            return []
