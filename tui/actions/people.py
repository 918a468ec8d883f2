"""What is done about other people: letting in, turning away, removing, roles, volume."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from tui.actions.action import Action
from tui.errors import NotAllowedError, NotFoundError, UnsureError, UsageError
from tui.finding import find_knock, find_participant

if TYPE_CHECKING:
    from rooms.events import Knock
    from tui.ports import CallPort

MAX_GAIN: Final = 4.0
GAIN_STEP: Final = 0.25
KEY_START: Final = "SHA256:"
_NUMBER: Final = re.compile(r"#\d+")


def means_all(argument: str) -> bool:
    """Return whether everybody who waits is meant."""
    return argument.casefold() == "all"


def trusted(knocks: Sequence[Knock]) -> list[Knock]:
    """Return those who may be let in together: whoever has another key than before may not."""
    return [knock for knock in knocks if knock.key_state != "changed"]


def admit(call: CallPort, argument: str) -> str:
    """Let somebody in: `#N`, several of them, a name, `all`, or whoever knocked first."""
    if means_all(argument):
        return admit_all(call, "")
    numbers = argument.split()
    if len(numbers) > 1 and all(_NUMBER.fullmatch(number) for number in numbers):
        return _admit_each(call, numbers)
    knock = find_knock(call.knocks, argument)
    call.admit(knock.knock)
    return f"Letting {knock.name} in."


def _admit_each(call: CallPort, numbers: Sequence[str]) -> str:
    """Let in whoever of these knocks still."""
    waiting = {f"#{knock.knock}": knock for knock in call.knocks}
    if not waiting.keys() & set(numbers):
        raise NotFoundError("none of them is knocking")
    said = []
    for number in dict.fromkeys(numbers):
        knock = waiting.get(number)
        if knock is not None:
            call.admit(knock.knock)
        said.append(f"Letting {knock.name} in." if knock else f"{number} is not knocking.")
    return "\n".join(said)


def admit_all(call: CallPort, argument: str) -> str:
    """Refuse, saying what lets in all who wait now, and nobody who comes while it is read."""
    first, *_ = found = trusted(call.knocks) or [find_knock(call.knocks, "")]
    if first.key_state == "changed":
        raise UnsureError("their keys have changed: admit them one by one")
    numbers = " ".join(f"#{knock.knock}" for knock in found)
    names = ", ".join(knock.name for knock in found)
    raise UnsureError(f"to let in {names}, type /admit {numbers}")


def refuse(call: CallPort, argument: str) -> str:
    """Turn somebody away: `#N`, a name, or whoever knocked first."""
    knock = find_knock(call.knocks, argument)
    call.refuse(knock.knock)
    return f"Turned {knock.name} away."


def remove(call: CallPort, argument: str) -> str:
    """Remove somebody from the room: `#LEAF` or a name."""
    role = call.moderation.role
    if role == "member":
        raise NotAllowedError("only a host or a cohost can remove somebody")
    person = find_participant(call.participants, argument)
    if person.role == "host" and role != "host":
        raise NotAllowedError("a cohost cannot remove a host")
    call.remove(person.leaf)
    return f"Removing {person.name}."


def cohost(call: CallPort, argument: str) -> str:
    """Make somebody a cohost: `#LEAF` or a name."""
    if call.moderation.role != "host":
        raise NotAllowedError("only the host makes cohosts")
    person = find_participant(call.participants, argument)
    if person.role != "member":
        return f"{person.name} is a {person.role} already."
    call.moderation.appoint(person.leaf)
    return ""


def dismiss(call: CallPort, argument: str) -> str:
    """Make a cohost a member again: `#LEAF`, a name, or the key of one who is not here."""
    state = call.moderation.state
    if call.moderation.role != "host":
        raise NotAllowedError("only the host dismisses cohosts")
    name = key = argument
    if not key.startswith(KEY_START):
        person = find_participant(call.participants, argument)
        name, key = person.name, person.fingerprint
    if state is None or key not in state.cohosts:
        raise NotFoundError(f"{name} is no cohost")
    call.moderation.dismiss(key)
    return ""


def volume(call: CallPort, argument: str) -> str:
    """Set how loud somebody is for us: a name and a percentage, 0 to 400."""
    target, _, number = argument.rpartition(" ")
    try:
        gain = int(number.rstrip("%")) / 100
    except (ValueError, OverflowError) as error:
        raise UsageError("say who and how loud") from error
    person = find_participant(call.participants, target)
    asked, gain = gain, min(max(gain, 0.0), MAX_GAIN)
    call.set_volume(person.leaf, gain)
    limit = "" if asked == gain else f", the {'most' if asked > gain else 'least'} there is"
    return f"{person.name} plays at {gain:.0%}{limit}."


def louder(call: CallPort, argument: str) -> str:
    """Play somebody louder, by a step: `#LEAF` or a name."""
    return _turn(call, argument, GAIN_STEP)


def softer(call: CallPort, argument: str) -> str:
    """Play somebody softer, by a step: `#LEAF` or a name."""
    return _turn(call, argument, -GAIN_STEP)


def _turn(call: CallPort, argument: str, step: float) -> str:
    person = find_participant(call.participants, argument)
    gain = min(max(call.volume(person.leaf) + step, 0.0), MAX_GAIN)
    return volume(call, f"#{person.leaf} {gain * 100:.0f}")


ADMIT = Action("admit", "a", "Admit", "let in whoever knocks", "people", "[NAME|all]", admit)
ADMIT_ALL = Action(
    "admit_all", "A", "Admit all", "let in all who wait; asked twice", "people", act=admit_all
)
REFUSE = Action("refuse", "r", "Refuse", "turn away whoever knocks", "people", "[NAME]", refuse)
REMOVE = Action(
    "remove",
    "x",
    "Remove a participant",
    "put somebody out of the room",
    "people",
    "NAME",
    remove,
    twice="remove {}",
)
COHOST = Action(
    "cohost",
    "c",
    "Make a cohost",
    "somebody helps to host",
    "people",
    "NAME",
    cohost,
    twice="make {} a cohost",
)
DISMISS = Action(
    "dismiss",
    "d",
    "Dismiss a cohost",
    "somebody helps no more",
    "people",
    "NAME",
    dismiss,
    twice="make {} a member again",
)
LOUDER = Action("louder", "plus", "Louder", "play somebody louder", "people", "NAME", louder)
SOFTER = Action("softer", "minus", "Softer", "play somebody softer", "people", "NAME", softer)
VOLUME = Action("volume", "", "Volume", "how loud somebody is", "people", "NAME PERCENT", volume)
ACK = Action("ack", "y", "Seen", "take note of changed keys", "people")
