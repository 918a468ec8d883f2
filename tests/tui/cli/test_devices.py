from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from media.device_list import FoundDevice
from rooms.settings import Settings
from tui.cli.devices import chosen, command, missing

BUILT_IN = FoundDevice("microphone", "Built-in", True)
HEADSET = FoundDevice("microphone", "Headset", False)
CAMERA = FoundDevice("camera", "Webcam", True)


def test_without_a_choice_it_is_the_default_device() -> None:
    assert [chosen(device, Settings()) for device in (BUILT_IN, HEADSET, CAMERA)] == [
        True,
        False,
        True,
    ]


def test_a_device_can_be_chosen_by_name_or_none_at_all() -> None:
    settings = Settings(audio_in="device:Headset", video_in="none")
    assert [chosen(device, settings) for device in (BUILT_IN, HEADSET, CAMERA)] == [
        False,
        True,
        False,
    ]


def test_what_is_not_there_is_said_by_kind() -> None:
    assert missing([BUILT_IN, HEADSET]) == ["loudspeaker", "camera"]
    assert missing([]) == ["microphone", "loudspeaker", "camera"]


def test_the_list_names_each_kind_as_lines_and_as_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOTTO_CONFIG_DIR", str(tmp_path))
    (tmp_path / "settings.toml").write_text('audio_in = "device:Headset"\n')
    lines = CliRunner().invoke(command)
    assert lines.exit_code == 0
    assert all(kind in lines.stdout for kind in ("microphone", "loudspeaker", "camera"))
    told = json.loads(CliRunner().invoke(command, ["--json"]).stdout)
    assert told["settings"]["audio_in"] == "device:Headset"
    assert len(told["devices"]) + lines.stdout.count("none was found") >= 3
