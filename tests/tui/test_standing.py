from __future__ import annotations

import pytest

from rooms.events import E2eeState, Reconnecting, Stats
from tui.standing import person_in_words, sentences


@pytest.fixture
def room(call, someone):
    call.join()
    call.arrive(someone(1, "Ada"))
    return call


def said(call) -> str:
    return "\n".join(sentences(call))


def test_before_we_are_in_there_is_nothing_to_say(call) -> None:
    assert said(call) == "You are not in the room yet."


def test_it_says_who_is_here_what_is_sent_and_who_has_the_keys(room) -> None:
    room.publishing_audio = room.publishing_video = True
    assert said(room).split("\n") == [
        "You are in the room with Ada, as host.",
        "Encrypted: 2 people have the keys of epoch 2, classic ones; nobody is verified.",
        "Your microphone is live, heard by Ada. Your camera is live, seen by Ada.",
        "Nobody says that they record.",
    ]


@pytest.mark.parametrize(
    ("muted", "sent", "words"),
    [
        (True, True, "YOUR MICROPHONE IS STILL SENDING"),
        (True, False, "You are muted: nobody hears you."),
        (False, False, "on, but nothing of it is sent"),
    ],
)
def test_the_switch_is_not_taken_for_the_truth(room, muted: bool, sent: bool, words: str) -> None:
    room.muted, room.publishing_audio = muted, sent
    assert words in said(room)


@pytest.mark.parametrize(
    ("on", "sent", "words"),
    [
        (False, True, "YOUR CAMERA IS STILL SENDING"),
        (True, False, "on, but no picture is sent"),
        (False, False, "Your camera is off."),
    ],
)
def test_nor_is_that_of_the_camera(room, on: bool, sent: bool, words: str) -> None:
    room.camera, room.publishing_video = on, sent
    assert words in said(room)


def test_missing_devices_are_missing(room) -> None:
    room.lose_devices()
    assert "You have no microphone. You have no camera." in said(room)


def test_the_connection_is_told_in_numbers_the_bad_ones_first(room) -> None:
    values = {"sent_bytes": 1, "received_bytes": 1, "decrypted_frames": 1, "decrypt_failures": 0}
    good = Stats(**values, lost_packets=1, jitter_ms=3.4, round_trip_ms=20.0, loss=0.01)
    room.emit(good)
    assert said(room).endswith(
        "The connection is good: 1 percent lost, round trip 20 milliseconds, "
        "jitter 3 milliseconds, 0 percent concealed."
    )
    room.emit(Stats(**values, lost_packets=1, jitter_ms=3.4, round_trip_ms=900.0))
    assert "The connection is bad: round trip 900 milliseconds, 0 percent lost," in said(room)


def test_our_own_recording_is_told_as_well(room) -> None:
    room.record(1, True)
    room.record(0, True)
    assert "RECORDING: Ada, you." in said(room)


def test_what_is_wrong_is_repeated_until_it_is_right(room, someone, knocker) -> None:
    room.change(1, key_state="changed", recording=True)
    room.knocked(knocker(1, "Noor"))
    room.emit(E2eeState(epoch=2, members=2, state="stopped", reason="silent"))
    room.moderation.lock(True)
    for _ in range(2):
        told = said(room)
        assert "KEY CHANGED since last time: Ada." in told
        assert "RECORDING: Ada." in told
        assert "Noor waits at the door (key not seen before)." in told
        assert "Sending has stopped: nobody confirms your keys." in told
        assert "The room is locked." in told
    room.change(1, key_state="verified", recording=False, confirmed=False)
    room.withdraw(1)
    room.emit(E2eeState(epoch=2, members=2))
    told = said(room)
    assert "Ada has not confirmed the keys for a while." in told
    assert not any(word in told for word in ("CHANGED", "RECORDING", "Noor", "stopped"))


def test_a_lost_connection_is_told(room) -> None:
    room.emit(Reconnecting(reason="the server is gone"))
    assert "You are not connected: the server is gone." in said(room)


def test_somebody_is_told_with_all_there_is(someone) -> None:
    ada = someone(1, "Ada", role="cohost", muted=False, camera=True, confirmed=False)
    assert person_in_words(ada, 0.5) == (
        "Ada: cohost, known key, keys not confirmed, microphone on, camera on, volume 50%."
    )
    gone = someone(2, "Grace", key_state="changed", connected=False, recording=True)
    assert person_in_words(gone, 1.0) == (
        "Grace: KEY CHANGED since last time, connection lost, muted, RECORDING, volume 100%."
    )
    rob = someone(3, "Rob", bot=True)
    assert person_in_words(rob, 1.0) == "Rob: known key, muted, a program, volume 100%."
    assert person_in_words(someone(0, "Me", role="host", me=True), 1.0) == "Me, you: host, muted."
