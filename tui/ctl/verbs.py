"""What a running call does when asked from outside: one function a verb, and the table of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from tui.actions import Action
from tui.actions.talk import REACT, react
from tui.actions.talk import say as write
from tui.actions.view import CHAT, people, status
from tui.ctl.acts import ACTS
from tui.ctl.errors import CodeChangedError
from tui.ctl.office import Caller
from tui.ctl.properties import properties
from tui.ctl.schema import (
    ActRequest,
    BareRequest,
    Code,
    Compared,
    Done,
    EventsRequest,
    Following,
    Observed,
    ObserveRequest,
    ReactRequest,
    SayRequest,
    Status,
    Talked,
    TalkRequest,
    VerifyRequest,
    Who,
)
from tui.errors import NotInRoomError


@dataclass(frozen=True)
class Verb:
    """The request of a verb, and what carries it out. `act` raises `SottovoceError`."""

    request: type[msgspec.Struct]
    act: Callable[[Caller, Any], Awaitable[msgspec.Struct]]


async def show_status(caller: Caller, request: BareRequest) -> Status:
    """Say how the call stands."""
    seen = msgspec.structs.asdict(properties(caller.call, caller.office.number))
    return Status(words=status(caller.call, ""), **seen)


async def show_people(caller: Caller, request: BareRequest) -> Who:
    """Say who is here, and who wants to be."""
    call = caller.call
    if not call.participants:
        raise NotInRoomError("you are not in the room yet")
    waiting = [f"#{knock.knock} {knock.name} is knocking." for knock in call.knocks]
    return Who(
        participants=list(call.participants),
        volumes={one.leaf: call.volume(one.leaf) for one in call.participants if not one.me},
        knocks=list(call.knocks),
        words="\n".join([people(call, ""), *waiting]),
    )


async def verify(caller: Caller, request: VerifyRequest) -> Code | Compared:
    """Tell the verification code, or take a person's word about it."""
    verification = caller.call.verification
    if request.same is None:
        code = await verification.code()
        if code is None:
            raise NotInRoomError("there is no code yet: this call is not in its room")
        caller.office.told = code.epoch
        return Code(
            epoch=code.epoch,
            digits=code.digits,
            words=code.words,
            verified=verification.epoch,
            since=verification.since,
        )
    epoch = request.epoch if request.epoch is not None else caller.office.told
    if not verification.answer(request.same, epoch):
        raise CodeChangedError(
            "there is no code to compare, or another one was shown since",
            hint="see the present one: sotto verify",
        )
    return Compared(same=request.same, verified=verification.epoch, since=verification.since)


async def say(caller: Caller, request: SayRequest) -> Done:
    """Write a line to the room."""
    text, line = request.text, request.reply_to
    return Done(caller.office.carry_out(lambda call: write(call, text, line), CHAT.argument))


async def react_to(caller: Caller, request: ReactRequest) -> Done:
    """React to a line."""
    argument, line = request.argument, request.reply_to
    return Done(caller.office.carry_out(lambda call: react(call, argument, line), REACT.argument))


async def talk(caller: Caller, request: TalkRequest) -> Talked:
    """Have the microphone follow a key that is held."""
    key = caller.office.talk
    if request.on:
        key.press(request.at)
    else:
        key.release(request.at)
    return Talked(muted=caller.call.muted, seconds=key.seconds)


async def follow(caller: Caller, request: EventsRequest) -> Following:
    """Tell events from now on."""
    told = caller.office.follow
    return Following(told.events(caller.tell, request.request_id, request.kinds))


async def observe(caller: Caller, request: ObserveRequest) -> Observed:
    """Tell properties now, and whenever they change."""
    told = caller.office.follow
    return Observed(told.observe(caller.tell, request.request_id, request.properties))


def acting(action: Action, fixed: str | None) -> Verb:
    """Return the verb of an action, with an argument of its own or one that is given."""
    act = action.act
    assert act is not None

    async def do(caller: Caller, request: BareRequest | ActRequest) -> Done:
        argument = request.argument if isinstance(request, ActRequest) else fixed or ""
        return Done(caller.office.carry_out(lambda call: act(call, argument), action.argument))

    return Verb(ActRequest if fixed is None else BareRequest, do)


VERBS: Final = {
    "status": Verb(BareRequest, show_status),
    "who": Verb(BareRequest, show_people),
    "verify": Verb(VerifyRequest, verify),
    "say": Verb(SayRequest, say),
    "talk": Verb(TalkRequest, talk),
    "events": Verb(EventsRequest, follow),
    "observe": Verb(ObserveRequest, observe),
    **{name: acting(*of) for name, of in ACTS.items()},
    REACT.id: Verb(ReactRequest, react_to),
}
