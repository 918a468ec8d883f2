"""The messages between a session and its media: commands down, events up.

The same values travel in-process (headless) or over the pipe to the media process (msgpack frames).
Pure: no I/O.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from media.engine.ports import MediaAnswer, MediaOffer, TransportStats

DEVICE: Final = "device:"
"""What a spec begins with that names one device, as `media.device_list` found it."""
STREAM: Final = "stream"
"""What a spec is, or begins with, that plays what comes through standard input."""
SPLIT: Final = "split:"
"""What a spec begins with that names a folder for files of single voices."""
OWN: Final = -1
"""Stands for our own leaf, which nobody knows before we are in the room."""


_NO_FILES: Final = frozenset(
    {"none", "default", "camera", "device", "speech", "testsrc", "-", STREAM}
)


def source_file(spec: str) -> str | None:
    """Return the path of the file a source is, by its spec; None if it is none."""
    return None if spec.partition(":")[0] in _NO_FILES else spec


def is_recording(audio_out: str) -> bool:
    """Whether what is heard goes where it may be kept: to a file, or a pipe to who knows whom."""
    return audio_out not in ("none", "default") and not audio_out.startswith(DEVICE)


# --- commands: session -> media ---


class Configure(msgspec.Struct, frozen=True, tag="configure"):
    """First command, once. Sources and sinks are specs.

    audio_in: `default` (microphone if any, else none), `device:NAME` (likewise), `none`,
    `speech[:SEED]` (synthetic), `-` (48 kHz mono s16le on standard input, in-process only), a file
    path, or `stream[:RATE:CHANNELS]`: standard input like a file, from its first sample on and
    whatever its form; the numbers are those of bare s16le samples.
    audio_out: `default`, `device:NAME`, `none`, `-` (samples on standard output), or a path, of an
    Ogg/Opus file if it ends in .ogg or .opus, else of a WAV; `ogg:`, `wav:` or `pcm:` before a path
    or `-` say so whatever it is called; `split:FOLDER` is an Ogg/Opus file for each voice.
    video_in: `none`, `camera`, `device:NAME`, `testsrc[:SEED]`, or a file path.
    share_level: tell the server how loud we are, where it has to choose who is heard.
    constant_bitrate: every packet of sound has one size; else sizes follow, and tell, what is said.
    """

    audio_in: str = "default"
    audio_out: str = "default"
    video_in: str = "none"
    muted: bool = False
    camera: bool = True
    share_level: bool = True
    constant_bitrate: bool = True


class Connect(msgspec.Struct, frozen=True, tag="connect"):
    """Open the transport with the engine's answer."""

    answer: MediaAnswer


class Renew(msgspec.Struct, frozen=True, tag="renew"):
    """Give the transport up and offer a new one: the connection to the server is another one."""


class InstallKey(msgspec.Struct, frozen=True, tag="install_key"):
    """Media key of an epoch: decrypt with it at once, send with it after `send_after` seconds.

    `members` are the leaves that may send in that epoch; `joined` are those of them that belong
    to somebody since this epoch only, perhaps after somebody else whom the same Commit removed.
    Older epochs are wiped 10 s after the switch. With `anew`, all others are at once: we came into
    the group another time, and what it calls this epoch may be an older number than ours was.
    """

    epoch: int
    base_key: Annotated[bytes, msgspec.Meta(min_length=16, max_length=64)]
    leaf: int
    members: frozenset[int]
    send_after: float
    joined: frozenset[int] = frozenset()
    anew: bool = False

    def __repr__(self) -> str:
        return f"InstallKey(epoch={self.epoch}, leaf={self.leaf})"


class SetMuted(msgspec.Struct, frozen=True, tag="set_muted"):
    """Stop (or start) the microphone itself; while muted nothing is captured, encoded or sent."""

    muted: bool


class SetCamera(msgspec.Struct, frozen=True, tag="set_camera"):
    """Stop or start the camera."""

    on: bool


class SetVolume(msgspec.Struct, frozen=True, tag="set_volume"):
    """Playback gain for one participant, 0.0 to 4.0."""

    leaf: int
    gain: float


class NameVoice(msgspec.Struct, frozen=True, tag="name_voice"):
    """Say whose voice a leaf's is, for `split:`.

    `person` is the same for all leaves somebody ever has, `name` what their file may be called.
    """

    leaf: int
    person: str
    name: str


class SetView(msgspec.Struct, frozen=True, tag="set_view"):
    """Deliver pictures of `leaf` scaled to fit width x height pixels; 0 x 0 stops them.

    Our own leaf gives the self view, and so does `OWN`, also before we have a leaf.
    """

    leaf: int
    width: int
    height: int


class Rehearse(msgspec.Struct, frozen=True, tag="rehearse"):
    """Run the microphone (unless muted) and the camera (if on) though nobody can be sent to yet.

    Nothing of it is encoded or leaves. It is over as soon as we can send: the devices that run go
    on for the others, and later stop whenever we cannot send, as ever.
    """

    on: bool


