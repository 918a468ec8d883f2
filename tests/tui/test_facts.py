from __future__ import annotations

import pytest

from rooms.events import E2eeState, Ended, Knocking, Reconnected, Reconnecting
from tui.facts import Facts, phase


@pytest.fixture
def room(call, someone):
    call.join()
    call.arrive(someone(1, "Ada"))
    return call


def test_a_call_goes_through_its_phases(call) -> None:
    assert phase(call) == "starting"
    call.emit(Knocking(server="h:1"))
    assert phase(call) == "knocking"
    call.join()
    assert phase(call) == "in"
    call.emit(E2eeState(epoch=1, members=1, state="stopped", reason="silent"))
    assert phase(call) == "stopped"
    call.emit(E2eeState(epoch=1, members=1))
    call.emit(Reconnecting(reason="the server is gone"))
    assert phase(call) == "reconnecting"
    call.emit(Reconnected(leaf=0, epoch=2))
    assert phase(call) == "in"
    call.sending_stopped = True
    assert phase(call) == "stopped"
    call.emit(Ended(reason=""))
    assert phase(call) == "over"


@pytest.mark.parametrize(
    ("muted", "sent", "has", "fact"),
    [
        (False, True, True, "live"),
        (True, True, True, "still"),
        (True, True, False, "still"),
        (False, False, True, "unsent"),
        (False, False, None, "starting"),
        (True, False, None, "off"),
        (True, False, True, "off"),
        (True, False, False, "missing"),
    ],
)
def test_packets_count_not_switches(room, muted: bool, sent: bool, has, fact: str) -> None:
    room.muted, room.publishing_audio, room.has_microphone = muted, sent, has
    room.camera, room.publishing_video, room.has_camera = not muted, sent, has
    facts = Facts.of(room)
    assert (facts.sound, facts.picture) == (fact, fact)


def test_nothing_is_live_while_nothing_may_be_sent(room) -> None:
    room.publish(True, True)
    room.emit(E2eeState(epoch=2, members=2, state="stopped", reason="silent"))
    assert (Facts.of(room).sound, Facts.of(room).picture) == ("still", "still")


def test_whoever_holds_the_keys_is_in_earshot_whether_they_are_here_or_not(room, someone) -> None:
    room.arrive(someone(2, "Grace", connected=False))
    room.arrive(someone(3, "Mallory", confirmed=False))
    facts = Facts.of(room)
    assert facts.hearers == ("Ada", "Grace", "Mallory")
    assert facts.members == 4
    room.depart(2)
    assert Facts.of(room).hearers == ("Ada", "Mallory")


def test_who_records_is_what_their_clients_say_and_ours_too(room) -> None:
    room.record(1, True)
    assert (Facts.of(room).recorders, Facts.of(room).recording) == (("Ada",), False)
    room.record(0, True)
    assert (Facts.of(room).recorders, Facts.of(room).recording) == (("Ada",), True)


def test_it_knows_keys_room_and_role(room) -> None:
    room.emit(E2eeState(epoch=2, members=2, suite="post-quantum"))
    room.moderation.lock(True)
    facts = Facts.of(room)
    assert (facts.epoch, facts.suite, facts.locked, facts.role) == (2, "post-quantum", True, "host")
    assert (facts.verified, facts.unverified) == (None, 0)
