"""Names and words of other people, made safe to show: no control, no invisible, no reordering.

Applied once, where a message is decoded, so that no face has to remember it. What remains is
plain text; it may still look like markup, and is never parsed as such. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

MAX_NAME: Final = 64
"""Longest name shown, characters."""
MAX_LINE: Final = 256
"""Longest single line from a server or a peer, characters."""
MAX_CHAT_LINES: Final = 60
MAX_MARKS: Final = 2
"""Combining marks kept on one character; more of them paint over the lines above."""
FINGERPRINT_SHOWN: Final = 8
"""Characters of a key's fingerprint put behind a name that looks like another one."""
NAMELESS: Final = "unnamed"
OURS: Final = frozenset({"you", "nobody", "server", "sottovoce"})
"""Words (as skeletons) by which faces name somebody themselves, or that nobody hears us: a person
who is called so is told apart from them, too."""

# ECMA-48: a control sequence, a string (title, clipboard, hyperlink) up to its end, any other
# escape. Taken out whole, so that no readable rest like `[31m` remains.
_ESCAPES: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
_LINE_ENDS: Final = re.compile(r"\r\n?|[\n\x85\u2028\u2029]")
_BLANK_LINES: Final = re.compile(r"\n{3,}")
# Shown as nothing or as a blank although Unicode counts them as letters, marks or symbols.
_INVISIBLE: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
    + "".join(map(chr, range(0xFE00, 0xFE10)))
    + "".join(map(chr, range(0xE0100, 0xE01F0)))
)
NAMES_KEPT: Final = 4096
"""Names whose forms are kept: everybody's are compared whenever somebody comes."""
_UNSHOWN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_MARKS: Final = frozenset({"Mn", "Me"})


@lru_cache(NAMES_KEPT)
def clean_name(text: str) -> str:
    """Return a name as one visible line of at most `MAX_NAME` characters, never empty."""
    return clean_line(text, MAX_NAME) or NAMELESS


def clean_line(text: str, limit: int = MAX_LINE) -> str:
    """Return any foreign text as one line of at most `limit` characters; may be empty."""
    visible = _visible(_LINE_ENDS.sub(" ", _ESCAPES.sub("", text)))
    return " ".join(visible.split())[:limit].strip()


def clean_chat(text: str) -> str:
    """Return what somebody wrote, its line breaks kept and nothing else that moves a cursor."""
    lines = _LINE_ENDS.sub("\n", _ESCAPES.sub("", text)).split("\n")
    kept = _BLANK_LINES.sub("\n\n", "\n".join(_visible(line).rstrip() for line in lines))
    return "\n".join(kept.strip("\n").split("\n")[:MAX_CHAT_LINES])


def clean_reaction(text: str) -> str:
    """Return a reaction as one visible word; empty if it is none.

    What joins emoji or chooses their form goes, so each has one spelling and a width that every
    terminal agrees on.
    """
    shown = clean_line(text)
    word = bool(shown) and " " not in shown and unicodedata.category(shown[0]) not in _MARKS
    return shown if word else ""


def _visible(line: str) -> str:
    """Drop what is not shown, turn every kind of space into a plain one, limit stacked marks."""
    shown: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", line):
        category = unicodedata.category(char)
        marks = marks + 1 if category in _MARKS else 0
        if char == "\t" or category == "Zs":
            shown.append(" ")
        elif category not in _UNSHOWN and char not in _INVISIBLE and marks <= MAX_MARKS:
            shown.append(char)
    return unicodedata.normalize("NFC", "".join(shown))


# --- names that look alike ---

# Letters of other scripts that are drawn like Latin ones (after Unicode TS 39, the common ones).
_LOOKS_LIKE: Final = str.maketrans(
    "АВЕЗКМНОРСТУХЅІЈЬԌԚԜ"
    "авезкмнорстухѕіјьԁԛԝһѡѵгпи"
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹͿ"
    "αβεηικνορτυχγωϲϳ"
    "ԼՏՕօհոսցք"
    "ᎪᏴᏟᎠᎬᎻᎫᏦᏞᎷᏢᏒᏚᎢᏙᎳᏃᎥ"
    "ıɑɡɩʟɪʀøØđĐłŁħ",
    "ABE3KMHOPCTYXSIJbGQW"
    "abe3kmhopctyxsijbdqwhwvrnu"
    "ABEZHIKMNOPTYXCJ"
    "abenikvoptuxywcj"
    "LSOohnugp"
    "ABCDEHJKLMPRSTVWZi"
    "iagilirooddllh",
)
_DRAWN_ALIKE: Final = str.maketrans("i1|!j0", "llllio")
_PAIRS: Final = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_SUFFIX: Final = re.compile(r"\s*\([^()]*\)\s*$")
_CONFUSED_SCRIPTS: Final = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"})


class NamedKey(NamedTuple):
    """A cleaned name and the fingerprint (`SHA256:...`) of the key it belongs to."""

    name: str
    fingerprint: str


@lru_cache(NAMES_KEPT)
def skeleton(name: str) -> str:
    """Return what a name boils down to for the eye; two names with one skeleton look alike.

    A closing `(...)` does not count: it could imitate the fingerprint we add ourselves.
    """
    bare = _SUFFIX.sub("", name) or name
    folded = unicodedata.normalize("NFKD", bare).translate(_LOOKS_LIKE).casefold()
    kept = "".join(c for c in folded.translate(_DRAWN_ALIKE) if c.isalnum())
    for pair, single in _PAIRS:
        kept = kept.replace(pair, single)
    return kept or bare


@lru_cache(NAMES_KEPT)
def mixes_scripts(name: str) -> bool:
    """Return whether one name mixes alphabets whose letters look alike (Latin and Cyrillic)."""
    scripts = {unicodedata.name(char, "").partition(" ")[0] for char in name if char.isalpha()}
    return len(scripts & _CONFUSED_SCRIPTS) > 1


def distinct_names(people: Mapping[int, NamedKey]) -> dict[int, str]:
    """Return the name to show for each: with a piece of its fingerprint where it may mislead."""
    skeletons = {key: skeleton(person.name) for key, person in people.items()}
    holders = {(skeletons[key], person.fingerprint) for key, person in people.items()}
    sharing = Counter(form for form, _ in holders)
    return {
        key: _with_fingerprint(person)
        if sharing[skeletons[key]] > 1 or skeletons[key] in OURS or mixes_scripts(person.name)
        else person.name
        for key, person in people.items()
    }


def _with_fingerprint(person: NamedKey) -> str:
    digest = person.fingerprint.removeprefix("SHA256:")
    return f"{person.name} ({digest[:FINGERPRINT_SHOWN]})"
