"""Whom we have met: names and the identity keys they had, pinned on first use. Pure.

Lines of OpenSSH's allowed_signers format (ssh-keygen(1)), so that `ssh-keygen -Y verify -f` reads
the same file: `NAME namespaces="sottovoce" ssh-ed25519 AAAA... first-seen=2026-11-05`. What a
person wrote in it by hand is kept.
"""

from __future__ import annotations

import base64
import binascii
import functools
import re
import urllib.parse
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from e2ee import sshsig
from e2ee.errors import MalformedError
from rooms.events import KeyState
from rooms.text import NAMELESS, clean_line, clean_name, skeleton

NAMESPACE: Final = "sottovoce"
MAX_PINS: Final = 4096
"""Most people kept. Nobody is forgotten for somebody new: that would be a way to be forgotten."""
MAX_LINE: Final = 8192
MAX_COMMENT: Final = 1024
VERIFIED: Final = "verified="
FIRST_SEEN: Final = "first-seen="
NOBODY: Final = frozenset(map(skeleton, ("guest", NAMELESS)))
"""Names of people without one; two of them are not the same person."""

_look = functools.lru_cache(MAX_PINS)(skeleton)
# What principals, patterns and quoting give a meaning to, besides everything invisible.
_ESCAPED: Final = re.compile(r"""[\s"'\\,*?!%#=]""")
_LINE: Final = re.compile(
    r"""(?P<names>"[^"]+"|[^\s"\#]\S*)\s+
    (?:(?P<options>(?:[^\s"]|"[^"]*")+)\s+)?
    (?P<kind>(?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[\w@.-]+)\s+
    (?P<key>[A-Za-z0-9+/]+={0,2})
    (?:\s+(?P<comment>.*))?""",
    re.VERBOSE,
)
_OUR_OPTIONS: Final = re.compile(r'namespaces="(?:[^",]+,)*sottovoce(?:,[^",]+)*"', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Pin:
    """A name and an identity key (SSH wire blob) that belong together, and what is noted of it."""

    name: str
    public_blob: bytes
    comment: str = ""

    @property
    def fingerprint(self) -> str:
        """The key's fingerprint, `SHA256:...`."""
        return sshsig.fingerprint(self.public_blob)

    @property
    def verified(self) -> bool:
        """Whether a verification code was compared with whoever holds this key."""
        return any(word.startswith(VERIFIED) for word in self.comment.split())

    def noting(self, note: str) -> Pin:
        """Return the pin with a note like `verified=2026-11-05` instead of an older one like it."""
        kind = note.partition("=")[0] + "="
        others = [word for word in self.comment.split() if not word.startswith(kind)]
        return replace(self, comment=" ".join([*others, note]))

    def line(self) -> str:
        """Return the pin as a line of allowed_signers."""
        name = _ESCAPED.sub(lambda match: urllib.parse.quote(match[0], safe=""), self.name)
        return (
            f'{name} namespaces="{NAMESPACE}" {key_text(self.public_blob)} {self.comment}'.strip()
        )


class KnownPeople:
    """Pins by name. `news` holds those made or changed since it was drained, to be kept.

    Names are compared by what they look like: whoever looks like somebody we know is not new.
    """

    def __init__(self, pins: Iterable[Pin] = ()) -> None:
        self.news: list[Pin] = []
        self._lines: list[Pin | str] = []
        self._by_look: defaultdict[str, list[Pin]] = defaultdict(list)
        self._fresh: set[Pin] = set()
        for pin in pins:
            self.put(pin)

    @classmethod
    def parse(cls, text: str) -> KnownPeople:
        """Read a file; lines that are none of ours are kept as they are and mean nothing."""
        people = cls()
        for line in text.splitlines():
            pins = read_line(line)
            people._lines += [] if pins else [line]
            for pin in pins:
                people.put(pin)
        return people

    def to_text(self) -> str:
        """Return the file."""
        lines = [line.line() if isinstance(line, Pin) else line for line in self._lines]
        return "".join(f"{line}\n" for line in lines)

    @property
    def pins(self) -> list[Pin]:
        """Everybody known, in the order of the file."""
        return [line for line in self._lines if isinstance(line, Pin)]

    def named(self, name: str) -> list[Pin]:
        """Return the pins of a name and of all that look like it."""
        return list(self._by_look.get(_look(name), ()))

    def state(self, name: str, public_blob: bytes) -> KeyState:
        """Return how well a cleaned name is known with a key.

        Whoever was met only just now, in this call, is still new in it.
        """
        named = self._by_look.get(_look(name), ())
        own = [pin for pin in named if pin.public_blob == public_blob]
        if any(pin.verified for pin in own):
            return "verified"
        if any(pin not in self._fresh for pin in own):
            return "known"
        return "changed" if named and not own else "new"

    def meet(self, name: str, public_blob: bytes) -> None:
        """Pin a name that is new. One that has another key stays with that: a person decides."""
        look = _look(name)
        if look in NOBODY or self._by_look.get(look):
            return
        pin = Pin(name, public_blob)
        if self.put(pin):
            self._fresh.add(pin)
            self.news.append(pin)

    def verify(self, name: str, public_blob: bytes, day: str) -> None:
        """Note that a code was compared with this person on a day (ISO 8601); it pins the key."""
        own = [pin for pin in self.named(name) if pin.public_blob == public_blob]
        pin = (own[0] if own else Pin(name, public_blob)).noting(VERIFIED + day)
        if self.put(pin):
            self.news.append(pin)

    def put(self, pin: Pin) -> bool:
        """Enter a pin, or what is noted of it now; False if there are too many already."""
        same = [old for old in self.named(pin.name) if old.public_blob == pin.public_blob]
        if same:
            self._lines[self._lines.index(same[0])] = pin
            named = self._by_look[_look(pin.name)]
            named[named.index(same[0])] = pin
        elif len(self.pins) >= MAX_PINS:
            return False
        else:
            self._lines.append(pin)
            self._by_look[_look(pin.name)].append(pin)
        return True

    def forget(self, name: str) -> list[Pin]:
        """Take out a name, whatever keys it has, and no look-alike; return what was taken out."""
        gone = [pin for pin in self.named(name) if pin.name == name]
        self._lines = [line for line in self._lines if line not in gone]
        look = _look(name)
        self._by_look[look] = [pin for pin in self._by_look[look] if pin not in gone]
        return gone


def read_line(line: str) -> list[Pin]:
    """Read a line of allowed_signers: one pin a name; none if it is not one we go by.

    Certificates, times of validity and patterns are not: what they allow is more than a key.
    """
    match = _LINE.fullmatch(line.strip()) if len(line) <= MAX_LINE else None
    if match is None or not _OUR_OPTIONS.fullmatch(match["options"] or 'namespaces="sottovoce"'):
        return []
    try:
        public_blob = read_key(f"{match['kind']} {match['key']}")
    except MalformedError:
        return []
    comment = clean_line(match["comment"] or "", MAX_COMMENT)
    names = [name for name in match["names"].strip('"').split(",") if name]
    if any(set(name) & set("*?!") for name in names):
        return []
    return [Pin(clean_name(urllib.parse.unquote(name)), public_blob, comment) for name in names]


def read_key(text: str) -> bytes:
    """Return the blob of a public key file, `TYPE BASE64 [comment]`. Raises `MalformedError`."""
    words = text.split()
    try:
        blob = base64.b64decode(words[1], validate=True)
    except (IndexError, binascii.Error):
        raise MalformedError("that is not an SSH public key", hint="give a .pub file") from None
    if len(words[0]) > 64 or not blob.startswith(sshsig.join_strings(words[0].encode())):
        raise MalformedError("an SSH public key is not of the type it says")
    return blob


def key_of(text: str) -> bytes:
    """Return the first key in a .pub file or in lines of allowed_signers.

    Raises `MalformedError`.
    """
    for line in text.splitlines():
        pins = read_line(line)
        if pins:
            return pins[0].public_blob
        if line.strip() and not line.startswith("#"):
            return read_key(line)
    raise MalformedError("there is no SSH public key", hint="give a .pub file")


def key_text(public_blob: bytes) -> str:
    """Return a public key as OpenSSH writes it, `TYPE BASE64`."""
    kind = public_blob[4 : 4 + int.from_bytes(public_blob[:4], "big")]
    return f"{kind.decode(errors='replace')} {base64.b64encode(public_blob).decode()}"
