"""`--admit-keys`: whose keys come in without being asked about, read from a file of OpenSSH's.

Lines of authorized_keys (sshd(8)) or allowed_signers (ssh-keygen(1)). Options narrow or widen what
a key may do; what is not understood for certain is refused, and never read as a name or a key.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Final

from e2ee.errors import KeysError
from e2ee.ssh_keys import KEY_TYPES, check_key
from rooms.errors import AdmitKeysError
from rooms.known_people import MAX_LINE, read_key

MAX_FILE: Final = 1 << 20
"""Longest file read, bytes."""

_WORD: Final = r'(?:[^\s"]|"[^"]*")+'
_TYPES: Final = "|".join(re.escape(kind.decode()) for kind in KEY_TYPES)
_LINE: Final = re.compile(
    rf"(?:(?P<names>{_WORD})\s+(?:(?P<options>{_WORD})\s+)??)??"
    rf"(?P<kind>{_TYPES})\s+(?P<key>\S+)(?:\s.*)?"
)
_NAMES: Final = re.compile(r'"[^"=]+"|[^"=]+')
_OURS: Final = re.compile(r'namespaces="(?:[^",]+,)*sottovoce(?:,[^",]+)*"', re.IGNORECASE)
_OWN: Final = 'namespaces="sottovoce"'
_FLAGS: Final = frozenset(
    ("cert-authority", "restrict", "pty", "user-rc", "no-pty", "no-user-rc", "verify-required")
)
_FLAG_ENDS: Final = ("-forwarding", "-required")
"""Options of authorized_keys that have no value (with `_FLAGS`): they look like names."""


def load(path: Path) -> frozenset[bytes]:
    """Return the public blobs of the keys in a file. Raises `AdmitKeysError`."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb") as file:
            _check_owner(os.fstat(file.fileno()), path)
            data = file.read(MAX_FILE + 1)
    except OSError as error:
        raise AdmitKeysError(f"{path} cannot be read: {error.strerror}") from error
    if len(data) > MAX_FILE:
        raise AdmitKeysError(f"{path} is too long")
    return parse(data.decode(errors="replace"), str(path))


def parse(text: str, where: str) -> frozenset[bytes]:
    """Return the public blobs in the text of a file called `where`.

    Raises `AdmitKeysError` with the first line that is not understood, or if there is no key.
    """
    keys = set()
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            keys.add(_read(line.strip(), f"{where} line {number}"))
    if not keys:
        raise AdmitKeysError(f"{where} has no keys", hint="give lines as in authorized_keys")
    return frozenset(keys)


def _read(line: str, where: str) -> bytes:
    match = _LINE.fullmatch(line) if len(line) <= MAX_LINE else None
    if match is None:
        raise AdmitKeysError(
            f"{where} is no key of a type that is supported",
            hint="write TYPE BASE64, or NAME TYPE BASE64",
        )
    if not _are_names(match["names"] or "me") or not _OURS.fullmatch(match["options"] or _OWN):
        raise AdmitKeysError(
            f"{where} has options that are not followed here",
            hint="give the key on a line without them, such as TYPE BASE64",
        )
    try:
        public_blob = read_key(f"{match['kind']} {match['key']}")
        check_key(public_blob)
    except KeysError as error:
        raise AdmitKeysError(f"{where}: {error.message}", hint=error.hint) from error
    return public_blob


def _are_names(text: str) -> bool:
    """Say whether a word before a key is principals for certain, and not an option."""
    words = [word.lower() for word in text.strip('"').split(",")]
    return _NAMES.fullmatch(text) is not None and not any(
        word in _FLAGS or word.endswith(_FLAG_ENDS) for word in words
    )


def _check_owner(status: os.stat_result, path: Path) -> None:
    """Refuse a file others may write: they could let themselves in."""
    if not stat.S_ISREG(status.st_mode):
        raise AdmitKeysError(f"{path} is not a file")
    if status.st_uid not in (0, os.geteuid()) or stat.S_IMODE(status.st_mode) & 0o022:
        raise AdmitKeysError(f"{path} can be changed by others", hint=f"run: chmod go-w {path}")
