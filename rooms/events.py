"""What happens in a room, as faces and scripts see it: one frozen struct an event.

`msgspec.json.encode(event)` is the JSON line of `--jsonl`:
`{"event": ..., "v": 1, "time": ..., ...}`.
Names and texts in here are already free of control characters. Pure: no I/O.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from e2ee.errors import SottovoceError
from rooms.chat_events import ChatHistory as ChatHistory  # noqa: PLC0414
from rooms.chat_events import ChatReceived as ChatReceived  # noqa: PLC0414
from rooms.chat_events import Reaction as Reaction  # noqa: PLC0414
from rooms.event import Event as Event  # noqa: PLC0414
from rooms.event import utc_now as utc_now  # noqa: PLC0414
from rooms.file_events import FileDone as FileDone  # noqa: PLC0414
from rooms.file_events import FileFailed as FileFailed  # noqa: PLC0414
from rooms.file_events import FileOffered as FileOffered  # noqa: PLC0414
from rooms.file_events import FileProgress as FileProgress  # noqa: PLC0414
from rooms.flow_events import BotState as BotState  # noqa: PLC0414
from rooms.flow_events import CameraState as CameraState  # noqa: PLC0414
from rooms.flow_events import Device as Device  # noqa: PLC0414
from rooms.flow_events import DevicesMissing as DevicesMissing  # noqa: PLC0414
from rooms.flow_events import FirstAudio as FirstAudio  # noqa: PLC0414
from rooms.flow_events import FirstPicture as FirstPicture  # noqa: PLC0414
from rooms.flow_events import InputEnded as InputEnded  # noqa: PLC0414
from rooms.flow_events import LevelState as LevelState  # noqa: PLC0414
from rooms.flow_events import MuteState as MuteState  # noqa: PLC0414
from rooms.flow_events import PublishingState as PublishingState  # noqa: PLC0414
from rooms.flow_events import QualityState as QualityState  # noqa: PLC0414
from rooms.flow_events import RecordingState as RecordingState  # noqa: PLC0414
from rooms.flow_events import SpeakingState as SpeakingState  # noqa: PLC0414
from rooms.flow_events import Stats as Stats  # noqa: PLC0414

KeyState = Literal["verified", "known", "new", "changed"]
Role = Literal["host", "cohost", "member"]
Suite = Literal["post-quantum", "classic"]
ChangeKind = Literal["locked", "unlocked", "allowed", "forbidden", "appointed", "dismissed"]


class Participant(msgspec.Struct, frozen=True, kw_only=True):
    """One member of the room as we know it. `fingerprint` is the SHA256:... of the identity key.

    `camera`: it is on, and whoever it shows may show themselves. `recording`: its client says that
    it keeps what it hears, or passes it on; one that does so in secret says nothing. `bot`: it says
    that a program sits there, not a person.
    """

    leaf: int
    name: str
    fingerprint: str
    role: Role
    key_state: KeyState
    me: bool = False
    muted: bool = True
    camera: bool = False
    recording: bool = False
    bot: bool = False
    speaking: bool = False
    confirmed: bool = True
    connected: bool = True


class Hosting(Event, frozen=True, kw_only=True, tag="hosting"):
    """The room is open; `link` is what others join with. It is a secret: print it, never log it."""

    link: str

    def __repr__(self) -> str:
        return "Hosting(link=<hidden>)"


class PasscodeShown(Event, frozen=True, kw_only=True, tag="passcode"):
    """To a host: `passcode` is what others may join with instead of the link. It is a secret.

    `room` is its first word, which is none; `server` is where that word leads to the room.
    """

    passcode: str
    room: str
    server: str
    reason: Literal["made", "asked", "renewed", "used_up"]

    def __repr__(self) -> str:
        return f"PasscodeShown(room={self.room!r}, reason={self.reason!r}, <hidden>)"


class Knocking(Event, frozen=True, kw_only=True, tag="knocking"):
    """We have knocked and wait to be admitted; told again when `host_here` has changed.

    `host_here`: the server says that somebody is there who may let us in. It cannot know whether
    the room is locked.
    """

    server: str
    host_here: bool = True


class Knock(Event, frozen=True, kw_only=True, tag="knock"):
    """To a host: somebody asks to come in."""

    knock: int
    name: str
    fingerprint: str
    key_state: KeyState


class KnockWithdrawn(Event, frozen=True, kw_only=True, tag="knock_withdrawn"):
    """To a host: whoever knocked gave up, was admitted or refused."""

    knock: int


class Admitted(Event, frozen=True, kw_only=True, tag="admitted"):
    """A host let us in and the Welcome proved to be the link's."""


class Refused(Event, frozen=True, kw_only=True, tag="refused"):
    """We are not let in: a host said no, or the room is locked, full, or nobody answered in time.

    `ended` follows, with the same `reason` and `code`.
    """

    reason: str
    code: str


class Joined(Event, frozen=True, kw_only=True, tag="joined"):
    """We are in the room. `suite`: whether its keys withstand quantum computers to come."""

    leaf: int
    epoch: int
    participants: list[Participant]
    suite: Suite = "classic"


