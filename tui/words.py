"""Events in words: the lines of the chat log and of the log on standard error. Never a secret."""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch

from rooms.events import (
    Admitted,
    BotState,
    CodeCompared,
    Device,
    DevicesMissing,
    E2eeState,
    Ended,
    ErrorEvent,
    Event,
    FileDone,
    FileFailed,
    FileOffered,
    Hosting,
    InputEnded,
    Joined,
    KeyChanged,
    Knock,
    Knocking,
    Note,
    ParticipantJoined,
    ParticipantLeft,
    PasscodeShown,
    QualityState,
    Reaction,
    Reconnected,
    Reconnecting,
    RecordingState,
    RoomState,
    StateChange,
    VerificationCode,
)
from tui.file_words import came_of, sends
from tui.quality import measures
from tui.rules import rule_in_words

_LEFT = {
    "left": "left",
    "removed": "was removed by a host",
    "lost": "lost the connection",
}
_UNTIL = {
    "disagrees": "The server keeps you apart, or their client lies: then a host can remove them. "
    "It goes on by itself once all have the same.",
    "behind": "It goes on by itself once you have them, too.",
    "silent": "It goes on by itself once somebody does.",
}
_KEY_STATES = {
    "verified": "verified key",
    "known": "known key",
    "new": "key not seen before",
    "changed": "KEY CHANGED since last time",
}


def key_state_words(state: str) -> str:
    """Return a key state in words."""
    return _KEY_STATES.get(state, state)


@singledispatch
def describe(event: Event) -> str:
    """Return one line about an event; empty for those not worth a line."""
    return ""


@describe.register
def _(event: Hosting) -> str:
    return "The room is open."


@describe.register
def _(event: PasscodeShown) -> str:
    news = {
        "made": "",
        "asked": "",
        "renewed": "There is a new passcode; the old one is over. ",
        "used_up": "Ten tries are used up, so there is a new passcode. ",
    }
    how = f"sotto join {event.room} --server {event.server}"
    return f"{news[event.reason]}Others join with {how} and the words you say aloud."


@describe.register
def _(event: Knocking) -> str:
    if not event.host_here:
        return f"Knocked at {event.server}; no host is there now, so nobody can let you in yet."
    return f"Knocked at {event.server}; a host has to let you in."


@describe.register
def _(event: Reaction) -> str:
    return f"{event.name} reacts: {event.emoji}" if event.on else ""


@describe.register
def _(event: FileOffered) -> str:
    return f"{sends(event)}."


@describe.register(FileDone)
@describe.register(FileFailed)
def _(event: FileDone | FileFailed) -> str:
    return came_of(event)


@describe.register
def _(event: RecordingState) -> str:
    if event.on:
        return f"{event.name} is RECORDING: what is said here is kept, or passed on."
    return f"{event.name} does not record any more."


@describe.register
def _(event: BotState) -> str:
    if event.on:
        return f"{event.name} says that it is a program, not a person."
    return f"{event.name} does not say any more that it is a program."


@describe.register
def _(event: Knock) -> str:
    return (
        f"{event.name} wants to come in ({key_state_words(event.key_state)}, {event.fingerprint})."
    )


@describe.register
def _(event: Admitted) -> str:
    return "A host let you in."


@describe.register
def _(event: Joined) -> str:
    others = [person.name for person in event.participants if not person.me]
    if not others:
        return "You are in the room, alone so far."
    return f"You are in the room with {', '.join(others)}; the keys are {event.suite}."


@describe.register
def _(event: Reconnecting) -> str:
    return f"{event.reason[:1].upper()}{event.reason[1:]}; nothing is sent until you are back."


@describe.register
def _(event: Reconnected) -> str:
    if event.opened:
        return "You are back: the server had lost the room, the others are coming back, too."
    return "You are back in the room; what was written meanwhile is not shown."


@describe.register
def _(event: ParticipantJoined) -> str:
    person = event.participant
    role = f"{person.role}, " if person.role != "member" else ""
    return f"{person.name} came in ({role}{key_state_words(person.key_state)})."