class SetMeters(msgspec.Struct, frozen=True, tag="set_meters"):
    """Tell `Levels` ten times a second, or no more."""

    on: bool


class SetDevices(msgspec.Struct, frozen=True, tag="set_devices"):
    """Take other sources and sinks, by spec as in `Configure`; None keeps what there is.

    What cannot be taken changes nothing but for a `DeviceNote`. `Devices` follows.
    """

    audio_in: str | None = None
    audio_out: str | None = None
    video_in: str | None = None


class SetPrivacy(msgspec.Struct, frozen=True, tag="set_privacy"):
    """What packets of sound give away from now on, as in `Configure`."""

    share_level: bool
    constant_bitrate: bool


class ResumeSending(msgspec.Struct, frozen=True, tag="resume_sending"):
    """Send again, with the newest key whose time has come."""


class StopSending(msgspec.Struct, frozen=True, tag="stop_sending"):
    """Send nothing more (keys disagree, or the room is over), whatever key comes; receive on."""


class Shutdown(msgspec.Struct, frozen=True, tag="shutdown"):
    """Close everything and end; the last event is `Closed`."""


Command = (
    Configure
    | Connect
    | Renew
    | InstallKey
    | SetMuted
    | SetCamera
    | SetVolume
    | NameVoice
    | SetView
    | Rehearse
    | SetMeters
    | SetDevices
    | SetPrivacy
    | StopSending
    | ResumeSending
    | Shutdown
)

# --- events: media -> session ---


class Offered(msgspec.Struct, frozen=True, tag="offered"):
    """The transport's offer, to be sent to the server."""

    offer: MediaOffer


class Connected(msgspec.Struct, frozen=True, tag="connected"):
    """DTLS is up; media flows as soon as there is a key."""


class Disconnected(msgspec.Struct, frozen=True, tag="disconnected"):
    """The transport broke."""

    reason: str


class Heard(msgspec.Struct, frozen=True, tag="heard"):
    """First audio frame of a participant was decrypted and decoded."""

    leaf: int


class Seen(msgspec.Struct, frozen=True, tag="seen"):
    """First picture of a participant was decrypted and decoded."""

    leaf: int


class Speaking(msgspec.Struct, frozen=True, tag="speaking"):
    """A participant (or we) started or stopped speaking, judged from decrypted audio."""

    leaf: int
    on: bool


class Picture(msgspec.Struct, frozen=True, tag="picture"):
    """A decoded picture, of ourselves if of `OWN`: RGB bytes, height x width x 3, uint8."""

    leaf: int
    width: int
    height: int
    rgb: bytes


class Levels(msgspec.Struct, frozen=True, tag="levels"):
    """The loudest frame of the last tenth of a second, in and out, as `media.audio.levels.Meter`
    reads it. None: the device is stopped, or there is none.
    """

    microphone: float | None
    loudspeaker: float | None


class Publishing(msgspec.Struct, frozen=True, tag="publishing"):
    """Whether audio and video packets really left this machine in the last 200 ms."""

    audio: bool
    video: bool


class InputEnded(msgspec.Struct, frozen=True, tag="input_ended"):
    """A file given as audio or video source has been played to its end.

    `reason`: why it could not be played, if so.
    """

    kind: str
    reason: str = ""


class Devices(msgspec.Struct, frozen=True, tag="devices"):
    """What there is to capture with and to play on, after `Configure` and each `SetDevices`.

    Files and synthetic sources count as devices; `none` is no device. `recording`: what is heard
    goes to a file or a pipe.
    """

    microphone: bool
    camera: bool
    loudspeaker: bool
    recording: bool = False


class RecordingEnded(msgspec.Struct, frozen=True, tag="recording_ended"):
    """What is heard is written nowhere any more, against what was asked for."""

    reason: str


class DeviceNote(msgspec.Struct, frozen=True, tag="device_note"):
    """What is used, does not work or would help, in one line for the person."""

    text: str


class MediaStats(msgspec.Struct, frozen=True, tag="media_stats"):
    """Once a second and at the end; `concealed` is the share of sound made up lately."""

    transport: TransportStats
    decrypted_frames: dict[int, int]
    decrypt_failures: int
    concealed_ratio: dict[int, float]
    concealed: float = 0.0


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """An expected error ended the media; fields as in `SottovoceError`."""

    code: str
    message: str
    hint: str


class Closed(msgspec.Struct, frozen=True, tag="closed"):
    """Media has shut down cleanly."""


Event = (
    Offered
    | Connected
    | Disconnected
    | Heard
    | Seen
    | Speaking
    | Picture
    | Levels
    | Publishing
    | InputEnded
    | Devices
    | RecordingEnded
    | DeviceNote
    | MediaStats
    | Failed
    | Closed
)
