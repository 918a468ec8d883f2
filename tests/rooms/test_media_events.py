"""What the media plane tells, in terms of the room."""

from __future__ import annotations

import pytest

from e2ee.identity import Credential
from media import control
from media.engine.ports import TransportStats
from media.errors import DeviceError, MediaError
from rooms import events
from rooms.media_events import error_of, translate
from rooms.policy import RoomState
from rooms.roster import Roster


@pytest.fixture
def roster() -> Roster:
    roster = Roster(me=0, state=RoomState(hosts=(b"h",)), link_host=bytes(16))
    roster.add(0, Credential("Hana", b"h", "SHA256:h"))
    return roster


def told(event: events.AnyEvent | None) -> tuple[type, dict[str, object]]:
    assert event is not None
    fields = {name: getattr(event, name) for name in event.__struct_fields__}
    return type(event), {name: fields[name] for name in fields if name not in {"v", "time"}}


@pytest.mark.parametrize(
    ("given", "kind", "fields"),
    [
        (control.Heard(0), events.FirstAudio, {"leaf": 0, "name": "Hana"}),
        (control.Seen(0), events.FirstPicture, {"leaf": 0, "name": "Hana"}),
        (control.Speaking(0, True), events.SpeakingState, {"leaf": 0, "name": "Hana", "on": True}),
        (control.Publishing(True, False), events.PublishingState, {"audio": True, "video": False}),
        (
            control.Levels(0.5, None),
            events.LevelState,
            {"microphone": 0.5, "loudspeaker": None},
        ),
        (control.InputEnded("audio"), events.InputEnded, {"kind": "audio"}),
        (control.DeviceNote("no microphone"), events.Note, {"text": "no microphone"}),
    ],
)
def test_leaves_become_people(
    roster: Roster, given: control.Event, kind: type, fields: dict[str, object]
) -> None:
    assert told(translate(given, roster)) == (kind, fields)


def test_who_speaks_is_noted_on_the_roster(roster: Roster) -> None:
    translate(control.Speaking(0, True), roster)
    assert roster.participant(0).speaking
    translate(control.Speaking(0, False), roster)
    assert not roster.participant(0).speaking


@pytest.mark.parametrize("event", [control.Heard(5), control.Seen(5), control.Speaking(5, True)])
def test_nothing_comes_of_who_is_not_in_the_room(roster: Roster, event: control.Event) -> None:
    assert translate(event, roster) is None
    assert translate(event, None) is None


def test_a_broken_transport_is_a_note(roster: Roster) -> None:
    note = translate(control.Disconnected("no answer"), roster)
    assert isinstance(note, events.Note)
    assert "no answer" in note.text


def test_counters_are_summed(roster: Roster) -> None:
    transport = TransportStats(sent_bytes=1, received_bytes=2, lost_packets=3, loss=0.25)
    stats = translate(control.MediaStats(transport, {0: 5, 1: 6}, 7, {}, 0.5), roster)
    assert isinstance(stats, events.Stats)
    assert (stats.sent_bytes, stats.received_bytes, stats.lost_packets) == (1, 2, 3)
    assert (stats.decrypted_frames, stats.decrypt_failures) == (11, 7)
    assert (stats.loss, stats.sent_loss, stats.concealed) == (0.25, None, 0.5)


@pytest.mark.parametrize("event", [control.Connected(), control.Closed()])
def test_what_only_the_session_uses_is_not_told(roster: Roster, event: control.Event) -> None:
    assert translate(event, roster) is None


def test_an_error_keeps_its_kind_on_its_way_from_another_process() -> None:
    error = error_of(control.Failed("media.device", "no such file", "look again"))
    assert isinstance(error, DeviceError)
    assert (error.message, error.hint) == ("no such file", "look again")
    assert type(error_of(control.Failed("what.ever", "?", ""))) is MediaError
