"""Which microphones, loudspeakers and cameras this machine has. Cheap to import.

They are looked for in a process of its own: sound libraries look once in their life, take their
time, and print on standard error, where a terminal application draws.
"""

from __future__ import annotations

import asyncio
import ctypes.util
import sys
from asyncio.subprocess import DEVNULL, PIPE
from typing import Final, Literal

import msgspec

from media.control import DEVICE
from media.port import child_environment

PATIENCE: Final = 10.0
"""Seconds a sound system may take to answer."""


class FoundDevice(msgspec.Struct, frozen=True):
    """One device; `default` is what is taken if none is named."""

    kind: Literal["microphone", "loudspeaker", "camera"]
    name: str
    default: bool

    @property
    def spec(self) -> str:
        """Return the spec that means this device and no other."""
        return f"{DEVICE}{self.name}"


async def list_devices() -> list[FoundDevice]:
    """Look for devices now; none if that fails. Nothing is opened, and nothing printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "media.device_list",
        env=child_environment(), stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(PATIENCE):
            printed, _ = await process.communicate()
        return msgspec.json.decode(printed, type=list[FoundDevice])
    except (TimeoutError, msgspec.MsgspecError):
        return []
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def sound_is_missing() -> bool:
    """Return whether there is no PortAudio, without which no sound device is ever found."""
    return ctypes.util.find_library("portaudio") is None


def look() -> list[FoundDevice]:
    """Look for devices in this process; blocks."""
    from media.audio import soundcard
    from media.video import cameras

    pictures = enumerate(cameras.found())
    return [
        *(FoundDevice("microphone", *device) for device in soundcard.names("input")),
        *(FoundDevice("loudspeaker", *device) for device in soundcard.names("output")),
        *(FoundDevice("camera", name, number == 0) for number, name in pictures),
    ]


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(look()))
