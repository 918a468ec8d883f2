"""What a typed line means, and what it does; the one place where actions that fail are told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from e2ee.errors import SottovoceError
from tui.actions import BY_ID, Action
from tui.errors import UsageError, in_a_sentence

if TYPE_CHECKING:
    from tui.ports import CallPort

_ALIASES: Final = {"quit": "leave", "q": "leave", "video": "camera", "kick": "remove"}


@dataclass(frozen=True)
class Say:
    """A line to write in the chat."""

    text: str


@dataclass(frozen=True)
class Invoke:
    """An action to carry out."""

    action: Action
    argument: str = ""


@dataclass(frozen=True)
class Unknown:
    """A /command that does not exist."""

    command: str


def parse(line: str) -> Say | Invoke | Unknown | None:
    """Read a typed line: a /command, or text for the chat (`//` starts a text with a slash)."""
    text = line.strip()
    if not text:
        return None
    if text.startswith("//"):
        return Say(text[1:])
    if not text.startswith("/"):
        return Say(text)
    command, _, argument = text.partition(" ")
    name = command.lower().removeprefix("/")
    action = BY_ID.get(_ALIASES.get(name, name))
    return Invoke(action, argument.strip()) if action else Unknown(command.lower())


def is_secret(line: str) -> bool:
    """Return whether what a typed line is answered with belongs in no log."""
    meaning = parse(line)
    return isinstance(meaning, Invoke) and meaning.action.secret


def carry_out(call: CallPort, action: Action, argument: str) -> str:
    """Do what an action does by itself; return a line for the person, also if it failed."""
    if action.act is None:
        return f"{action.command} needs a screen."
    try:
        return action.act(call, argument)
    except UsageError as error:
        return f"{in_a_sentence(error).removesuffix('.')}: {action.usage}"
    except SottovoceError as error:
        return in_a_sentence(error)


def perform(call: CallPort, line: str) -> str:
    """Carry out a typed line where there is no screen; return a line for the person."""
    match parse(line):
        case Say(text):
            call.say(text)
        case Invoke(action, argument):
            return carry_out(call, action, argument)
        case Unknown(command):
            return f"There is no {command}."
        case None:
            pass
    return ""
