"""What a person does on the list of rooms, before there is a call."""

from __future__ import annotations

from typing import Final

from tui.actions.action import Action
from tui.actions.view import HELP, PALETTE, PRIVACY, SETTINGS

ENTER = Action("enter", "enter", "Enter the room", "knock at the marked room", "rooms")
CREATE = Action("create", "n", "New room", "open a room, and get a link for others", "rooms")
JOIN = Action("join", "j", "Join by link", "knock at the room of a link", "rooms")
SPOKEN = Action("spoken", "p", "Join by passcode", "with the words a host says aloud", "rooms")
COUNT = Action(
    "count", "c", "Count heads", "ask the servers who is in: they learn that you look", "rooms"
)
RENAME = Action("rename", "r", "Rename", "give the marked room a name of your own", "rooms")
FORGET = Action("forget", "f", "Forget", "take the marked room out of the list", "rooms")
QUIT = Action("quit", "q", "Quit", "end sotto", "screen")

ROOMS: Final = (
    ENTER,
    CREATE,
    JOIN,
    SPOKEN,
    COUNT,
    RENAME,
    FORGET,
    PRIVACY,
    SETTINGS,
    PALETTE,
    HELP,
    QUIT,
)
"""In the order help shows them."""
