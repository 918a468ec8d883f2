"""What is the person's own, for a face: the settings file, the ledger of this process, devices."""

from __future__ import annotations

from rooms.own_ledger import own_ledger
from rooms.own_settings import OwnSettings
from tui.devices import CallDevices
from tui.own import Own


def own() -> Own:
    """Return it. Raises `SettingsError` if the settings cannot be read."""
    return Own(OwnSettings(), own_ledger(), CallDevices)
