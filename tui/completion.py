"""What a person may be about to type: a /command, its argument, a path or a name."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tui.actions import ACTIONS, Action
from tui.path_completion import complete_path

_MENTION = re.compile(r"(?:^|\s)@(\S*)$")
MOST = 6
"""Commands that are offered at once."""


def commands(line: str, actions: Sequence[Action] = ACTIONS) -> list[Action]:
    """Return the actions a line that begins with a slash may become; none once one is chosen."""
    if not line.startswith("/") or line.startswith("//") or " " in line:
        return []
    typed = line[1:].lower()
    near = [action for action in actions if action.id.startswith(typed)]
    return near[:MOST]


def complete(line: str, names: Sequence[str], actions: Sequence[Action] = ACTIONS) -> str:
    """Return the line with what is begun at its end completed; as it is if there is nothing."""
    if line.startswith("/") and not line.startswith("//"):
        command, space, argument = line.partition(" ")
        if not space:
            found = commands(line, actions)
            return f"{found[0].command} " if found and line != "/" else line
        wanted = any(a.command == command and "NAME" in a.argument for a in actions)
        if argument and any(a.command == command and a.argument == "PATH" for a in actions):
            return f"{command} {complete_path(argument)}"
        return f"{command} {_name(argument, names)}" if wanted and argument else line
    begun = _MENTION.search(line)
    if begun is None or not begun[1]:
        return line
    return line[: begun.start(1)] + _name(begun[1], names)


def _name(begun: str, names: Sequence[str]) -> str:
    typed = begun.casefold()
    return next((f"{name} " for name in names if name.casefold().startswith(typed)), begun)
