"""What hosts and cohosts do with a room, as /commands: locking, roles, rules, removing.

Each returns a line for the person; empty where an event says what came of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from tui.finding import find_participant

if TYPE_CHECKING:
    from rooms.events import Participant, RoomState
    from tui.ports import CallPort

RULES: Final = {
    "chat": "write",
    "recording": "record",
    "ai": "use an AI",
    "share": "share",
    "stage": "come on stage",
}
"""What plain members may be allowed, in words that follow "may"."""
NOT_IN: Final = "You are not in the room."
KEY_START: Final = "SHA256:"


def lock(call: CallPort, argument: str) -> str:
    """Lock the room."""
    return _set_lock(call, True)


def unlock(call: CallPort, argument: str) -> str:
    """Unlock the room."""
    return _set_lock(call, False)


def remove(call: CallPort, argument: str) -> str:
    """Remove somebody from the room: `#LEAF` or a name."""
    role = call.moderation.role
    if role == "member":
        return "Only a host or a cohost can remove somebody."
    person = find_participant(call.participants, argument)
    if isinstance(person, str):
        return person
    if person.role == "host" and role != "host":
        return "A cohost cannot remove a host."
    call.remove(person.leaf)
    return f"Removing {person.name}."


def cohost(call: CallPort, argument: str) -> str:
    """Make somebody a cohost: `#LEAF` or a name."""
    if call.moderation.role != "host":
        return "Only the host makes cohosts."
    person = find_participant(call.participants, argument)
    if isinstance(person, str):
        return person
    if person.role != "member":
        return f"{person.name} is a {person.role} already."
    call.moderation.appoint(person.leaf)
    return ""


def dismiss(call: CallPort, argument: str) -> str:
    """Make a cohost a member again: `#LEAF`, a name, or the key of one who is not here."""
    state = call.moderation.state
    if call.moderation.role != "host":
        return "Only the host dismisses cohosts."
    name = key = argument
    if not key.startswith(KEY_START):
        person = find_participant(call.participants, argument)
        if isinstance(person, str):
            return person
        name, key = person.name, person.fingerprint
    if state is None or key not in state.cohosts:
        return f"{name} is no cohost."
    call.moderation.dismiss(key)
    return ""


def policy(call: CallPort, argument: str) -> str:
    """Say what members may do; or, with a rule and `on` or `off`, change it."""
    state = call.moderation.state
    if state is None:
        return NOT_IN
    if not argument:
        return f"{rules_in_words(state)}\n{_cohosts(call.participants, state)}"
    rule, _, setting = argument.lower().partition(" ")
    setting = setting.strip()
    if rule not in RULES or setting not in {"on", "off"}:
        return f"Say /policy RULE on, or off. The rules are {', '.join(RULES)}."
    if call.moderation.role == "member":
        return "Only a host or a cohost changes the rules."
    if state.policy[rule] == (setting == "on"):
        return f"It is so already: {rule_in_words(rule, state.policy[rule])}."
    call.moderation.allow(rule, setting == "on")
    return ""


def rule_in_words(rule: str, allowed: bool) -> str:
    """Return what a rule says now."""
    return f"{'everybody' if allowed else 'only hosts and cohosts'} may {RULES[rule]}"


def rules_in_words(state: RoomState) -> str:
    """Return whether the room is locked, and all rules, one a line."""
    lines = ["The room is not locked: hosts and cohosts let people in."]
    if state.locked:
        lines = ["The room is locked: nobody but a host that comes back can come in."]
    for rule in RULES:
        allowed = state.policy[rule]
        lines.append(f"{rule} {'on' if allowed else 'off'}: {rule_in_words(rule, allowed)}")
    lines.append("Only chat has an effect so far; the rest is not built.")
    return "\n".join(lines)


def _set_lock(call: CallPort, on: bool) -> str:
    state = call.moderation.state
    if state is None:
        return NOT_IN
    if call.moderation.role == "member":
        return f"Only a host or a cohost can {'lock' if on else 'unlock'} the room."
    if state.locked == on:
        return f"The room is {'locked already' if on else 'not locked'}."
    call.moderation.lock(on)
    return ""


def _cohosts(people: Sequence[Participant], state: RoomState) -> str:
    here = {person.fingerprint: person.name for person in people}
    names = [here.get(key, f"{key} (not here)") for key in state.cohosts]
    return f"Cohosts: {', '.join(names)}." if names else "There are no cohosts."
