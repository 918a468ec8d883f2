"""`sotto devices`: microphones, loudspeakers and cameras, and which of them are the settings'."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from tui.cli import report
from tui.cli.commands import COMMANDS
from tui.cli.exits import Exit

if TYPE_CHECKING:
    from media.device_list import FoundDevice
    from rooms.settings import Settings

VERSION = 1
SETTINGS = {"microphone": "audio_in", "loudspeaker": "audio_out", "camera": "video_in"}
"""The setting that chooses one device of a kind."""
FIRST = ("default", "camera")
"""What those settings are if nobody chose: the default device of the kind."""
INSTALL = "install it: apt install libportaudio2, or what your system calls it"


@click.command(
    "devices",
    help=f"""{COMMANDS["devices"]}

    A line is a device: what it is, and as --audio-in, --audio-out and --video-in take it; * marks
    what the settings choose. Nothing is opened.""",
)
@click.option("--json", "as_json", is_flag=True, help="One line of JSON.")
def command(*, as_json: bool) -> int:
    """List the devices."""
    from media.device_list import list_devices, sound_is_missing
    from rooms.settings import Settings

    settings = Settings.load()
    found = asyncio.run(list_devices())
    if as_json:
        _print_json(found, settings)
        return Exit.DONE
    for device in found:
        mark = "*" if chosen(device, settings) else " "
        default = "  (default)" if device.default else ""
        report.answer(f"{mark} {device.kind:<12} {device.spec}{default}")
    for kind in missing(found):
        report.answer(f"  {kind:<12} none was found")
    if sound_is_missing():
        report.complain("no sound device can be found without PortAudio", INSTALL)
    return Exit.DONE


def chosen(device: FoundDevice, settings: Settings) -> bool:
    """Whether this is the device a call with a screen takes, by the settings there are."""
    choice = getattr(settings, SETTINGS[device.kind])
    return bool(choice == device.spec or (choice in FIRST and device.default))


def missing(found: Sequence[FoundDevice]) -> Sequence[str]:
    """Return the kinds of which there is no device."""
    return [kind for kind in SETTINGS if not any(device.kind == kind for device in found)]


def _print_json(found: Sequence[FoundDevice], settings: Settings) -> None:
    import json

    devices: Sequence[Mapping[str, Any]] = [
        {
            "kind": device.kind,
            "name": device.name,
            "spec": device.spec,
            "default": device.default,
            "chosen": chosen(device, settings),
        }
        for device in found
    ]
    choices = {name: getattr(settings, name) for name in SETTINGS.values()}
    told = {"v": VERSION, "devices": devices, "settings": choices}
    report.answer(json.dumps(told, ensure_ascii=False))
