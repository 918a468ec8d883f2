"""The actions that can be asked for from outside: the same values every face takes them from.

What an action answers is told as it is on a face. Left out is what only looks (there are verbs
that answer in values), what needs a screen, and what shows a secret.
"""

from __future__ import annotations

from typing import Final

from tui.actions import Action, files, own, people, room, talk

ACTS: Final[dict[str, tuple[Action, str | None]]] = {
    "mute": (own.MUTE, "on"),
    "unmute": (own.MUTE, "off"),
    "toggle": (own.MUTE, ""),
    "video": (own.CAMERA, None),
    **{
        action.id: (action, None if action.argument else "")
        for action in (
            talk.REPLY,
            talk.REACT,
            files.FILE,
            files.SAVE,
            people.ADMIT,
            people.REFUSE,
            people.REMOVE,
            people.COHOST,
            people.DISMISS,
            people.VOLUME,
            people.LOUDER,
            people.SOFTER,
            room.LOCK,
            room.UNLOCK,
            room.POLICY,
            own.LEAVE,
        )
    },
}
"""Verb to its action and the argument it always has; None: whoever asks gives it."""
