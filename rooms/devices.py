"""Our microphone, camera and loudspeaker: which there are, and which of them are on. Pure."""

from __future__ import annotations

from typing import Final

import msgspec

from media.control import Configure, Devices, SetDevices, is_recording
from rooms.events import Device
from rooms.roster import Appearance

NONE: Final = "none"


class OwnDevices:
    """What is not there is never on. What is asked for may be there until the media tells."""

    def __init__(self, asked: Configure) -> None:
        self._there: Devices | None = None
        self._asked: dict[Device, str] = {
            "microphone": asked.audio_in,
            "camera": asked.video_in,
            "loudspeaker": asked.audio_out,
        }
        self._muted, self._camera = asked.muted, asked.camera
        self._unanswered = 1
        """Choices that media has not told the outcome of; one of a file may fail."""

    @property
    def has_microphone(self) -> bool | None:
        """Whether there is anything to be heard by; None until it is known."""
        if self._there is None:
            return False if self._asked["microphone"] == NONE else None
        return self._there.microphone

    @property
    def has_camera(self) -> bool | None:
        """Whether there is anything to be seen by; None until it is known."""
        if self._there is None:
            return False if self._asked["camera"] == NONE else None
        return self._there.camera

    @property
    def appearance(self) -> Appearance:
        """How we appear to the others.

        A recording is one from the moment it is asked for, until media has told that there is none.
        """
        begins = self._unanswered > 0 and is_recording(self._asked["loudspeaker"])
        goes_on = self._there is not None and self._there.recording
        return Appearance(self.muted, self.camera, begins or goes_on)

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

    def ask(self, chosen: SetDevices) -> None:
        """Note that others are asked for.

        What takes the place of nothing begins switched off, as everybody has seen it until now.
        """
        self._unanswered += 1
        if chosen.audio_in is not None:
            self._muted = self.muted
            self._asked["microphone"] = chosen.audio_in
        if chosen.video_in is not None:
            self._camera = self.camera
            self._asked["camera"] = chosen.video_in
        if chosen.audio_out is not None:
            self._asked["loudspeaker"] = chosen.audio_out

    def recording_ended(self) -> None:
        """Take the media's word that what is heard is written nowhere any more."""
        if self._there is not None:
            self._there = msgspec.structs.replace(self._there, recording=False)

    def found(self, there: Devices) -> list[Device]:
        """Take the media's word for what there is; return what was asked for and is missing.

        Nothing is missing while the outcome of a later choice is still to come.
        """
        self._there = there
        self._unanswered -= 1
        if self._unanswered > 0:
            return []
        asked = (name for name, spec in self._asked.items() if spec != NONE)
        return [name for name in asked if not getattr(there, name)]
