"""The devices as the settings screen sees them: those of a call, or tried outside of one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from media.device_list import FoundDevice, list_devices
from tui.ports import AnyEvent, CallPort


class CallDevices:
    """Implements `DevicesPort` by a call: its own devices go on as they are, and are measured."""

    def __init__(self, call: CallPort) -> None:
        self._call = call
        self._on_event: Callable[[AnyEvent], None] | None = None
        call.listen(self._told)

    async def found(self) -> Sequence[FoundDevice]:
        """Look for what there is now."""
        return await list_devices()

    def open(self, on_event: Callable[[AnyEvent], None]) -> None:
        """Measure from now on."""
        self._on_event = on_event
        self._call.set_meters(True)

    async def close(self) -> None:
        """Measure no more."""
        self._on_event = None
        self._call.set_meters(False)

    def _told(self, event: AnyEvent) -> None:
        if self._on_event is not None:
            self._on_event(event)
