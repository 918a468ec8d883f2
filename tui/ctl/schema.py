"""The requests a call takes and the answers it gives: version 1 of the schema.

One JSON object a line. A request is `{"v": 1, "request_id": ..., "verb": ..., ...}`, its answer
`{"v": 1, "request_id": ..., "result": {...}}` or `{..., "error": {"code", "message", "hint"}}`.
Fields may be added to answers within one version. Nothing in an answer lets anybody into the room.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from rooms.events import Participant

VERSION: Final = 1
MAX_REQUEST: Final = 4096
"""Bytes of a request, its newline included."""

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


class StatusRequest(Request, frozen=True):
    """Asks how the call stands."""


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


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """The call. `verified`: the epoch a code was compared at; `since`: how many came later.

    `sending_stopped`: nothing of ours is sent into the room, whatever the switches say.
    """

    call: int
    state: Literal["joining", "in_room"]
    name: str
    epoch: int
    participants: list[Participant]
    knocks: int
    muted: bool
    camera: bool
    sending_stopped: bool
    verified: int | None
    since: int


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
