"""One call through everything: real processes, real server, real codecs, real DTLS."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Start = Callable[..., Any]
Sounds = Any

SILENT = ("--audio-in", "none", "--audio-out", "none", "--video-in", "none")
HEADLESS = ("--headless", "--jsonl")


def host_room(sotto: Start, *args: str) -> tuple[Any, str]:
    """Start a host that admits everybody; return it and its link."""
    host = sotto(
        "call", *HEADLESS, "--name", "Hope", "--listen", "127.0.0.1", "--admit", "all", *args
    )
    return host, host.expect("hosting")["link"]


def test_likeness_tells_words_apart(spoken: Path, tmp_path: Path, sound: Sounds) -> None:
    original = sound.samples(spoken)
    other = tmp_path / "other.wav"
    words = "Entirely different words, spoken at another speed, about something else."
    subprocess.run(["espeak-ng", "-s", "120", "-w", str(other), words], check=True)
    assert sound.likeness(sound.through_opus(original), original) > 0.8
    assert sound.likeness(sound.samples(other), original) < 0.4


def test_spoken_words_arrive_as_they_were_spoken(
    sotto: Start, spoken: Path, tmp_path: Path, sound: Sounds
) -> None:
    recordings = [tmp_path / "host.wav", tmp_path / "listener.wav"]
    host, link = host_room(
        sotto, "--audio-in", "none", "--audio-out", str(recordings[0]), "--video-in", "none"
    )
    listener = sotto(
        "join", "-", *HEADLESS, "--name", "Lin", "--audio-in", "none",
        "--audio-out", str(recordings[1]), "--video-in", "none", stdin=link,
    )  # fmt: skip
    listener.expect("joined")
    speaker = sotto(
        "join", "-", *HEADLESS, "--name", "Sam", "--audio-in", str(spoken),
        "--audio-out", "none", "--video-in", "none", stdin=link,
    )  # fmt: skip
    speaker.expect("input_ended", lambda event: event["kind"] == "audio")
    time.sleep(0.5)  # what is still in the jitter buffers
    assert [process.interrupt() for process in (speaker, listener, host)] == [130, 130, 130]
    original = sound.samples(spoken)
    coded = sound.through_opus(original)
    for path in recordings:
        recording = sound.samples(path)
        assert sound.likeness(recording, coded) >= 0.95
        assert sound.likeness(recording, original) >= 0.8


def test_pictures_and_chat_arrive_in_order(sotto: Start) -> None:
    host, link = host_room(sotto, "--audio-in", "none", "--audio-out", "none",
                           "--video-in", "testsrc:1")  # fmt: skip
    first = sotto("join", "-", *HEADLESS, "--name", "Ada", "--audio-in", "none",
                  "--audio-out", "none", "--video-in", "testsrc:2", stdin=link)  # fmt: skip
    second = sotto("join", "-", *HEADLESS, "--name", "Bo", *SILENT, stdin=link)
    for process in (first, second):
        process.expect("joined")
    first.expect("first_picture", lambda event: event["name"] == "Hope")
    host.expect("first_picture", lambda event: event["name"] == "Ada")
    for name in ("Hope", "Ada"):
        second.expect("first_picture", lambda event, name=name: event["name"] == name)
    host.expect("participant_joined", lambda event: event["participant"]["name"] == "Bo")
    for number in range(20):
        (host, first)[number % 2].write(f"line {number}")
    for process in (host, first, second):
        process.expect("chat", lambda event: event["text"] == "line 18")
        process.expect("chat", lambda event: event["text"] == "line 19")
    orders = [[event["text"] for event in p.events("chat")] for p in (host, first, second)]
    for name, parity in (("Hope", 0), ("Ada", 1)):
        wanted = [f"line {number}" for number in range(parity, 20, 2)]
        for process, order in zip((host, first, second), orders):
            assert [text for text in order if text in wanted] == wanted, (name, process)
    assert sorted(orders[2]) == sorted(f"line {number}" for number in range(20))


@pytest.mark.slow
def test_a_late_joiner_hears_and_sees(sotto: Start) -> None:
    host, link = host_room(
        sotto, "--audio-in", "speech:1", "--audio-out", "none", "--video-in", "testsrc:1"
    )
    early = sotto("join", "-", *HEADLESS, "--name", "Early", "--audio-in", "speech:2",
                  "--audio-out", "none", "--video-in", "testsrc:2", stdin=link)  # fmt: skip
    early.expect("first_picture")
    host.expect("first_audio")
    time.sleep(2)  # long after every key frame of the start
    late = sotto("join", "-", *HEADLESS, "--name", "Late", *SILENT, stdin=link)
    for name in ("Hope", "Early"):
        late.expect("first_audio", lambda event, name=name: event["name"] == name)
        late.expect("first_picture", lambda event, name=name: event["name"] == name)
    names = {person["name"] for person in late.expect("joined")["participants"]}
    assert names == {"Hope", "Early", "Late"}


def test_a_removed_participant_is_told_and_the_call_goes_on(sotto: Start) -> None:
    host, link = host_room(
        sotto, "--audio-in", "speech:1", "--audio-out", "none", "--video-in", "none"
    )
    stays = sotto("join", "-", *HEADLESS, "--name", "Stays", *SILENT, stdin=link)
    stays.expect("joined")
    goes = sotto("join", "-", *HEADLESS, "--name", "Goes", *SILENT, stdin=link)
    goes.expect("first_audio")
    host.write("/remove Goes")
    assert goes.wait() == 8
    assert goes.events("ended")[0]["code"] == "room.removed"
    left = stays.expect("participant_left")
    assert (left["name"], left["reason"]) == ("Goes", "removed")
    host.write("still here?")
    stays.expect("chat", lambda event: event["text"] == "still here?")


@pytest.mark.parametrize("when", ["knocking", "in the call"])
def test_a_killed_participant_is_noticed(sotto: Start, when: str) -> None:
    admit = [] if when == "knocking" else ["--admit", "all"]
    host = sotto("call", *HEADLESS, "--listen", "127.0.0.1", *SILENT, *admit)
    link = host.expect("hosting")["link"]
    joiner = sotto("join", "-", *HEADLESS, "--name", "Fay", *SILENT, stdin=link)
    if when == "knocking":
        host.expect("knock")
        joiner.kill()
        host.expect("knock_withdrawn")
    else:
        joiner.expect("joined")
        host.expect("participant_joined")
        joiner.kill()
        assert "Fay lost the connection" in host.expect("note")["text"]
