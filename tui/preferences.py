"""The settings a person changes, in plain words: what each value means and what it costs.

One table for every face: the privacy and settings screens, `/privacy` and `/set`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from rooms.settings import Settings

Value = bool | str
Since = Literal["now", "entry", "opening"]
"""When a change counts: at once, from the next time we come into a room, or open one."""

SINCE: Final[dict[Since, str]] = {
    "now": "",
    "entry": "from the next call",
    "opening": "in rooms you open from now on",
}


@dataclass(frozen=True)
class Choice:
    """A value a preference may have: its words, and what it costs; empty if nothing."""

    value: Value
    words: str
    costs: str = ""

    @property
    def typed(self) -> str:
        """What a person types for it."""
        match self.value:
            case bool():
                return "on" if self.value else "off"
            case _:
                return self.value


@dataclass(frozen=True)
class Preference:
    """One setting with few values; the first of `choices` is the private or plain one."""

    name: str
    title: str
    choices: tuple[Choice, ...]
    since: Since = "now"

    def current(self, settings: Settings) -> Choice:
        """Return the choice that is made."""
        value = getattr(settings, self.name)
        return next(choice for choice in self.choices if choice.value == value)

    def next(self, settings: Settings) -> Choice:
        """Return the choice after the one that is made, the first again after the last."""
        place = self.choices.index(self.current(settings))
        return self.choices[(place + 1) % len(self.choices)]

    def typed(self, text: str) -> Choice | None:
        """Return the choice a person typed; None for something else."""
        wanted = text.strip().lower()
        return next((choice for choice in self.choices if choice.typed == wanted), None)


PRIVACY: Final = (
    Preference(
        "share_level",
        "Your loudness",
        (
            Choice(False, "the server never learns it", "in large rooms you may be heard less"),
            Choice(True, "the server learns it in large rooms, roughly", "it sees who speaks when"),
        ),
    ),
    Preference(
        "constant_bitrate",
        "Packets of sound",
        (
            Choice(True, "all of one size", "a little more data"),
            Choice(
                False, "as long as their sound", "sizes tell the server something of your words"
            ),
        ),
    ),
    Preference(
        "microphone_on",
        "Microphone as you come in",
        (
            Choice(False, "off, until you turn it on"),
            Choice(True, "on", "you are heard as soon as you are let in"),
        ),
        since="entry",
    ),
    Preference(
        "camera_on",
        "Camera as you come in",
        (
            Choice(False, "off, until you turn it on"),
            Choice(True, "on", "you are seen as soon as you are let in"),
        ),
        since="entry",
    ),
    Preference(
        "admit",
        "Who comes in",
        (
            Choice("ask", "whoever you let in"),
            Choice("all", "whoever has the link", "a link that leaks opens the room"),
        ),
        since="opening",
    ),
    Preference(
        "members_write",
        "Who may write",
        (Choice(True, "everybody"), Choice(False, "hosts and cohosts only")),
        since="opening",
    ),
    Preference(
        "members_show",
        "Who may show pictures",
        (Choice(True, "everybody"), Choice(False, "hosts and cohosts only")),
        since="opening",
    ),
    Preference(
        "notify",
        "Notifications",
        (
            Choice("nothing", "none"),
            Choice("names", "say who, never what", "your system may keep who and when"),
            Choice("all", "say who and what", "your system may keep what was written"),
        ),
    ),
    Preference(
        "keep_chat",
        "Chat after a call",
        (
            Choice(False, "forgotten"),
            Choice(True, "kept on this machine", "whoever reads your disk reads it, too"),
        ),
        since="entry",
    ),
    Preference(
        "remember_rooms",
        "Rooms you were in",
        (
            Choice(False, "forgotten", "you need the link each time"),
            Choice(True, "kept with their links", "whoever reads your disk can knock there"),
        ),
        since="entry",
    ),
    Preference(
        "ask_counts",
        "How many are in your rooms",
        (
            Choice(False, "asked only when you press the key"),
            Choice(True, "asked whenever the list opens", "each server learns that you are here"),
        ),
    ),
)
"""What others may learn, the most telling first."""

LOOKS: Final = (
    Preference(
        "theme",
        "Colours",
        (
            Choice("dark", "dark"),
            Choice("light", "light"),
            Choice("contrast-dark", "dark, high contrast"),
            Choice("contrast-light", "light, high contrast"),
        ),
    ),
    Preference(
        "reduced_motion",
        "Motion",
        (Choice(False, "as it comes"), Choice(True, "nothing moves by itself but pictures")),
    ),
    Preference(
        "bell",
        "Bell",
        (Choice(True, "rings with a notification"), Choice(False, "silent")),
    ),
)
"""How it looks and sounds."""

PREFERENCES: Final = {preference.name: preference for preference in (*PRIVACY, *LOOKS)}
