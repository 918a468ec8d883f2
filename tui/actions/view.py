"""How the call is looked at and written to: the chat, what there is to do, how it all stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tui.actions.action import GROUPS, Action
from tui.actions.talk import say
from tui.errors import NotFoundError, NotInRoomError

if TYPE_CHECKING:
    from tui.ports import CallPort


def chat(call: CallPort, argument: str) -> str:
    """Write to the room."""
    return say(call, argument)


def people(call: CallPort, argument: str) -> str:
    """Say who is here, a line each."""
    from tui.standing import person_in_words

    lines = [person_in_words(person, call.volume(person.leaf)) for person in call.participants]
    if not lines:
        raise NotInRoomError("you are not in the room yet")
    return "\n".join(lines)


def status(call: CallPort, argument: str) -> str:
    """Say how the call stands."""
    from tui.standing import sentences

    return "\n".join(sentences(call))


def help_(call: CallPort, argument: str) -> str:
    """List what works without a screen, or explain one command."""
    from tui.actions import ACTIONS

    name = argument.removeprefix("/")
    usable = [action for action in ACTIONS if action.act is not None]
    if name:
        found = [action for action in usable if action.id == name]
        if not found:
            raise NotFoundError(f"there is no /{name}")
        return f"{found[0].usage}: {found[0].help}."
    return "\n".join(in_words(usable))


def in_words(actions: Sequence[Action]) -> Iterator[str]:
    """Yield a line for each action, each group under its title."""
    for group, title in GROUPS.items():
        members = [action for action in actions if action.group == group]
        if members:
            yield f"{title}:"
            yield from (f"{action.usage}: {action.help}." for action in members)


CHAT = Action("chat", "enter", "Write in the chat", "write to the room", "chat", "[TEXT]", chat)
PIN = Action(
    "pin", "", "Show somebody large", "mark; again: show large", "people", "[NAME]", digits=True
)
VIEW = Action("view", "g", "Grid or speaker", "all of one size, or who speaks large", "screen")
NAMES = Action("names", "n", "Names or none", "show or hide the list of people", "screen")
WIDE = Action("wide", "z", "Wide chat", "give the chat half of the screen, or less", "screen")
COMMAND = Action("command", "slash", "Type a /command", "type one of these commands", "chat")
PRIVACY = Action("privacy", "P", "Privacy", "settings, and what left this machine", "screen")
SETTINGS = Action("settings", "comma", "Settings", "name, devices, colours, keys", "screen")
PALETTE = Action("palette", "ctrl+p", "Command palette", "search everything", "screen")
HELP = Action(
    "help", "question_mark", "Help", "list what there is to do", "screen", "[COMMAND]", help_
)
PEOPLE = Action("people", "", "Who is here", "names, roles, keys, volumes", "people", act=people)
STATUS = Action("status", "", "How it stands", "encryption, mute, connection", "room", act=status)