class Reconnecting(Event, frozen=True, kw_only=True, tag="reconnecting"):
    """The connection to the server broke, or we lost the thread of the keys: nothing is sent, and
    we try to come back by ourselves.
    """

    reason: str


class Reconnected(Event, frozen=True, kw_only=True, tag="reconnected"):
    """We are in the room again; who came or went meanwhile follows as usual.

    `opened`: the server had lost the room, and we opened it again: the others are coming back.
    """

    leaf: int
    epoch: int
    opened: bool = False


class ParticipantJoined(Event, frozen=True, kw_only=True, tag="participant_joined"):
    """Somebody was added by a host's Commit."""

    participant: Participant


class ParticipantLeft(Event, frozen=True, kw_only=True, tag="participant_left"):
    """Somebody left, was removed, or lost the connection."""

    leaf: int
    name: str
    reason: Literal["left", "removed", "lost"]


class StateChange(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that changed in the room's state.

    `of` names the rule that allows or forbids, or the person who is cohost now, or no more;
    `me`: that is us.
    """

    what: ChangeKind
    of: str = ""
    me: bool = False


class RoomState(Event, frozen=True, kw_only=True, tag="room_state"):
    """The roles and rules of the room: as we come in, and whenever somebody changed them.

    `hosts` and `cohosts` are fingerprints, of those who are not here as well; `policy` is what
    plain members may do, by rule. `name` (or we, with `mine`) made the changes in `changed`.
    """

    locked: bool
    policy: dict[str, bool]
    hosts: list[str]
    cohosts: list[str]
    name: str = ""
    mine: bool = False
    changed: list[StateChange] = msgspec.field(default_factory=list)


class KeyChanged(Event, frozen=True, kw_only=True, tag="key_changed"):
    """Somebody in the room has another key than the one their name, or one like it, had before.

    `old` and `new` are fingerprints.
    """

    leaf: int
    name: str
    old: str
    new: str


class VerificationCode(Event, frozen=True, kw_only=True, tag="verification_code"):
    """The code of the present epoch, as asked for: groups of five digits, or words."""

    epoch: int
    digits: list[str]
    words: list[str]

    def __repr__(self) -> str:
        return f"VerificationCode(epoch={self.epoch}, <hidden>)"


class CodeCompared(Event, frozen=True, kw_only=True, tag="code_compared"):
    """A person said whether the others read the code of `epoch`; `people` counts the others."""

    epoch: int
    same: bool
    people: int


class E2eeState(Event, frozen=True, kw_only=True, tag="e2ee_state"):
    """The group moved to an epoch, or it turned out whether all of its members agree on it.

    `stopped`: nothing of ours is sent, for a `reason`: people, by `names`, hold other keys
    (disagrees) or are in a later epoch (behind), or nobody has confirmed our keys for a minute
    (silent). `unconfirmed` are the leaves of those who have not confirmed them for a while.
    """

    epoch: int
    members: int
    state: Literal["secure", "stopped"] = "secure"
    suite: Suite = "classic"
    reason: Literal["agreed", "disagrees", "behind", "silent"] = "agreed"
    names: list[str] = msgspec.field(default_factory=list)
    unconfirmed: list[int] = msgspec.field(default_factory=list)


class Note(Event, frozen=True, kw_only=True, tag="note"):
    """One line for the person: a device that is used, a state worth knowing."""

    text: str


class ErrorEvent(Event, frozen=True, kw_only=True, tag="error"):
    """Something went wrong; the call goes on unless `ended` follows."""

    code: str
    message: str
    hint: str = ""
    fault: Literal["ours", "person", "peer"] = "ours"

    @classmethod
    def of(cls, error: SottovoceError) -> ErrorEvent:
        """Return an error of ours as an event."""
        return cls(code=error.code, message=error.message, hint=error.hint, fault=error.fault.value)


class Left(Event, frozen=True, kw_only=True, tag="left"):
    """We left by ourselves; `ended` follows as soon as all is closed."""


class Ended(Event, frozen=True, kw_only=True, tag="ended"):
    """The call is over; the last event. `code` is empty when we left ourselves."""

    reason: str
    code: str = ""


AnyEvent = (
    Hosting
    | PasscodeShown
    | Knocking
    | Knock
    | KnockWithdrawn
    | Admitted
    | Refused
    | Joined
    | Reconnecting
    | Reconnected
    | ParticipantJoined
    | ParticipantLeft
    | RoomState
    | KeyChanged
    | VerificationCode
    | CodeCompared
    | ChatReceived
    | ChatHistory
    | Reaction
    | FileOffered
    | FileProgress
    | FileDone
    | FileFailed
    | MuteState
    | CameraState
    | RecordingState
    | BotState
    | SpeakingState
    | FirstAudio
    | FirstPicture
    | PublishingState
    | LevelState
    | E2eeState
    | Stats
    | QualityState
    | InputEnded
    | DevicesMissing
    | Note
    | ErrorEvent
    | Left
    | Ended
)
