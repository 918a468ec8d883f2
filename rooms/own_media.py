"""The media of one session: its port, which devices there are, and what really leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from media import control
from media.port import LocalMedia, MediaPort, RemoteMedia
from rooms.devices import NONE, OwnDevices
from rooms.errors import PolicyError, RecordingForbiddenError
from rooms.ledger import Ledger, MediaAccount

MAY_NOT_SHOW: Final = "only hosts and cohosts show themselves in this room"


class OwnMedia:
    """What one session says to its media, and hears from it. What is said too early waits."""

    def __init__(self, configure: control.Configure, ledger: Ledger, *, own_process: bool) -> None:
        self.devices = OwnDevices(configure)
        self.publishing = control.Publishing(audio=False, video=False)
        self._configure = configure
        self._kind = RemoteMedia if own_process else LocalMedia
        self._account = MediaAccount(ledger)
        self._port: MediaPort | None = None
        self._waiting: list[control.Command] = []

    def start(self, on_event: Callable[[control.Event], None]) -> None:
        """Open the media; events come from now on."""
        self._port = self._kind(on_event)
        for command in (self._configure, *self._waiting):
            self._port.send(command)

    def command(self, command: control.Command) -> None:
        """Have the media do something."""
        if isinstance(command, control.Connect):
            self._account.reaches(command.answer.transport)
        if self._port is None:
            self._waiting.append(command)
        else:
            self._port.send(command)

    def heard(self, event: control.Event) -> None:
        """Note what the media tells about itself."""
        match event:
            case control.Publishing():
                self.publishing = event
            case control.MediaStats():
                self._account.carried(event.transport)
            case control.RecordingEnded():
                self.devices.recording_ended()

    def mute(self, muted: bool) -> None:
        """Turn the microphone off or on; one that is missing stays off."""
        self.devices.muted = muted
        self._switch()

    def show(self, on: bool, *, may: bool = True) -> None:
        """Turn the camera on or off; one that is missing stays off.

        Raises `PolicyError` if it is not to be on, where the room's rules say who `may` show.
        """
        if on and not may:
            raise PolicyError(MAY_NOT_SHOW, hint="ask a host")
        self.devices.camera = on
        self._switch()

    def choose(self, chosen: control.SetDevices, *, may_record: bool = True) -> None:
        """Take other devices. What has to begin switched off is, before it is there.

        Raises `RecordingForbiddenError` if what is heard would be recorded and may not.
        """
        if control.is_recording(chosen.audio_out or NONE) and not may_record:
            raise RecordingForbiddenError
        self.devices.ask(chosen)
        self._switch()
        self.command(chosen)

    def _switch(self) -> None:
        self.command(control.SetMuted(self.devices.muted))
        self.command(control.SetCamera(self.devices.camera))

    async def close(self) -> None:
        """Return when nothing of it is left."""
        if self._port is not None:
            await self._port.close()
        self._account.close()
