"""The requests a call takes and the answers it gives: version 1 of the schema.

One JSON object a line. A request is `{"v": 1, "request_id": ..., "verb": ..., ...}`, its answer
`{"v": 1, "request_id": ..., "result": {...}}` or `{..., "error": {"code", "message", "hint"}}`.
What was asked for to be told comes later, as `{..., "event": {...}}` or `{..., "change": {...}}`.
Fields may be added to answers within one version. Nothing in here lets anybody into the room.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec

from rooms.events import Knock, Participant, Role
from rooms.flow_events import Quality

VERSION: Final = 1
MAX_REQUEST: Final = 32_768
"""Bytes of a request, its newline included."""

LineId = Annotated[str, msgspec.Meta(max_length=64)]
RequestId = Annotated[str, msgspec.Meta(max_length=64)] | Annotated[int, msgspec.Meta(ge=0)] | None


class Head(msgspec.Struct, frozen=True):
    """What every request has."""

    v: int
    verb: Annotated[str, msgspec.Meta(max_length=64)]
    request_id: RequestId = None


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of every request; `Head` has looked at the fields it shares with it."""

    v: int
    verb: str
    request_id: RequestId = None


class BareRequest(Request, frozen=True):
    """Asks for something there is only one of."""


class ActRequest(Request, frozen=True):
    """Asks for an action, with the argument its /command has."""

    argument: str = ""


class SayRequest(Request, frozen=True, kw_only=True):
    """Asks to write a line; `reply_to` is the id of the line it answers."""

    text: str
    reply_to: LineId = ""


class ReactRequest(ActRequest, frozen=True):
    """Asks to react to the line of an id; by default the last of somebody else."""

    reply_to: LineId = ""


class TalkRequest(Request, frozen=True, kw_only=True):
    """Asks to be heard from now on, or no more, as a key says that is held.

    `at`: when the key moved, seconds since the machine was started; by default now. Who lets go
    is not heard because of a press that was earlier and comes later.
    """

    on: bool
    at: float | None = None


class EventsRequest(Request, frozen=True):
    """Asks to be told events, of these kinds; by default of all."""

    kinds: list[str] = []


class ObserveRequest(Request, frozen=True):
    """Asks to be told these properties now and whenever they change; by default all."""

    properties: list[str] = []


class VerifyRequest(Request, frozen=True):
    """Asks for the verification code; or says whether the code told last is what others read.

    `epoch`: of the code that was compared; by default of the code told last over this socket.
    """

    same: bool | None = None
    epoch: int | None = None


class Failure(msgspec.Struct, frozen=True):
    """Why nothing was done, as errors are everywhere else."""

    code: str
    message: str
    hint: str


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """One of `result` and `error`, and the request's own `request_id`, null if there is none."""

    v: int
    request_id: RequestId
    result: msgspec.Struct | None = None
    error: Failure | None = None


class Told(msgspec.Struct, frozen=True):
    """An event that happened, encoded, to whoever asked for events by `request_id`."""

    v: int
    request_id: RequestId
    event: msgspec.Raw


class Changed(msgspec.Struct, frozen=True):
    """The properties that changed, to whoever asked for them by `request_id`."""

    v: int
    request_id: RequestId
    change: dict[str, Any]


class Done(msgspec.Struct, frozen=True):
    """It was done; `words` say so where that is not plain, else they are empty."""

    words: str


class Talked(msgspec.Struct, frozen=True, kw_only=True):
    """How our microphone is now. `seconds`: it stays open so long if nobody asks again."""

    muted: bool
    seconds: float | None


class Properties(msgspec.Struct, frozen=True, kw_only=True):
    """What can be observed about a call.

    `sending_stopped`: nothing of ours is sent into the room, whatever the switches say.
    `publishing_audio`, `publishing_video`: ours really leaves this machine. `knocks`: how many
    wait. `recording`, `speaking`: names of who says so, and of who does. `verified`: the epoch a
    code was compared at; `since`: how many came later.
    """

    call: int
    state: Literal["joining", "in_room", "reconnecting"]
    name: str
    role: Role
    epoch: int
    participants: list[Participant]
    knocks: int
    locked: bool
    muted: bool
    camera: bool
    publishing_audio: bool
    publishing_video: bool
    sending_stopped: bool
    recording: list[str]
    speaking: list[str]
    quality: Quality
    verified: int | None
    since: int


class Status(Properties, frozen=True, kw_only=True):
    """How the call stands; `words` say it to a person."""

    words: str


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """Who is in the room, how loud each plays for us, by leaf (1.0: as sent), and who knocks."""

    participants: list[Participant]
    volumes: dict[int, float]
    knocks: list[Knock]
    words: str


class Following(msgspec.Struct, frozen=True):
    """The kinds of events that will be told."""

    kinds: list[str]


class Observed(msgspec.Struct, frozen=True):
    """What was asked for, as it is now."""

    properties: dict[str, Any]


class Code(msgspec.Struct, frozen=True, kw_only=True):
    """The code of an epoch, and at which epoch one was compared, and how many came since."""

    epoch: int
    digits: list[str]
    words: list[str]
    verified: int | None
    since: int

    def __repr__(self) -> str:
        return f"Code(epoch={self.epoch}, <hidden>)"


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """What came of comparing a code: now everybody is verified who was here then, or nobody."""

    same: bool
    verified: int | None
    since: int
