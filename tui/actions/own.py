"""What a person does with their own microphone, camera and place in the call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.actions.action import Action
from tui.errors import NoDeviceError, UsageError

if TYPE_CHECKING:
    from tui.ports import CallPort


def mute(call: CallPort, argument: str) -> str:
    """Mute our microphone, if there is one: `on`, `off`, or whichever it is not."""
    return _set_muted(call, _switched(call.muted, argument))


def camera(call: CallPort, argument: str) -> str:
    """Turn our camera, if there is one, `on` or `off`, or whichever it is not."""
    on = _switched(call.camera, argument)
    if on and call.has_camera is False:
        raise NoDeviceError("no camera here: it stays off")
    call.set_camera(on)
    return ""


def talk(call: CallPort, argument: str) -> str:
    """Open our microphone, or close it: `on`, `off`, or whichever it is not."""
    return _set_muted(call, not _switched(not call.muted, argument))


def leave(call: CallPort, argument: str) -> str:
    """Leave the call."""
    call.leave()
    return ""


def _switched(now: bool, argument: str) -> bool:
    """Return what a switch becomes. Raises `UsageError`."""
    wanted = {"on": True, "off": False, "": not now}.get(argument.lower())
    if wanted is None:
        raise UsageError("say on or off")
    return wanted


def _set_muted(call: CallPort, muted: bool) -> str:
    if not muted and call.has_microphone is False:
        raise NoDeviceError("no microphone here: you stay muted")
    call.set_muted(muted)
    return ""


MUTE = Action(
    "mute", "m", "Mute or unmute", "stop or start your microphone", "you", "[on|off]", mute
)
TALK = Action(
    "talk",
    "space",
    "Push to talk",
    "be heard while you hold it",
    "you",
    "[on|off]",
    talk,
    held=True,
)
CAMERA = Action(
    "camera", "v", "Camera on or off", "stop or start your camera", "you", "[on|off]", camera
)
LEAVE = Action("leave", "q", "Leave the call", "leave the call", "you", act=leave)
