"""Our microphone, camera and loudspeaker: which there are, and which of them are on. Pure."""

from __future__ import annotations

from typing import Final

from media.control import Configure, Devices
from rooms.events import Device

NONE: Final = "none"


class OwnDevices:
    """What is not there is never on. What is asked for may be there until the media tells."""

    def __init__(self, asked: Configure) -> None:
        self._there: Devices | None = None
        self._asked = Devices(
            microphone=asked.audio_in != NONE,
            camera=asked.video_in != NONE,
            loudspeaker=asked.audio_out != NONE,
        )
        self._muted, self._camera = asked.muted, asked.camera

    @property
    def has_microphone(self) -> bool | None:
        """Whether there is anything to be heard by; None until it is known."""
        if self._there is None:
            return None if self._asked.microphone else False
        return self._there.microphone

    @property
    def has_camera(self) -> bool | None:
        """Whether there is anything to be seen by; None until it is known."""
        if self._there is None:
            return None if self._asked.camera else False
        return self._there.camera

    @property
    def muted(self) -> bool:
        """Whether nobody hears us."""
        return self._muted or self.has_microphone is False

    @muted.setter
    def muted(self, muted: bool) -> None:
        self._muted = muted

    @property
    def camera(self) -> bool:
        """Whether our camera is on."""
        return self._camera and self.has_camera is not False

    @camera.setter
    def camera(self, on: bool) -> None:
        self._camera = on

    def found(self, there: Devices) -> list[Device]:
        """Take the media's word for what there is; return what was asked for and is missing."""
        self._there = there
        names: tuple[Device, ...] = ("microphone", "camera", "loudspeaker")
        return [name for name in names if getattr(self._asked, name) and not getattr(there, name)]
