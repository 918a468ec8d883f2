"""Pipelines: what a shell puts in front of and behind `sotto`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Start = Callable[..., Any]
WORDS = "The quick brown fox jumps over the lazy dog, and nobody else can hear it. One two three."
"""What the fixture `spoken` holds."""
SOTTO = [sys.executable, "-m", "tui.cli"]


@pytest.fixture
def room(sotto: Start) -> tuple[Any, str]:
    host = sotto(
        "call", "--headless", "--jsonl", "--name", "Hope", "--listen", "127.0.0.1", "--admit", "all"
    )
    return host, host.expect("hosting")["link"]


@pytest.fixture
def shell(
    tmp_path: Path, room: tuple[Any, str]
) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start commands whose `sotto` has the room's link in its environment."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str, **streams: Any) -> subprocess.Popen[bytes]:
        home = tmp_path / f"shell{len(started)}"  # each is somebody else
        environment = {**os.environ, "SOTTO_CONFIG_DIR": str(home), "SOTTO_LINK": room[1]}
        started.append(subprocess.Popen(arguments, env=environment, **streams))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def resident(process: subprocess.Popen[bytes]) -> int:
    """Return the memory of a process, kB."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


@pytest.mark.slow
def test_a_flood_of_lines_is_paced_takes_no_memory_and_answers_ctrl_c(
    room: tuple[Any, str], shell: Callable[..., subprocess.Popen[bytes]]
) -> None:
    host, _ = room
    yes = shell("yes", stdout=subprocess.PIPE)
    send = shell(*SOTTO, "send", stdin=yes.stdout, stderr=subprocess.PIPE)
    for number in range(64):
        host.expect("chat", lambda event, n=number: len(host.events("chat")) > n)
    before, begun = len(host.events("chat")), time.monotonic()
    memory = resident(send)
    time.sleep(6)
    lines, seconds = len(host.events("chat")) - before, time.monotonic() - begun
    assert 4 * seconds < lines < 12 * seconds
    assert resident(send) - memory < 2048
    send.send_signal(signal.SIGINT)
    assert send.wait(5) == 130
    assert not host.events("note")  # nothing was too fast for anybody
    assert host.expect("participant_left")["reason"] == "left"


@pytest.mark.slow
def test_words_go_from_one_pipeline_into_another(
    room: tuple[Any, str],
    shell: Callable[..., subprocess.Popen[bytes]],
    spoken: Path,
    tmp_path: Path,
    sound: Any,
) -> None:
    host, _ = room
    heard = tmp_path / "heard.ogg"
    with heard.open("wb") as out:
        ends = ("--until", "participant_left=Sam")
        listen = shell(*SOTTO, "listen", "--who", "Sam", *ends, "--name", "Lin", stdout=out)
    host.expect("participant_joined", lambda event: event["participant"]["name"] == "Lin")
    noise = shell(*SOTTO, "join", "--headless", "--name", "Noise", "--audio-in", "speech",
                  stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    host.expect("first_audio", lambda event: event["name"] == "Noise")
    espeak = shell("espeak-ng", "-s", "150", "--stdout", WORDS, stdout=subprocess.PIPE)
    speak = shell(*SOTTO, "speak", "--name", "Sam", stdin=espeak.stdout, stderr=subprocess.PIPE)
    assert speak.wait(60) == 0
    assert listen.wait(20) == 0
    noise.kill()
    original = sound.samples(spoken)
    recording = sound.samples(heard)
    assert sound.likeness(recording, sound.through_opus(original)) >= 0.9
    end = original[-sound_end(original) :]
    assert sound.likeness(recording[-2 * len(end) :], sound.through_opus(end)) >= 0.8


def sound_end(samples: Any) -> int:
    """Return how many samples the last word takes, with what follows it: half a second of sound."""
    loud = (abs(samples) > 500).nonzero()[0]
    return len(samples) - int(loud[-1]) + 24_000


@pytest.mark.slow
def test_a_killed_listener_leaves_files_that_play(
    sotto: Start, shell: Callable[..., subprocess.Popen[bytes]], tmp_path: Path, sound: Any,
    room: tuple[Any, str],
) -> None:  # fmt: skip
    host, _ = room
    voices, one = tmp_path / "voices", tmp_path / "one.ogg"
    listeners = [
        shell(*SOTTO, "listen", "--split", str(voices)),
        shell(*SOTTO, "listen", "--output", str(one)),
    ]
    for count in range(2):
        host.expect("recording", lambda event, n=count: len(host.events("recording")) > n)
    for name in ("Ada", "Bo"):
        shell(*SOTTO, "join", "--headless", "--name", name, "--audio-in", f"speech:{len(name)}",
              stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        host.expect("first_audio", lambda event, name=name: event["name"] == name)
    time.sleep(3)
    for process in listeners:
        process.kill()
        process.wait()
    assert {path.name for path in voices.iterdir()} == {"Ada.ogg", "Bo.ogg"}
    lengths = [len(sound.samples(path)) for path in voices.iterdir()]
    assert abs(lengths[0] - lengths[1]) <= 0.2 * 48_000
    for path in (*voices.iterdir(), one):
        assert len(sound.samples(path)) > 2 * 48_000
        assert abs(sound.samples(path)).max() > 1000
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} == {"one.ogg"}
