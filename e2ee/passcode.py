"""Passcodes: `room-word-word-word`, made to be said aloud and typed by somebody who heard it.

The first word names the room and is no secret; the other three are, 30 bits together. That is
little: it holds only as long as each guess takes one exchange with the host (`e2ee.spake2`).
Pure; stretching takes about 0.1 s and 32 MiB, so call it off an event loop.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass, field
from typing import Final

from e2ee.errors import Fault, SottovoceError
from e2ee.spake2 import ORDER
from e2ee.spoken_words import SPOKEN_WORDS
from e2ee.ssh_wire import join_strings

SECRET_WORDS: Final = 3
SALT: Final = b"sottovoce passcode"
SCRYPT_N: Final = 2**15
SCRYPT_R: Final = 8
SCRYPT_P: Final = 1
SCRYPT_MEMORY: Final = 64 * 2**20
"""Bytes scrypt may take; it needs 128 N r, the half."""
STRETCHED_LENGTH: Final = 40
"""Bytes: 64 bits more than the order has, so that no number is likelier (RFC 9382 section 3.2)."""
MAX_TYPED: Final = 200
"""Longest text that is looked at, characters."""

_KNOWN: Final = frozenset(SPOKEN_WORDS)
_BETWEEN: Final = re.compile(r"[\s\-_.,]+")
_HINT: Final = "four words, as they were said: room-word-word-word"


class PasscodeError(SottovoceError):
    """What was typed is no passcode."""

    code = "passcode.malformed"
    fault = Fault.PERSON


@dataclass(frozen=True, slots=True)
class Passcode:
    """A room's name, which the server is told, and the words it is never told."""

    room: str
    words: tuple[str, ...] = field(repr=False)

    def to_text(self) -> str:
        """Return the passcode as it is shown. It is a secret: show it, never log it."""
        return "-".join((self.room, *self.words))

    def stretch(self) -> int:
        """Return the number both sides of SPAKE2 start from, stretched with scrypt (RFC 7914)."""
        stretched = hashlib.scrypt(
            join_strings(self.room.encode(), *(word.encode() for word in self.words)),
            salt=SALT,
            n=SCRYPT_N,
            r=SCRYPT_R,
            p=SCRYPT_P,
            maxmem=SCRYPT_MEMORY,
            dklen=STRETCHED_LENGTH,
        )
        return int.from_bytes(stretched, "big") % (ORDER - 1) + 1


def new_room_name() -> str:
    """Return a word to name a room by."""
    return secrets.choice(SPOKEN_WORDS)


def new_passcode(room: str) -> Passcode:
    """Return a fresh passcode of a room."""
    return Passcode(room, tuple(secrets.choice(SPOKEN_WORDS) for _ in range(SECRET_WORDS)))


def parse_passcode(typed: str, room: str | None = None) -> Passcode:
    """Read what a person typed. Raises `PasscodeError`, never repeating any of it.

    Capitals, spaces, dashes and commas do not matter, and the beginning of a word is enough where
    only one begins so. With `room`, the passcode may come without its first word.
    """
    parts = [part for part in _BETWEEN.split(typed[: MAX_TYPED + 1].casefold()) if part]
    if len(typed) > MAX_TYPED or not SECRET_WORDS <= len(parts) <= SECRET_WORDS + 1:
        first = "" if room is None else "; the room's may be left out"
        raise PasscodeError(f"a passcode has four words{first}", hint=_HINT)
    words = [_completed(part) for part in parts]
    if len(words) == SECRET_WORDS and room is not None:
        words.insert(0, room)
    if len(words) == SECRET_WORDS or room not in (None, words[0]):
        raise PasscodeError("this is not a passcode of that room", hint=_HINT)
    return Passcode(words[0], tuple(words[1:]))


def completions(beginning: str) -> tuple[str, ...]:
    """Return the words that begin so, in order; one alone stands for what was typed."""
    start = beginning.casefold()
    return tuple(word for word in SPOKEN_WORDS if word.startswith(start))


def _completed(part: str) -> str:
    if part in _KNOWN:
        return part
    found = completions(part)
    if len(found) != 1:
        raise PasscodeError(
            "a word of the passcode is not one that passcodes are made of", hint=_HINT
        )
    return found[0]
