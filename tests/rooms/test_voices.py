from __future__ import annotations

from types import SimpleNamespace

from media.control import Command, NameVoice
from rooms.events import Joined, Participant, ParticipantJoined, Reconnected
from rooms.voices import Voices


def person(leaf: int, name: str, *, me: bool = False) -> Participant:
    return Participant(
        leaf=leaf, name=name, fingerprint=f"SHA256:{name}", role="member", key_state="new", me=me
    )


def test_whoever_is_there_or_comes_is_named_to_the_media_but_for_us() -> None:
    told: list[Command] = []
    people = [person(0, "Hope"), person(1, "Me", me=True)]
    roster = SimpleNamespace(participants=lambda: [person(4, "Hope"), person(5, "Me", me=True)])
    voices = Voices(SimpleNamespace(roster=roster), told.append)
    voices.on_event(Joined(leaf=1, epoch=1, participants=people))
    voices.on_event(ParticipantJoined(participant=person(2, "Ada")))
    voices.on_event(Reconnected(leaf=5, epoch=1))
    assert told == [
        NameVoice(0, "SHA256:Hope", "Hope"),
        NameVoice(2, "SHA256:Ada", "Ada"),
        NameVoice(4, "SHA256:Hope", "Hope"),
    ]
