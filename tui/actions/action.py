"""What an action is: its key, palette entry, /command and help line in one object."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tui.ports import CallPort

Act = Callable[["CallPort", str], str]
"""Does it to a call with an argument; returns a line for the person, often empty.

Raises `ActionError`, having done nothing.
"""

Group = Literal["rooms", "you", "people", "room", "chat", "screen"]
GROUPS: dict[Group, str] = {
    "rooms": "Your rooms",
    "you": "You",
    "people": "Others",
    "room": "The room",
    "chat": "Chat",
    "screen": "More",
}
"""The groups in the order help shows them, with their titles."""

DIGITS = "123456789"
_KEY_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "plus": "+",
    "minus": "-",
    "comma": ",",
}


@dataclass(frozen=True)
class Action:
    """One thing to do. With `act` it needs nothing but the call, so it works on every face.

    `key` is Textual's name of the key it has unless the person chose another one; empty for none.
    `held`: what its key does lasts while it is held; a screen takes such a key itself.
    `secret`: what it answers is one, and belongs in no log.
    `digits`: each key from 1 to 9 does it, too, with its number as the argument.
    `twice`: what is done to whom is marked if its key is pressed twice, with `{}` for the name.
    """

    id: str
    key: str
    title: str
    help: str
    group: Group
    argument: str = ""
    act: Act | None = None
    twice: str = ""
    held: bool = False
    secret: bool = False
    digits: bool = False

    @property
    def command(self) -> str:
        """The /command, without its argument."""
        return f"/{self.id}"

    @property
    def usage(self) -> str:
        """The /command with its argument."""
        return f"{self.command} {self.argument}".rstrip()


def key_name(key: str) -> str:
    """Return a key as it is written on a keyboard."""
    if key.startswith("ctrl+"):
        return f"^{key.removeprefix('ctrl+')}"
    return _KEY_NAMES.get(key, key)
