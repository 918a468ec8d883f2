from __future__ import annotations

import wave
from pathlib import Path

import av
import pytest

from tui.cli.exits import Exit
from tui.cli.group import run

NOWHERE = f"https://127.0.0.1:9/r/#{'.'.join(['a' * 26] * 3)}"


def seconds(path: Path) -> float:
    with av.open(str(path)) as container:
        return sum(frame.samples for frame in container.decode(audio=0)) / 48_000


@pytest.mark.slow
def test_what_is_heard_is_written_and_declared_or_not_at_all(sotto, monkeypatch, tmp_path) -> None:
    host = sotto(
        "call", "--headless", "--jsonl", "--listen", "127.0.0.1", "--admit", "all",
        "--name", "Hope", "--audio-in", "speech:1",
    )  # fmt: skip
    monkeypatch.setenv("SOTTO_LINK", host.expect("hosting")["link"])
    folder, wav, ogg = tmp_path / "voices", tmp_path / "heard.WAV", tmp_path / "nobody.ogg"
    whole = sotto("listen", "--for", "1.5")
    apart = sotto("listen", "--for", "1.5", "--split", str(folder))
    bare = sotto("listen", "--for", "1.5", "--output", str(wav), "--who", "hope")
    nobody = sotto("listen", "--for", "0.5", "--output", str(ogg), "--who", "Ada")
    lost = sotto("listen", "--output", str(tmp_path / "no" / "heard.ogg"))
    assert host.expect("recording")["on"] is True
    assert lost.wait() == Exit.DEVICE
    said = {nobody: f"sotto: nobody was heard: there is no {ogg}\n"}
    for process in (whole, apart, bare, nobody):
        assert process.wait() == Exit.DONE
        assert process.err.read_text() == said.get(process, "")
    assert [path.name for path in folder.iterdir()] == ["Hope.ogg"]
    assert not ogg.exists()
    with wave.open(str(wav)) as heard:
        length = heard.getnframes() / 48_000
    for found in (length, seconds(whole.out), seconds(folder / "Hope.ogg")):
        assert 0.5 < found < 3

    host.write("/policy recording off")
    host.expect("room_state", 2)
    refused = sotto("listen", "--output", str(ogg))
    assert refused.wait() == Exit.REFUSED
    assert not ogg.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("--split", "voices", "--format", "wav"),
        ("--split", "voices", "--output", "heard.ogg"),
        ("--split", "voices", "--who", "Ada"),
        ("--output", "heard.mp3"),
    ],
)
def test_what_does_not_go_together_is_a_usage_error(arguments, monkeypatch, tmp_path) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["listen", NOWHERE, *arguments]) == Exit.USAGE
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


def test_a_terminal_gets_no_sound(terminal) -> None:
    process = terminal("listen", NOWHERE)
    assert process.wait() == Exit.USAGE
    assert b"standard output takes no sound here" in process.output
