"""What the host of a room does with its passcode, as a /command."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.ports import CallPort


def passcode(call: CallPort, argument: str) -> str:
    """Have the passcode shown, or a `new` one made."""
    if call.moderation.role != "host":
        return "Only the host of a room has its passcode."
    match argument.lower():
        case "":
            call.passcodes.ask()
        case "new":
            call.passcodes.renew()
        case _:
            return "Say /passcode, or /passcode new."
    return ""
