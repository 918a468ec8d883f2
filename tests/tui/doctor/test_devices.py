from __future__ import annotations

import pytest

from media.device_list import FoundDevice
from rooms.settings import Settings
from tui.cli.devices import INSTALL
from tui.doctor import devices
from tui.doctor.finding import Case, Finding

HEADSET = FoundDevice("microphone", "Headset", True)


def test_a_device_that_is_taken_is_named() -> None:
    assert devices.of_kind("microphone", [HEADSET], Case()) == Finding("ok", "microphone: Headset")


def test_none_at_all_and_the_chosen_one_gone_are_warned_of() -> None:
    none = devices.of_kind("microphone", [], Case())
    assert (none.state, none.what) == ("warn", "no microphone was found")
    case = Case(Settings(audio_in="device:USB"))
    gone = devices.of_kind("microphone", [HEADSET], case)
    assert (gone.state, gone.what) == ("warn", "microphone: USB is not there")
    assert "audio_in" in gone.hint


def test_who_wants_none_has_none() -> None:
    case = Case(Settings(audio_in="none"))
    assert devices.of_kind("microphone", [HEADSET], case).state == "ok"


def test_each_kind_has_its_line_and_portaudio_one_if_it_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(devices, "sound_is_missing", lambda: True)
    found = list(devices.devices(Case()))
    assert len(found) == 4
    assert (found[0].state, found[0].hint) == ("warn", INSTALL)
    assert all(finding.state != "fail" for finding in found)
