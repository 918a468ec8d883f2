"""Events of sound and pictures: who is heard and seen, and how well they flow. Pure."""

from __future__ import annotations

from typing import Literal

from rooms.event import Event

Device = Literal["microphone", "camera", "loudspeaker"]
Quality = Literal["good", "bad"]
Measured = Literal["loss", "sent_loss", "round_trip_ms", "jitter_ms", "concealed"]


class MuteState(Event, frozen=True, kw_only=True, tag="mute_state"):
    """A participant (or we) muted or unmuted."""

    leaf: int
    name: str
    muted: bool


class CameraState(Event, frozen=True, kw_only=True, tag="camera_state"):
    """A participant (or we) turned the camera on or off."""

    leaf: int
    name: str
    on: bool


class RecordingState(Event, frozen=True, kw_only=True, tag="recording"):
    """A participant's client says that it keeps what it hears, or passes it on; or no more."""

    leaf: int
    name: str
    on: bool


class BotState(Event, frozen=True, kw_only=True, tag="bot"):
    """A participant's client says that a program sits there, not a person; or no more."""

    leaf: int
    name: str
    on: bool


class SpeakingState(Event, frozen=True, kw_only=True, tag="speaking"):
    """A participant started or stopped speaking."""

    leaf: int
    name: str
    on: bool


class FirstAudio(Event, frozen=True, kw_only=True, tag="first_audio"):
    """The first audio of a participant was decrypted and decoded."""

    leaf: int
    name: str


class FirstPicture(Event, frozen=True, kw_only=True, tag="first_picture"):
    """The first picture of a participant was decrypted and decoded."""

    leaf: int
    name: str


class PublishingState(Event, frozen=True, kw_only=True, tag="publishing"):
    """Whether our audio and video packets really leave this machine right now."""

    audio: bool
    video: bool


class LevelState(Event, frozen=True, kw_only=True, tag="levels"):
    """How loud it is, for whoever asked: 0.0 to 1.0, even in decibels; None: it is stopped."""

    microphone: float | None
    loudspeaker: float | None


class Stats(Event, frozen=True, kw_only=True, tag="stats"):
    """Once a second while media flows; the last three are shares of the last 5 s, 0.0 to 1.0."""

    sent_bytes: int
    received_bytes: int
    lost_packets: int
    jitter_ms: float
    round_trip_ms: float | None
    decrypted_frames: int
    decrypt_failures: int
    loss: float = 0.0
    sent_loss: float | None = None
    concealed: float = 0.0


class QualityState(Event, frozen=True, kw_only=True, tag="quality"):
    """Our connection became one that people notice in a call, or is none any more; good at first.

    `bad` names what is past its limit (`rooms.quality`), in fields as `Stats` has them; the
    numbers are those of that moment.
    """

    quality: Quality
    bad: list[Measured]
    loss: float
    sent_loss: float | None
    round_trip_ms: float | None
    jitter_ms: float
    concealed: float


class InputEnded(Event, frozen=True, kw_only=True, tag="input_ended"):
    """What was given has come to its end: `audio` or `video` was played, `lines` were typed."""

    kind: str


class DevicesMissing(Event, frozen=True, kw_only=True, tag="devices_missing"):
    """Devices of ours that were asked for and are not there.

    Told at the start, and whenever others were chosen.
    """

    devices: list[Device]
