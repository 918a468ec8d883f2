"""What is said in writing: lines, answers, reactions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui.actions.action import Action
from tui.errors import NotFoundError, NotInRoomError, UsageError

if TYPE_CHECKING:
    from tui.ports import CallPort, ChatReceived

EMOJI: Final = {
    "+1": "👍",
    "-1": "👎",
    "heart": "💚",
    "laugh": "😂",
    "tada": "🎉",
    "wow": "😮",
    "thanks": "🙏",
    "wave": "👋",
}
"""Reactions by the names they may be typed by."""


def say(call: CallPort, text: str, reply_to: str = "") -> str:
    """Write to the room; `reply_to` is the id of a line it answers."""
    if not text.strip():
        raise UsageError("say what to write")
    _need_readers(call)
    call.say(text, reply_to)
    return ""


def reply(call: CallPort, argument: str) -> str:
    """Answer the last line somebody else wrote."""
    return say(call, argument, last_of_others(call).id)


def react(call: CallPort, argument: str, line: str = "") -> str:
    """React to the last line of somebody else, or the one of an id; `off` takes it back."""
    emoji, _, off = argument.partition(" ")
    line = line or last_of_others(call).id
    if not emoji or off.strip() not in {"", "off"}:
        raise UsageError(f"say an emoji, or one of {', '.join(EMOJI)}; off takes it back")
    _need_readers(call)
    call.react(line, EMOJI.get(emoji.lower(), emoji), not off)
    return ""


def _need_readers(call: CallPort) -> None:
    if not call.participants:
        raise NotInRoomError
    if call.latest.away:
        raise NotInRoomError("nobody can read this now: the connection is being made again")


def last_of_others(call: CallPort) -> ChatReceived:
    """Return the last line somebody else wrote. Raises `NotFoundError`."""
    found = next((line for line in reversed(call.chat) if not line.mine), None)
    if found is None:
        raise NotFoundError("nobody else has written anything yet")
    return found


REPLY = Action(
    "reply", "R", "Answer a line", "answer the marked line, or the last", "chat", "TEXT", reply
)
REACT = Action(
    "react",
    "e",
    "React to a line",
    "react to the marked line, or the last",
    "chat",
    "EMOJI [off]",
    react,
)
