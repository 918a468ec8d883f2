"""What is done about the room: who may come in, the rules, the link, the code that is compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.actions.action import Action
from tui.errors import NotAllowedError, NotInRoomError, UsageError
from tui.rules import RULES, rule_in_words, rules_in_words

if TYPE_CHECKING:
    from rooms.events import Participant, RoomState
    from tui.ports import CallPort


def lock(call: CallPort, argument: str) -> str:
    """Lock the room."""
    return _set_lock(call, True)


def unlock(call: CallPort, argument: str) -> str:
    """Unlock the room."""
    return _set_lock(call, False)


def policy(call: CallPort, argument: str) -> str:
    """Say what members may do; or, with a rule and `on` or `off`, change it."""
    state = _state(call)
    if not argument:
        return f"{rules_in_words(state)}\n{_cohosts(call.participants, state)}"
    rule, _, setting = argument.lower().partition(" ")
    setting = setting.strip()
    if rule not in RULES or setting not in {"on", "off"}:
        raise UsageError(f"say a rule ({', '.join(RULES)}), and on or off")
    if call.moderation.role == "member":
        raise NotAllowedError("only a host or a cohost changes the rules")
    if state.policy[rule] == (setting == "on"):
        return f"It is so already: {rule_in_words(rule, state.policy[rule])}."
    call.moderation.allow(rule, setting == "on")
    return ""


def link(call: CallPort, argument: str) -> str:
    """Say what others join with."""
    return f"Others join with: sotto join '{call.link}'" if call.link else "There is no link yet."


def passcode(call: CallPort, argument: str) -> str:
    """Have the passcode shown, or a `new` one made."""
    if call.moderation.role != "host":
        raise NotAllowedError("only the host of a room has its passcode")
    match argument.lower():
        case "":
            call.passcodes.ask()
        case "new":
            call.passcodes.renew()
        case _:
            raise UsageError("say nothing more, or new")
    return ""


def verify(call: CallPort, argument: str) -> str:
    """Ask for the verification code; or, with `same` or `different`, say what came of it."""
    match argument.lower():
        case "":
            call.verification.ask()
        case "same" | "different" as answer:
            call.verification.answer(answer == "same")
        case _:
            raise UsageError("say nothing more, compare the code, then say same or different")
    return ""


def _set_lock(call: CallPort, on: bool) -> str:
    state = _state(call)
    if call.moderation.role == "member":
        verb = "lock" if on else "unlock"
        raise NotAllowedError(f"only a host or a cohost can {verb} the room")
    if state.locked == on:
        return f"The room is {'locked already' if on else 'not locked'}."
    call.moderation.lock(on)
    return ""


def _state(call: CallPort) -> RoomState:
    """Return the roles and rules there are. Raises `NotInRoomError`."""
    state = call.moderation.state
    if state is None:
        raise NotInRoomError
    return state


def _cohosts(people: Sequence[Participant], state: RoomState) -> str:
    here = {person.fingerprint: person.name for person in people}
    names = [here.get(key, f"{key} (not here)") for key in state.cohosts]
    return f"Cohosts: {', '.join(names)}." if names else "There are no cohosts."


LOCK = Action("lock", "L", "Lock the room", "let nobody new in", "room", act=lock)
UNLOCK = Action("unlock", "U", "Unlock the room", "let people in again", "room", act=unlock)
POLICY = Action("policy", "p", "Rules", "what members may do", "room", "[RULE on|off]", policy)
LINK = Action(
    "link", "l", "Show the link", "the link others join with", "room", act=link, secret=True
)
PASSCODE = Action(
    "passcode", "w", "Show the passcode", "words to say aloud", "room", "[new]", passcode
)
VERIFY = Action(
    "verify", "k", "Verify the call", "compare a code", "room", "[same|different]", verify
)
