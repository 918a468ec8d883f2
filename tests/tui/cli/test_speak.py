from __future__ import annotations

import subprocess
import sys

import pytest

from media.audio.pcm import SAMPLE_RATE, to_bytes
from media.audio.synthetic import speak
from tui.cli.exits import Exit
from tui.cli.group import run

NOWHERE = f"https://127.0.0.1:9/r/#{'.'.join(['a' * 26] * 3)}"
WORDS = to_bytes(speak(1)[: SAMPLE_RATE // 2])


@pytest.mark.slow
def test_what_is_spoken_is_heard_to_its_end_or_it_is_said_why_not(
    sotto, monkeypatch, tmp_path
) -> None:
    host = sotto("call", "--headless", "--jsonl", "--listen", "127.0.0.1", "--admit", "all")
    monkeypatch.setenv("SOTTO_LINK", host.expect("hosting")["link"])
    monkeypatch.setenv("SOTTO_CONFIG_DIR", str(tmp_path))
    command = [sys.executable, "-m", "tui.cli", "speak", "--name", "Sam"]
    done = subprocess.run(command, input=WORDS, capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (Exit.DONE, b"", b"")
    assert host.expect("first_audio")["name"] == "Sam"
    states = [event["muted"] for event in host.events if event["event"] == "mute_state"]
    assert states[-1] is True
    assert host.expect("participant_left")["reason"] == "left"

    for data, message in ((b"", "there is no sound"), (b"RIFF" + bytes(50), "cannot be played")):
        done = subprocess.run(command, input=data, capture_output=True, timeout=30, check=False)
        assert done.returncode == Exit.DEVICE
        assert message in done.stderr.decode()
        assert done.stderr.count(b"sotto: ") == 1
    missing = sotto("speak", str(tmp_path / "missing.wav"))
    assert missing.wait() == Exit.DEVICE


def test_standard_input_is_used_once(capsys) -> None:
    for arguments in (["-"], ["-", "-"]):
        assert run(["speak", *arguments]) == Exit.USAGE
        assert "both come from standard input" in capsys.readouterr().err


def test_a_terminal_is_no_sound(terminal) -> None:
    process = terminal("speak", NOWHERE)
    assert process.wait() == Exit.USAGE
    assert b"there is no FILE, and standard input is a terminal" in process.output
