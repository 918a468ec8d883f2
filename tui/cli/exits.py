"""Exit codes: what a script learns from how `sotto` ended."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Documented exit codes; a code never changes its meaning."""

    DONE = 0
    PERSON = 1
    USAGE = 2
    NETWORK = 3
    REFUSED = 4
    UNTRUSTED = 5
    ROOM = 6
    DEVICE = 7
    REMOVED = 8
    TIMEOUT = 124
    INTERRUPTED = 130


_BY_CODE = {
    "": Exit.DONE,
    "action.ambiguous": Exit.USAGE,
    "action.no_device": Exit.DEVICE,
    "action.not_allowed": Exit.REFUSED,
    "action.not_in_room": Exit.ROOM,
    "action.usage": Exit.USAGE,
    "call.late": Exit.TIMEOUT,
    "chat.refused": Exit.REFUSED,
    "chat.timeout": Exit.TIMEOUT,
    "control.no_call": Exit.ROOM,
    "control.malformed": Exit.USAGE,
    "control.silent": Exit.TIMEOUT,
    "control.which_call": Exit.USAGE,
    "e2ee": Exit.UNTRUSTED,
    "file.not_sent": Exit.NETWORK,
    "file.too_large": Exit.DEVICE,
    "file.unreadable": Exit.DEVICE,
    "file.unwritable": Exit.DEVICE,
    "link": Exit.USAGE,
    "media.device": Exit.DEVICE,
    "media.transport": Exit.NETWORK,
    "network": Exit.NETWORK,
    "network.wrong_server": Exit.UNTRUSTED,
    "passcode": Exit.REFUSED,
    "passcode.malformed": Exit.USAGE,
    "room": Exit.ROOM,
    "room.lost_thread": Exit.NETWORK,
    "room.policy": Exit.UNTRUSTED,
    "room.recording_forbidden": Exit.REFUSED,
    "room.refused": Exit.REFUSED,
    "room.removed": Exit.REMOVED,
    "room.untrusted_host": Exit.UNTRUSTED,
    "wire": Exit.NETWORK,
}
"""Error codes, or the part before the dot, to exit codes."""


def exit_for(code: str) -> Exit:
    """Return the exit code for an error code of `SottovoceError`; empty means all went well."""
    family = code.partition(".")[0]
    return _BY_CODE.get(code) or _BY_CODE.get(family, Exit.PERSON)
