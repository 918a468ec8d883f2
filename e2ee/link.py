"""The link that lets people knock, and the keys that follow from its secret.

`https://HOST[:PORT]/r/#S.h[.p]`: nothing after `#` is ever sent. S is the room's secret, h names
the host's identity key, p the certificate key of a server without a public certificate. A link
is a secret: no message, repr or cause of an error in here repeats any part of it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from e2ee.errors import LinkError

SECRET_LENGTH: Final = 16
"""Length of S, h and p, bytes: 128 bits each."""
PART_LENGTH: Final = 26
"""Letters of such a part."""
MAX_LINK: Final = 512

_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST: Final = rf"{_LABEL}(?:\.{_LABEL})*\.?|\[[0-9A-Fa-f:.]{{2,45}}\]"
_SERVER: Final = re.compile(rf"(?:{_HOST})(?::([0-9]+))?")
_LINK: Final = re.compile(r"https://([^/?#@\s]+)/r/?#([^#\s]+)", re.IGNORECASE)
_AROUND: Final = "<>\"'"
_HINT: Final = "copy the whole link, from https:// to its last letter"


@dataclass(frozen=True, slots=True)
class Link:
    """A parsed link. `server` is `host[:port]`; the rest is hidden from repr.

    `server_pin` is None when the server's certificate is to be checked the public way.
    """

    server: str
    secret: bytes = field(repr=False)
    host_hash: bytes = field(repr=False)
    server_pin: bytes | None = field(repr=False, default=None)

    def __post_init__(self) -> None:
        parts = (self.secret, self.host_hash, self.server_pin)
        if any(part is not None and len(part) != SECRET_LENGTH for part in parts):
            raise LinkError("a part of the link has the wrong length", hint=_HINT)
        _check_server(self.server)

    @classmethod
    def parse(cls, text: str) -> Link:
        """Read a link as a person pasted it. Raises `LinkError`, never repeating the text.

        White space anywhere (a terminal wraps links) and `<>` or quotes around are left out.
        """
        pasted = "".join(text.split()).strip(_AROUND)
        match = _LINK.fullmatch(pasted) if len(pasted) <= MAX_LINK else None
        if match is None:
            raise LinkError("this is not a room link", hint=_HINT)
        server, fragment = match.groups()
        parts = [_decode(part) for part in fragment.split(".")]
        if not 2 <= len(parts) <= 3:
            raise LinkError("the part of the link after # is incomplete", hint=_HINT)
        return cls(server, *parts)

    def to_text(self) -> str:
        """Return the link as text. It is a secret: show it, never log it."""
        parts = [self.secret, self.host_hash]
        if self.server_pin is not None:
            parts.append(self.server_pin)
        return f"https://{self.server}/r/#{'.'.join(_encode(part) for part in parts)}"


@dataclass(frozen=True, slots=True)
class RoomKeys:
    """What members and knockers of a room derive from its link secret.

    room_id: 16 bytes, told to the server. psk_id (16) and psk (32): the external PSK that every
    Welcome has to contain (RFC 9420 section 8.4). lobby_key (16): encrypts knocks. heartbeat_key
    (16): encrypts heartbeats.
    """

    room_id: bytes
    psk_id: bytes = field(repr=False)
    psk: bytes = field(repr=False)
    lobby_key: bytes = field(repr=False)
    heartbeat_key: bytes = field(repr=False)


def continuation(text: str) -> str | None:
    """Return what the next line begins with if it is the rest of a link that was wrapped here.

    Empty if that can be anything, None if this is no link or nothing can be missing.
    """
    pasted = "".join(text.split()).strip(_AROUND).lower()
    if len(pasted) >= MAX_LINK or not pasted.startswith("https://"[: len(pasted)]):
        return None
    *whole, last = parts = pasted.partition("#")[2].split(".")
    if any(len(part) != PART_LENGTH for part in whole):
        return None  # the rest makes it no link: whoever waits for that waits for nothing
    if len(parts) < 2 or len(last) < PART_LENGTH:
        return ""
    return "." if len(parts) == 2 else None


def new_secret() -> bytes:
    """Return a fresh link secret, 16 random bytes."""
    return os.urandom(SECRET_LENGTH)


def room_keys(secret: bytes) -> RoomKeys:
    """Derive a room's id and keys from its link secret by HKDF-SHA256 (RFC 5869)."""
    return RoomKeys(
        room_id=_derive(secret, b"room id", 16),
        psk_id=_derive(secret, b"link psk id", 16),
        psk=_derive(secret, b"link psk", 32),
        lobby_key=_derive(secret, b"lobby key", 16),
        heartbeat_key=_derive(secret, b"heartbeat key", 16),
    )


def local_id(secret: bytes) -> str:
    """Return what a room is called on one's own disk: tells neither the secret nor the room id."""
    return _derive(secret, b"saved room", 8).hex()


def host_hash(identity_blob: bytes) -> bytes:
    """Return the 16 bytes by which a link names a host's identity key (an SSH public key blob)."""
    return hashlib.sha256(b"sottovoce host" + identity_blob).digest()[:SECRET_LENGTH]


def key_pin(spki_der: bytes) -> bytes:
    """Return the 16 bytes by which a link pins a server's key (DER SubjectPublicKeyInfo)."""
    return hashlib.sha256(spki_der).digest()[:SECRET_LENGTH]


def _derive(secret: bytes, purpose: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt=None, info=b"sottovoce " + purpose).derive(secret)


def _check_server(server: str) -> None:
    match = _SERVER.fullmatch(server)
    if match is None or len(server) > 260:
        raise LinkError("the server's name in the link is not one", hint=_HINT)
    port = match.group(1)
    if port is not None and not (len(port) <= 5 and 1 <= int(port) <= 65535):
        raise LinkError("the server's port in the link is not one", hint=_HINT)


def _encode(part: bytes) -> str:
    return base64.b32encode(part).decode().rstrip("=").lower()


def _decode(text: str) -> bytes:
    """Decode one part; only its one canonical spelling (in either case) is accepted."""
    try:
        part = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    except (ValueError, binascii.Error):
        part = b""
    if len(part) != SECRET_LENGTH or _encode(part) != text.lower():
        raise LinkError("the part of the link after # is damaged", hint=_HINT)
    return part
