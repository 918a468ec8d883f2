"""What a person does with their own microphone, camera and place in the call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.actions.action import Action

if TYPE_CHECKING:
    from tui.ports import CallPort


def mute(call: CallPort, argument: str) -> str:
    """Mute or unmute our microphone, if there is one."""
    if call.has_microphone is False:
        return "No microphone here: you stay muted."
    call.set_muted(not call.muted)
    return ""


def camera(call: CallPort, argument: str) -> str:
    """Turn our camera on or off, if there is one."""
    if call.has_camera is False:
        return "No camera here: it stays off."
    call.set_camera(not call.camera)
    return ""


def talk(call: CallPort, argument: str) -> str:
    """Open our microphone, or close it: `on`, `off`, or whichever it is not."""
    wanted = {"on": True, "off": False, "": call.muted}.get(argument.lower())
    if wanted is None:
        return "Say /talk on or /talk off."
    if call.has_microphone is False:
        return "No microphone here: you stay muted."
    call.set_muted(not wanted)
    return ""


def leave(call: CallPort, argument: str) -> str:
    """Leave the call."""
    call.leave()
    return ""


MUTE = Action("mute", "m", "Mute or unmute", "stop or start your microphone", "you", act=mute)
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
CAMERA = Action("camera", "v", "Camera on or off", "stop or start your camera", "you", act=camera)
LEAVE = Action("leave", "q", "Leave the call", "leave the call", "you", act=leave)
