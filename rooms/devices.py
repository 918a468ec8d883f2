"""Our microphone, camera and loudspeaker: which there are, and which of them are on. Pure."""

from __future__ import annotations

from typing import Final

from media.control import Configure, Devices
from rooms.events import Device

NONE: Final = "none"


class OwnDevices:
    """What is asked for counts as there until the media tells; what is not there is never on."""

    def __init__(self, asked: Configure) -> None:
        self._there = Devices(
            microphone=asked.audio_in != NONE,
            camera=asked.video_in != NONE,
            loudspeaker=asked.audio_out != NONE,
        )
        self._muted, self._camera = asked.muted, asked.camera

    @property
    def has_microphone(self) -> bool:
        """Whether there is anything to be heard by."""
        return self._there.microphone

    @property
    def has_camera(self) -> bool:
        """Whether there is anything to be seen by."""
        return self._there.camera

    @property
    def muted(self) -> bool:
        """Whether nobody hears us."""
        return self._muted or not self.has_microphone

    @muted.setter
    def muted(self, muted: bool) -> None:
        self._muted = muted

    @property
    def camera(self) -> bool:
        """Whether our camera is on."""
        return self._camera and self.has_camera

    @camera.setter
    def camera(self, on: bool) -> None:
        self._camera = on

    def found(self, there: Devices) -> list[Device]:
        """Take the media's word for what there is; return what was asked for and is missing."""
        asked, self._there = self._there, there
        names: tuple[Device, ...] = ("microphone", "camera", "loudspeaker")
        return [name for name in names if getattr(asked, name) and not getattr(there, name)]
