from __future__ import annotations

from scripted import ScriptedDevices, ScriptedLedger, ScriptedRooms, ScriptedSettings

from tui.own import Own
from tui.ports import DevicesPort, LedgerPort, SettingsPort


def test_scripted_ones_stand_for_what_is_ones_own(call) -> None:
    settings: SettingsPort = ScriptedSettings()
    ledger: LedgerPort = ScriptedLedger()
    devices: DevicesPort = ScriptedDevices()
    own = Own(settings, ledger, lambda call: devices, ScriptedRooms())
    assert own.devices(call) is devices
