"""Microphone, loudspeaker, camera: are there any, and is that there which the settings name?"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from media.control import DEVICE
from media.device_list import FoundDevice, list_devices, sound_is_missing
from tui.cli.devices import INSTALL, SETTINGS, chosen
from tui.doctor.finding import Case, Finding


def devices(case: Case) -> Iterator[Finding]:
    """Look for devices; none is opened."""
    found = asyncio.run(list_devices())
    if sound_is_missing():
        yield Finding("warn", "PortAudio is missing: nothing is heard, nothing spoken", INSTALL)
    for kind in SETTINGS:
        yield of_kind(kind, found, case)


def of_kind(kind: str, found: Sequence[FoundDevice], case: Case) -> Finding:
    """Say which device of a kind a call takes."""
    setting = SETTINGS[kind]
    choice = getattr(case.settings, setting)
    own = [device for device in found if device.kind == kind]
    taken = next((device for device in own if chosen(device, case.settings)), None)
    if taken is not None:
        return Finding("ok", f"{kind}: {taken.name}")
    if choice.startswith(DEVICE):
        return Finding(
            "warn",
            f"{kind}: {choice.removeprefix(DEVICE)} is not there",
            f"plug it in, or choose another one ({setting}): sotto devices",
        )
    if own:
        return Finding("ok", f"{kind}: {choice}, by the setting {setting}")
    return Finding("warn", f"no {kind} was found", "calls work without; plug one in to have it")
