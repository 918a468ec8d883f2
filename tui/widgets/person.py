"""What is said about a participant in a few cells, in words and glyphs as well as in colours."""

from __future__ import annotations

from typing import Final

from textual.content import Content

from tui.ports import Participant

_KEYS: Final = {
    "verified": ("✓ verified", "✓", "$success"),
    "known": ("known", "known", "$foreground-muted"),
    "new": ("new key", "new", "$warning"),
    "changed": ("KEY CHANGED", "CHANGED", "bold $error"),
}
_UNCONFIRMED: Final = ("unconfirmed", "unsure", "bold $warning")
_GONE: Final = ("gone", "gone", "$warning")


def mark(person: Participant) -> Content:
    """Return the mark in front of a name: speaking, microphone open, or muted."""
    if person.muted:
        return Content("×").stylize("$foreground-muted")
    if person.speaking:
        return Content("●").stylize("bold $success")
    return Content("○").stylize("$foreground-muted")


def key_state(person: Participant, *, brief: bool = False) -> Content:
    """Return how well their key is known, or why that does not count; `you` for ourselves."""
    if person.me:
        return Content("you").stylize("$foreground-muted")
    said = _KEYS[person.key_state]
    if not person.confirmed and person.key_state != "changed":
        said = _UNCONFIRMED
    if not person.connected:
        said = _GONE
    return Content(said[1] if brief else said[0]).stylize(said[2])


def declared(person: Participant) -> Content:
    """Return what a client declares of itself: that it is a program, that it records."""
    bot = Content("bot").stylize("$secondary") if person.bot else Content("")
    recording = Content("REC").stylize("bold $error") if person.recording else Content("")
    return Content(" ").join(part for part in (bot, recording) if part.plain)


def loudness(volume: float) -> Content:
    """Return how loud somebody plays; empty as long as it was not changed."""
    return Content(f"{volume:.0%}").stylize("$secondary") if volume != 1.0 else Content("")


def role(person: Participant) -> Content:
    """Return what somebody may do; empty for plain members."""
    return Content(person.role if person.role != "member" else "").stylize("$primary")
