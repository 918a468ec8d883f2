"""Bell and desktop notifications: what is worth one, what it says, and the bytes that ask for it.

Sent through the terminal, so that they come out where the person sits, through ssh and tmux. They
may be kept by the desktop and shown on a locked screen; so names and words are in them only as
the setting `notify` allows. Pure: `now` is a parameter, seconds of any steady clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from rooms.events import AnyEvent, ChatReceived, Ended, KeyChanged, Knock, ParticipantJoined
from rooms.text import clean_line
from tui.mentions import mentions
from tui.terminal import Multiplexer, Osc, Terminal

Says = Literal["all", "names", "nothing"]

LONGEST: Final = 160
"""Characters of a notification; GNU screen passes 256 bytes on, and nobody reads more."""
LONGEST_BYTES: Final = 200
BURST: Final = 3
EVERY: Final = 10.0
"""So many notifications at once, then one in so many seconds: not a storm for a storm."""
_BELL: Final = "\x07"
_STRING_TERMINATOR: Final = "\x1b\\"


@dataclass(frozen=True)
class Notice:
    """What is worth a notification. `always`: also to whom looks at the terminal."""

    text: str
    always: bool = False


class Notifier:
    """Decides about one event after the other."""

    def __init__(self, terminal: Terminal, says: Says = "names", *, bell: bool = True) -> None:
        self._terminal, self._says, self._bell = terminal, says, bell
        self._left, self._counted = float(BURST), 0.0

    def heed(
        self, event: AnyEvent, *, now: float, attended: bool | None, name: str, people: int
    ) -> str:
        """Return what to write to the terminal because of an event; empty for nothing.

        `attended`: whether the terminal has the focus, None if it does not tell. `name` is ours;
        `people` is how many are in the room now, with us.
        """
        if self._says == "nothing":
            return ""
        notice = _notice(event, self._says, name, people)
        if notice is None or (attended and not notice.always) or not self._may(now):
            return ""
        bell = _BELL if self._bell else ""
        return bell + request(notice.text, self._terminal.osc, self._terminal.inside)

    def _may(self, now: float) -> bool:
        self._left = min(self._left + (now - self._counted) / EVERY, float(BURST))
        self._counted = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


def _notice(event: AnyEvent, says: Says, name: str, people: int) -> Notice | None:
    match event:
        case Knock():
            return Notice(f"{event.name} knocks", always=True)
        case KeyChanged():
            return Notice(f"{event.name} has another key than before")
        case ParticipantJoined() if people == 2:
            return Notice(f"{event.participant.name} is here")
        case ChatReceived(mine=False) if mentions(event.text, name):
            words = f": {event.text}" if says == "all" else " wrote to you"
            return Notice(f"{event.name}{words}")
        case Ended() if event.code:
            return Notice("the call is over")
        case _:
            return None


def request(text: str, osc: Osc, inside: Multiplexer = "") -> str:
    """Return the sequence that asks a terminal to notify, through a multiplexer if there is one.

    OSC 9 is iTerm2's, 99 kitty's, 777 urxvt's. The text is harmless: without control characters,
    bounded, and behind our own name, as `9;4;...` draws a progress bar in some terminals.
    """
    safe = _harmless(text)
    match osc:
        case "":
            return ""
        case "9":
            asked = f"\x1b]9;sotto: {safe}{_BELL}"
        case "99":
            asked = f"\x1b]99;;sotto: {safe}{_STRING_TERMINATOR}"
        case "777":
            asked = f"\x1b]777;notify;sotto;{safe}{_BELL}"
    match inside:
        case "tmux":
            doubled = asked.replace("\x1b", "\x1b\x1b")
            return f"\x1bPtmux;{doubled}{_STRING_TERMINATOR}"
        case "screen":
            return f"\x1bP{asked}{_STRING_TERMINATOR}"
        case "":
            return asked


def _harmless(text: str) -> str:
    line = clean_line(text, LONGEST).replace(";", ",")
    return line.encode()[:LONGEST_BYTES].decode(errors="ignore")


def window_title(people: int) -> str:
    """Return the name of the window: how many are in the room, and nobody's name."""
    return f"sotto: {people} in the room" if people else "sotto"
