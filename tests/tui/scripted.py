"""What is a person's own, for the faces' tests: kept nowhere, and it says what the test says."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from media.device_list import FoundDevice
from rooms.errors import SettingsError
from rooms.events import AnyEvent
from rooms.ledger import LedgerLine
from rooms.settings import Settings
from tui.own import Own


class ScriptedSettings:
    """Settings that are kept nowhere; one that is `refused` cannot be written."""

    def __init__(self, now: Settings | None = None) -> None:
        self.now = now or Settings(name="Me")
        self.refused = ""
        self.listeners: list[Callable[[Settings], None]] = []

    def keep(self, name: str, value: bool | str | None) -> None:
        if name == self.refused:
            raise SettingsError("the settings file cannot be written", hint="look at its owner")
        table, _, action = name.rpartition(".")
        if table:
            keys = {key: old for key, old in self.now.keys.items() if key != action}
            name, value = "keys", keys if value is None else {**keys, action: value}
        self.now = msgspec.structs.replace(self.now, **{name: value})
        for listener in self.listeners:
            listener(self.now)

    def listen(self, on_change: Callable[[Settings], None]) -> None:
        self.listeners.append(on_change)


class ScriptedDevices:
    """One microphone beside the system's own; levels as the test says."""

    def __init__(self) -> None:
        self.on_event: Callable[[AnyEvent], None] | None = None

    async def found(self) -> list[FoundDevice]:
        return [FoundDevice("microphone", "USB", False)]

    def open(self, on_event: Callable[[AnyEvent], None]) -> None:
        self.on_event = on_event

    async def close(self) -> None:
        self.on_event = None


class ScriptedLedger:
    """A ledger that says what the test puts in."""

    def __init__(self) -> None:
        self.lines: list[LedgerLine] = []
        self.exported = 0

    def snapshot(self) -> list[LedgerLine]:
        return list(self.lines)

    def export(self) -> str:
        self.exported += 1
        return "/home/me/data-usage.json"


def own(settings: Settings | None = None) -> Own:
    """Return settings, by default as they are without a file, an empty ledger, and devices."""
    devices = ScriptedDevices()
    return Own(ScriptedSettings(settings), ScriptedLedger(), lambda call: devices)
