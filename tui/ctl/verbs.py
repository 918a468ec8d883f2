"""What a running call does when asked from outside: one function a verb, and the table of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from tui.ctl.errors import CodeChangedError, NotInRoomError
from tui.ctl.schema import Code, Compared, Status, StatusRequest, VerifyRequest
from tui.ports import CallPort


@dataclass
class Caller:
    """The call that is asked, its number, and the epoch of the code it told last over a socket."""

    call: CallPort
    number: int
    told: int | None = None


@dataclass(frozen=True)
class Verb:
    """The request of a verb, and what carries it out. `act` raises `SottovoceError`."""

    request: type[msgspec.Struct]
    act: Callable[[Caller, Any], Awaitable[msgspec.Struct]]


async def status(caller: Caller, request: StatusRequest) -> Status:
    """Say how the call stands."""
    call = caller.call
    people = list(call.participants)
    return Status(
        call=caller.number,
        state="in_room" if people else "joining",
        name=next((person.name for person in people if person.me), ""),
        epoch=call.epoch,
        participants=people,
        knocks=len(call.knocks),
        muted=call.muted,
        camera=call.camera,
        sending_stopped=call.sending_stopped,
        verified=call.verification.epoch,
        since=call.verification.since,
    )


async def verify(caller: Caller, request: VerifyRequest) -> Code | Compared:
    """Tell the verification code, or take a person's word about it."""
    verification = caller.call.verification
    if request.same is None:
        code = await verification.code()
        if code is None:
            raise NotInRoomError("there is no code yet: this call is not in its room")
        caller.told = code.epoch
        return Code(
            epoch=code.epoch,
            digits=code.digits,
            words=code.words,
            verified=verification.epoch,
            since=verification.since,
        )
    epoch = request.epoch if request.epoch is not None else caller.told
    if not verification.answer(request.same, epoch):
        raise CodeChangedError(
            "there is no code to compare, or another one was shown since",
            hint="see the present one: sotto verify",
        )
    return Compared(same=request.same, verified=verification.epoch, since=verification.since)


VERBS: Final = {
    "status": Verb(StatusRequest, status),
    "verify": Verb(VerifyRequest, verify),
}
