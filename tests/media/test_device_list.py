"""Devices are listed by another process, which prints nothing here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from media import device_list
from media.audio import soundcard
from media.device_list import FoundDevice, list_devices, look, sound_is_missing
from media.video import cameras


def test_each_kind_has_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    cards = {"input": [("USB", False), ("Built-in", True)], "output": [("Hall", True)]}
    monkeypatch.setattr(soundcard, "names", cards.__getitem__)
    monkeypatch.setattr(cameras, "found", lambda: {"Lid": [], "Lamp": []})
    assert look() == [
        FoundDevice("microphone", "USB", False),
        FoundDevice("microphone", "Built-in", True),
        FoundDevice("loudspeaker", "Hall", True),
        FoundDevice("camera", "Lid", True),
        FoundDevice("camera", "Lamp", False),
    ]


def test_a_device_has_a_spec() -> None:
    assert FoundDevice("microphone", "USB: mono", False).spec == "device:USB: mono"


async def test_what_this_machine_has_is_listed(capfd: pytest.CaptureFixture[str]) -> None:
    assert await list_devices() == look()
    assert capfd.readouterr() == ("", "")


async def test_a_sound_system_that_hangs_is_no_devices(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hangs = tmp_path / "hangs"
    hangs.write_text("#!/bin/sh\nexec sleep 60\n")
    hangs.chmod(0o700)
    monkeypatch.setattr(device_list.sys, "executable", str(hangs))
    monkeypatch.setattr(device_list, "PATIENCE", 0.1)
    assert await list_devices() == []


def test_sound_is_missing_exactly_where_its_library_cannot_be_loaded() -> None:
    try:
        import sounddevice  # noqa: F401
    except OSError:
        assert sound_is_missing()
    else:
        assert not sound_is_missing()


def test_to_import_it_loads_no_codec() -> None:
    code = "import sys, media.device_list; sys.exit(bool({'av', 'numpy'} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", code], check=True)