@describe.register
def _(event: KeyChanged) -> str:
    return (
        f"KEY CHANGED: {event.name} has another key than before, {event.new}, not {event.old}. "
        "Somebody may be using the name: ask them another way before you trust this."
    )


@describe.register
def _(event: RoomState) -> str:
    if not event.changed:
        return "The room is locked." if event.locked else ""
    who = "You" if event.mine else event.name
    return " ".join(_change(who, change) for change in event.changed)


def _change(who: str, change: StateChange) -> str:
    whom = "you" if change.me else change.of
    match change.what:
        case "locked" | "unlocked":
            return f"{who} {change.what} the room."
        case "allowed" | "forbidden":
            return f"{who} changed a rule: {rule_in_words(change.of, change.what == 'allowed')}."
        case "appointed":
            return f"{who} made {whom} a cohost."
        case "dismissed":
            return f"{who} made {whom} a member again."


@describe.register
def _(event: VerificationCode) -> str:
    return (
        f"The verification code of epoch {event.epoch}, in digits or words:\n"
        f"  {' '.join(event.digits)}\n  {' '.join(event.words)}\n"
        "Compare it by voice, then type /verify same or /verify different."
    )


@describe.register
def _(event: CodeCompared) -> str:
    if not event.same:
        return (
            f"THE CODES DIFFER at epoch {event.epoch}: somebody may be in between. "
            "If they differ for the same epoch again, say nothing private and leave."
        )
    if not event.people:
        return "You are alone: there is nobody to verify."
    return f"Verified at epoch {event.epoch}: everybody who was here."


@describe.register
def _(event: ParticipantLeft) -> str:
    return f"{event.name} {_LEFT[event.reason]}."


@describe.register
def _(event: E2eeState) -> str:
    return " ".join(alarm(event)).strip()


def alarm(event: E2eeState) -> tuple[str, str]:
    """Return why nothing of ours is sent, and what will come of it; both empty if all agree."""
    match event.reason:
        case "disagrees":
            why = f"{_have(event.names)} other keys than you."
        case "behind":
            why = f"{_have(event.names)} newer keys than you, and they do not reach you."
        case "silent":
            why = "nobody confirms your keys."
        case "agreed":
            return "", ""
    return f"Sending has stopped: {why}", _UNTIL[event.reason]


def _have(names: Sequence[str]) -> str:
    match names:
        case [] | [_]:
            return f"{names[0] if names else 'somebody'} has"
        case [first, second]:
            return f"{first} and {second} have"
        case _:
            return f"{names[0]} and {len(names) - 1} others have"


@describe.register
def _(event: InputEnded) -> str:
    if event.kind == "lines":
        return "There are no more lines on standard input; the call goes on."
    return f"The {event.kind} file has been played to its end."


@describe.register
def _(event: QualityState) -> str:
    if event.quality == "good":
        return "Your connection is good again."
    noticed = (measure.spelled for measure in measures(event) if measure.bad)
    return f"Your connection is bad: {', '.join(noticed)}."


@describe.register
def _(event: DevicesMissing) -> str:
    *most, last = event.devices
    listed = f"{', '.join(most)} or {last}" if most else last
    return f"No {listed} here: {_lost_without(event.devices)}."


def _lost_without(devices: Sequence[Device]) -> str:
    """Say what cannot be, but not what still can: that depends on what is there."""
    verbs = {"microphone": "hears", "camera": "sees"}
    lost = " or ".join(verb for device, verb in verbs.items() if device in devices)
    effects = [f"nobody {lost} you"] if lost else []
    if "loudspeaker" in devices:
        effects.append("you hear nobody")
    return ", and ".join(effects)


@describe.register
def _(event: Note) -> str:
    return event.text


@describe.register
def _(event: ErrorEvent) -> str:
    return f"{event.message} ({event.hint})" if event.hint else event.message


@describe.register
def _(event: Ended) -> str:
    return f"The call is over: {event.reason}." if event.reason else "The call is over."
