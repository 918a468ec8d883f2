"""What is the person's own, for a face: the settings file, the ledger of this process,
devices, rooms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rooms.own_ledger import own_ledger
from rooms.own_settings import OwnSettings
from tui.cli.options import CallOptions
from tui.cli.own_rooms import OwnRooms
from tui.devices import CallDevices
from tui.own import Own
from tui.ports import CallPort, DevicesPort

if TYPE_CHECKING:
    from e2ee.identity import Identity


def own(options: CallOptions, identity: Identity | None = None) -> Own:
    """Return it, for calls with these options and, if it is not this device's own, an identity.

    Raises `SettingsError` if the settings cannot be read.
    """
    rooms = OwnRooms(options, identity)
    settings = OwnSettings()

    def devices(call: CallPort | None) -> DevicesPort:
        if call is not None:
            return CallDevices(call)
        from rooms.rehearsal import Rehearsal

        return Rehearsal(lambda: options.configure(settings.now))

    return Own(settings, own_ledger(), devices, rooms)
