from __future__ import annotations

from rooms.events import LevelState
from tui.devices import CallDevices


async def test_a_calls_devices_are_measured_only_while_they_are_open(call) -> None:
    devices, told = CallDevices(call), []
    call.emit(LevelState(microphone=0.1, loudspeaker=None))
    devices.open(told.append)
    call.emit(LevelState(microphone=0.2, loudspeaker=None))
    await devices.close()
    call.emit(LevelState(microphone=0.3, loudspeaker=None))
    assert [event.microphone for event in told] == [0.2]
    assert [intent for intent in call.intents if intent[0] == "meters"] == [
        ("meters", True),
        ("meters", False),
    ]


async def test_looking_for_devices_finds_none_where_there_are_none(call) -> None:
    assert isinstance(await CallDevices(call).found(), list)
