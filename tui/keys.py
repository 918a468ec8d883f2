"""Everything a person can do in a call, as action objects.

An action gives its key, its line in the help screen, its entry in the command palette and its
/command. Those with `act` need nothing but the call, so they also work without a screen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui import moderation, passcodes
from tui.finding import find_knock, find_participant

if TYPE_CHECKING:
    from tui.ports import CallPort

MAX_GAIN = 4.0


@dataclass(frozen=True)
class Action:
    """One thing to do. `act(call, argument)` returns a line for the person, often empty."""

    id: str
    key: str
    title: str
    help: str
    argument: str = ""
    act: Callable[[CallPort, str], str] | None = None

    @property
    def command(self) -> str:
        """The /command, without its argument."""
        return f"/{self.id}"

    @property
    def key_name(self) -> str:
        """The key as it is written on a keyboard."""
        return _KEY_NAMES.get(self.key, self.key)

    @property
    def usage(self) -> str:
        """The /command with its argument."""
        return f"{self.command} {self.argument}".rstrip()


_KEY_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "plus": "+",
    "minus": "-",
    "ctrl+p": "^p",
}


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


def admit(call: CallPort, argument: str) -> str:
    """Let somebody in: `#N`, a name, or whoever knocked first."""
    knock = find_knock(call.knocks, argument)
    if isinstance(knock, str):
        return knock
    call.admit(knock.knock)
    return f"Letting {knock.name} in."


def refuse(call: CallPort, argument: str) -> str:
    """Turn somebody away: `#N`, a name, or whoever knocked first."""
    knock = find_knock(call.knocks, argument)
    if isinstance(knock, str):
        return knock
    call.refuse(knock.knock)
    return f"Turned {knock.name} away."


def volume(call: CallPort, argument: str) -> str:
    """Set how loud somebody is for us: a name and a percentage, 0 to 400."""
    target, _, number = argument.rpartition(" ")
    try:
        gain = int(number.rstrip("%")) / 100
    except ValueError:
        return "Say who and how loud: /volume Ada 50"
    person = find_participant(call.participants, target)
    if isinstance(person, str):
        return person
    asked, gain = gain, min(max(gain, 0.0), MAX_GAIN)
    call.set_volume(person.leaf, gain)
    limit = "" if asked == gain else f", the {'most' if asked > gain else 'least'} there is"
    return f"{person.name} plays at {gain:.0%}{limit}."


def verify(call: CallPort, argument: str) -> str:
    """Ask for the verification code; or, with `same` or `different`, say what came of it."""
    match argument.lower():
        case "":
            call.verification.ask()
        case "same" | "different" as answer:
            call.verification.answer(answer == "same")
        case _:
            return "Say /verify, compare the code, then /verify same or /verify different."
    return ""


def leave(call: CallPort, argument: str) -> str:
    """Leave the call."""
    call.leave()
    return ""


ACTIONS = (
    Action("mute", "m", "Mute or unmute", "stop or start your microphone", act=mute),
    Action("camera", "v", "Camera on or off", "stop or start your camera", act=camera),
    Action("chat", "enter", "Write in the chat", "write to the room; escape goes back"),
    Action("command", "slash", "Type a /command", "type one of these commands"),
    Action("admit", "a", "Admit", "let in whoever knocks", "[NAME]", admit),
    Action("refuse", "r", "Refuse", "turn away whoever knocks", "[NAME]", refuse),
    Action(
        "remove", "x", "Remove a participant", "remove the marked one", "NAME", moderation.remove
    ),
    Action("lock", "L", "Lock the room", "let nobody new in", act=moderation.lock),
    Action("unlock", "U", "Unlock the room", "let people in again", act=moderation.unlock),
    Action(
        "cohost", "c", "Make a cohost", "the marked one helps to host", "NAME", moderation.cohost
    ),
    Action(
        "dismiss",
        "d",
        "Dismiss a cohost",
        "the marked one helps no more",
        "NAME",
        moderation.dismiss,
    ),
    Action("policy", "p", "Rules", "what members may do", "[RULE on|off]", moderation.policy),
    Action("volume", "plus", "Louder", "the marked one louder, - softer", "NAME PERCENT", volume),
    Action("link", "l", "Show the link", "the link others join with"),
    Action("passcode", "w", "Show the passcode", "words to say aloud", "[new]", passcodes.passcode),
    Action("verify", "k", "Verify the call", "compare a code", "[same|different]", verify),
    Action("palette", "ctrl+p", "Command palette", "search everything"),
    Action("help", "question_mark", "Help", "this screen"),
    Action("leave", "q", "Leave the call", "leave and quit", act=leave),
)

_BY_COMMAND = {action.command: action for action in ACTIONS}
_ALIASES = {"/quit": "/leave", "/q": "/leave", "/video": "/camera", "/kick": "/remove"}


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
    command = _ALIASES.get(command.lower(), command.lower())
    action = _BY_COMMAND.get(command)
    return Invoke(action, argument.strip()) if action else Unknown(command)


def perform(call: CallPort, line: str) -> str:
    """Carry out a typed line where there is no screen; return a line for the person."""
    match parse(line):
        case Say(text):
            call.say(text)
        case Invoke(action, argument) if action.act is not None:
            return action.act(call, argument)
        case Invoke(action, _):
            return f"{action.command} needs a screen."
        case Unknown(command):
            return f"There is no {command}."
        case None:
            pass
    return ""
