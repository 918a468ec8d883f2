"""Everything a person can do in a call: one action a line, in the order help shows them.

An action is one value in the file of its idea and one line here; key, palette entry, /command and
help line come from it, on every face.
"""

from __future__ import annotations

from typing import Final

from tui.actions import files, own, people, room, talk, view
from tui.actions.action import DIGITS, GROUPS, Act, Action, Group, key_name
from tui.actions.rooms import ROOMS

__all__ = ["ACTIONS", "BY_ID", "DIGITS", "GROUPS", "ROOMS", "Act", "Action", "Group", "key_name"]

ACTIONS: Final = (
    own.MUTE,
    own.TALK,
    own.CAMERA,
    own.LEAVE,
    view.PEOPLE,
    people.ADMIT,
    people.ADMIT_ALL,
    people.REFUSE,
    people.REMOVE,
    people.COHOST,
    people.DISMISS,
    people.LOUDER,
    people.SOFTER,
    people.VOLUME,
    people.ACK,
    view.PIN,
    view.STATUS,
    room.LINK,
    room.PASSCODE,
    room.VERIFY,
    room.LOCK,
    room.UNLOCK,
    room.POLICY,
    view.CHAT,
    view.COMMAND,
    talk.REPLY,
    talk.REACT,
    files.FILE,
    files.SAVE,
    view.VIEW,
    view.NAMES,
    view.WIDE,
    view.PRIVACY,
    view.SETTINGS,
    view.PALETTE,
    view.HELP,
)
BY_ID: Final = {action.id: action for action in ACTIONS}
