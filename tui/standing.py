"""How a call stands, in sentences: what the line at the bottom of a screen says, and more."""

from __future__ import annotations

from collections.abc import Iterator

from tui.ctl.spelling import standing
from tui.facts import Facts, Sending
from tui.ports import CallPort, Participant
from tui.words import describe, key_state_words

_SOUND: dict[Sending, str] = {
    "live": "Your microphone is live, heard by {}.",
    "still": "YOUR MICROPHONE IS STILL SENDING, to {}.",
    "unsent": "Your microphone is on, but nothing of it is sent: nobody hears you.",
    "starting": "Your microphone is being looked for: nobody hears you yet.",
    "off": "You are muted: nobody hears you.",
    "missing": "You have no microphone.",
}
_PICTURE: dict[Sending, str] = {
    "live": "Your camera is live, seen by {}.",
    "still": "YOUR CAMERA IS STILL SENDING, to {}.",
    "unsent": "Your camera is on, but no picture is sent.",
    "starting": "Your camera is being looked for: nobody sees you yet.",
    "off": "Your camera is off.",
    "missing": "You have no camera.",
}


def sentences(call: CallPort) -> Iterator[str]:
    """Yield how the call stands, and then what is wrong as long as it is."""
    if not call.participants:
        yield "You are not in the room yet."
        return
    facts = Facts.of(call)
    everybody = ", ".join(facts.hearers) or "nobody else"
    yield f"You are in the room with {everybody}, as {facts.role}."
    yield _encryption(facts)
    yield f"{_SOUND[facts.sound].format(everybody)} {_PICTURE[facts.picture].format(everybody)}"
    recorders = [*facts.recorders, *["you"] * facts.recording]
    yield f"RECORDING: {', '.join(recorders)}." if recorders else "Nobody says that they record."
    if facts.link:
        yield _link(facts)
    if facts.locked:
        yield "The room is locked."
    yield from _open_matters(call)


def _encryption(facts: Facts) -> str:
    holders = "1 person has" if facts.members == 1 else f"{facts.members} people have"
    verified = standing(facts.verified, facts.unverified)
    return f"Encrypted: {holders} the keys of epoch {facts.epoch}, {facts.suite} ones; {verified}."


def _link(facts: Facts) -> str:
    """Say how good the connection is, what is bad about it first."""
    ordered = sorted(facts.link, key=lambda measure: not measure.bad)
    verdict = "bad" if ordered[0].bad else "good"
    return f"The connection is {verdict}: {', '.join(measure.spelled for measure in ordered)}."


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
    marks += ["a program"] if person.bot else []
    marks += ["RECORDING"] if person.recording else []
    if not person.me:
        marks.append(f"volume {volume:.0%}")
    you = ", you" if person.me else ""
    return f"{person.name}{you}: {', '.join(marks)}."
