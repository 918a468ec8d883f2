from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from media import device_list
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


FOUND = [BUILT_IN, HEADSET]


@pytest.fixture
def _settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOTTO_CONFIG_DIR", str(tmp_path))
    (tmp_path / "settings.toml").write_text('audio_in = "device:Headset"\n')


@pytest.mark.usefixtures("_settings")
def test_what_this_machine_has_is_told_as_json() -> None:
    told = json.loads(CliRunner().invoke(command, ["--json"]).stdout)
    assert (told["v"], told["settings"]["audio_in"]) == (1, "device:Headset")
    assert all(device["spec"] == f"device:{device['name']}" for device in told["devices"])


@pytest.mark.usefixtures("_settings")
def test_a_line_is_a_device_or_says_that_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    async def found() -> list[FoundDevice]:
        return FOUND

    monkeypatch.setattr(device_list, "list_devices", found)
    assert CliRunner().invoke(command).stdout.splitlines() == [
        "  microphone   device:Built-in  (default)",
        "* microphone   device:Headset",
        "  loudspeaker  none was found",
        "  camera       none was found",
    ]
