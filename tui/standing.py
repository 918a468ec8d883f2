"""How a call stands, in sentences: what the line at the bottom of a screen says, and all behind it.

What is said about microphone and camera comes from packets that left, not from switches.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tui.ctl.spelling import standing
from tui.ports import CallPort, Participant, Stats
from tui.words import describe, key_state_words

GOOD_MS = 400.0
"""Milliseconds; a longer round trip is one people notice when they talk."""


def sentences(call: CallPort) -> Iterator[str]:
    """Yield how the call stands, and then what is wrong as long as it is."""
    if not call.participants:
        yield "You are not in the room yet."
        return
    yield f"You are in the room with {others(call.participants)}, as {call.moderation.role}."
    yield _encryption(call)
    yield f"{_microphone(call)} {_camera(call)}"
    recording = [person.name for person in call.participants if person.recording]
    yield f"RECORDING: {', '.join(recording)}." if recording else "Nobody says that they record."
    if call.latest.stats is not None:
        yield _link(call.latest.stats)
    state = call.moderation.state
    if state is not None and state.locked:
        yield "The room is locked."
    yield from _open_matters(call)


def others(people: Sequence[Participant]) -> str:
    """Say who else is here."""
    names = [person.name for person in people if not person.me]
    return ", ".join(names) if names else "nobody else"


def _encryption(call: CallPort) -> str:
    count = len(call.participants)
    holders = "1 person has" if count == 1 else f"{count} people have"
    verified = standing(call.verification.epoch, call.verification.since)
    return f"Encrypted: {holders} the keys of epoch {call.epoch}; {verified}."


def _microphone(call: CallPort) -> str:
    hearing = others(call.participants)
    match call.muted, call.publishing_audio:
        case True, True:
            return f"YOUR MICROPHONE IS STILL SENDING, though muted, to {hearing}."
        case True, False:
            missing = call.has_microphone is False
            return "You have no microphone." if missing else "You are muted: nobody hears you."
        case False, True:
            return f"Your microphone is live, heard by {hearing}."
        case _:
            return "Your microphone is on, but nothing of it is sent."


def _camera(call: CallPort) -> str:
    match call.camera, call.publishing_video:
        case True, True:
            return f"Your camera is live, seen by {others(call.participants)}."
        case False, True:
            return "YOUR CAMERA IS STILL SENDING, though off."
        case True, False:
            return "Your camera is on, but no picture is sent."
        case _:
            return "You have no camera." if call.has_camera is False else "Your camera is off."


def _link(stats: Stats) -> str:
    """Say how good the connection is: the delay, its changes, and what was lost so far."""
    lost = "1 packet" if stats.lost_packets == 1 else f"{stats.lost_packets} packets"
    numbers = f"{lost} lost so far, jitter {stats.jitter_ms:.0f} milliseconds"
    if stats.round_trip_ms is None:
        return f"The connection: {numbers}."
    good = "good" if stats.round_trip_ms <= GOOD_MS else "slow"
    return (
        f"The connection is {good}: round trip {stats.round_trip_ms:.0f} milliseconds, {numbers}."
    )


def _open_matters(call: CallPort) -> Iterator[str]:
    """Yield what somebody should do something about."""
    latest = call.latest
    if latest.away:
        yield f"You are not connected: {latest.away}. Nothing is sent until you are back."
    if latest.keys is not None and (stopped := describe(latest.keys)):
        yield stopped
    for person in call.participants:
        if person.key_state == "changed":
            yield f"{key_state_words('changed')}: {person.name}. To accept it, compare the code."
        elif not person.confirmed and not person.me:
            yield f"{person.name} has not confirmed the keys for a while."
    for knock in call.knocks:
        yield f"{knock.name} waits at the door ({key_state_words(knock.key_state)})."


def person_in_words(person: Participant, volume: float) -> str:
    """Say everything about one participant, the name first."""
    marks: list[str] = [person.role] if person.role != "member" else []
    if not person.me:
        marks.append(key_state_words(person.key_state))
        marks += [] if person.confirmed else ["keys not confirmed"]
        marks += [] if person.connected else ["connection lost"]
    marks.append("muted" if person.muted else "speaking" if person.speaking else "microphone on")
    marks += ["camera on"] if person.camera else []
    marks += ["RECORDING"] if person.recording else []
    if not person.me:
        marks.append(f"volume {volume:.0%}")
    you = ", you" if person.me else ""
    return f"{person.name}{you}: {', '.join(marks)}."
