"""Events as scripts see them: one JSON object a line, in a shape that stays."""

from __future__ import annotations

import datetime as dt
import json
import typing

import msgspec
import pytest

from rooms import events
from rooms.events import AnyEvent, Event, Participant

KINDS = typing.get_args(AnyEvent)
WHEN = dt.datetime(2026, 11, 5, 12, 0, 0, 123000, tzinfo=dt.UTC)
SCHEMA = msgspec.json.schema(AnyEvent)

FIELDS = {
    "hosting": {"link"},
    "passcode": {"passcode", "room", "server", "reason"},
    "knocking": {"server"},
    "knock": {"knock", "name", "fingerprint", "key_state"},
    "knock_withdrawn": {"knock"},
    "admitted": set(),
    "refused": {"reason", "code"},
    "left": set(),
    "quality": {"quality", "bad", "loss", "sent_loss", "round_trip_ms", "jitter_ms", "concealed"},
    "joined": {"leaf", "epoch", "participants"},
    "reconnecting": {"reason"},
    "reconnected": {"leaf", "epoch"},
    "participant_joined": {"participant"},
    "participant_left": {"leaf", "name", "reason"},
    "room_state": {"locked", "policy", "hosts", "cohosts"},
    "key_changed": {"leaf", "name", "old", "new"},
    "verification_code": {"epoch", "digits", "words"},
    "code_compared": {"epoch", "same", "people"},
    "chat": {"id", "leaf", "name", "text", "sent"},
    "chat_history": {"lines"},
    "reaction": {"chat", "leaf", "name", "emoji", "on"},
    "file_offered": {"file", "number", "leaf", "name", "file_name", "size"},
    "file_progress": {"file", "number", "leaf", "name", "file_name", "size", "done"},
    "file_done": {"file", "number", "leaf", "name", "file_name", "size"},
    "file_failed": {"file", "number", "leaf", "name", "file_name", "size", "reason"},
    "mute_state": {"leaf", "name", "muted"},
    "camera_state": {"leaf", "name", "on"},
    "recording": {"leaf", "name", "on"},
    "bot": {"leaf", "name", "on"},
    "speaking": {"leaf", "name", "on"},
    "first_audio": {"leaf", "name"},
    "first_picture": {"leaf", "name"},
    "publishing": {"audio", "video"},
    "levels": {"microphone", "loudspeaker"},
    "e2ee_state": {"epoch", "members"},
    "stats": {
        "sent_bytes",
        "received_bytes",
        "lost_packets",
        "jitter_ms",
        "round_trip_ms",
        "decrypted_frames",
        "decrypt_failures",
    },
    "input_ended": {"kind"},
    "devices_missing": {"devices"},
    "note": {"text"},
    "error": {"code", "message"},
    "ended": {"reason"},
}
"""Fields every line of a kind has; scripts rely on them. More may come, none may go."""


def definition(tag: str) -> dict[str, typing.Any]:
    """The JSON schema of one kind of line."""
    reference = SCHEMA["discriminator"]["mapping"][tag]
    return SCHEMA["$defs"][reference.rpartition("/")[2]]


def kinds_of(base: type) -> set[type]:
    """Every event class below another one, without those that only gather others."""
    found = base.__subclasses__()
    return set().union(*(kinds_of(kind) or {kind} for kind in found)) if found else set()


def test_every_event_is_in_the_union_and_in_the_table() -> None:
    assert kinds_of(Event) == set(KINDS)
    assert SCHEMA["discriminator"]["propertyName"] == "event"
    assert set(SCHEMA["discriminator"]["mapping"]) == set(FIELDS)


@pytest.mark.parametrize("tag", FIELDS)
def test_fields_scripts_rely_on_are_there(tag: str) -> None:
    schema = definition(tag)
    assert set(schema["required"]) - {"event"} == FIELDS[tag]
    assert schema["properties"]["event"] == {"enum": [tag]}
    assert schema["properties"]["v"]["default"] == 1
    assert "time" in schema["properties"]


def test_a_line_says_what_version_and_when() -> None:
    line = msgspec.json.encode(events.MuteState(time=WHEN, leaf=2, name="Ana", muted=True))
    assert b"\n" not in line
    assert json.loads(line) == {
        "event": "mute_state",
        "v": 1,
        "time": "2026-11-05T12:00:00.123000Z",
        "leaf": 2,
        "name": "Ana",
        "muted": True,
    }


def test_people_in_a_line() -> None:
    ana = Participant(leaf=1, name="Ana", fingerprint="SHA256:x", role="host", key_state="new")
    line = msgspec.json.encode(events.Joined(time=WHEN, leaf=1, epoch=3, participants=[ana]))
    assert json.loads(line)["participants"] == [
        {
            "leaf": 1,
            "name": "Ana",
            "fingerprint": "SHA256:x",
            "role": "host",
            "key_state": "new",
            "me": False,
            "muted": True,
            "camera": False,
            "recording": False,
            "bot": False,
            "speaking": False,
            "confirmed": True,
            "connected": True,
        }
    ]
    assert msgspec.json.decode(line, type=AnyEvent).participants == [ana]


def test_text_stays_on_its_line() -> None:
    chat = events.ChatReceived(
        id="1", leaf=1, name="A", text='two\nlines "quoted"', sent=WHEN, time=WHEN
    )
    line = msgspec.json.encode(chat)
    assert b"\n" not in line
    assert msgspec.json.decode(line, type=AnyEvent) == chat


def test_attack_the_link_leaks_through_a_log() -> None:
    event = events.Hosting(link="https://192.0.2.1/r/#secret.hash")
    for text in (repr(event), str(event), f"{[event]}"):
        assert "secret" not in text
    assert b"#secret" in msgspec.json.encode(event)  # the face still gets it


def test_events_do_not_change() -> None:
    with pytest.raises(AttributeError):
        events.Note(text="x").text = "y"
