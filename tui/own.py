"""What is the person's own, whatever call there is: settings, the ledger, devices, rooms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tui.ports import CallPort, DevicesPort, LedgerPort, RoomsPort, SettingsPort


@dataclass(frozen=True)
class Own:
    """Given to the application once. `devices` gives those of a call, or tries them outside."""

    settings: SettingsPort
    ledger: LedgerPort
    devices: Callable[[CallPort | None], DevicesPort]
    rooms: RoomsPort
