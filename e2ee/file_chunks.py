"""Files in transit: cut into chunks of one size, chained to what their sender announced, encrypted.

The sender announces, in a message that MLS signs, a random id and key, the size, and the hash of
the first chunk. Each chunk holds the hash of the next one:

    chunk i = hash of chunk i+1 (zeros after the last), 32 bytes || 32768 bytes of content or zeros
    hash    = SHA-256("sottovoce chunk" || id || u32 i || chunk i)

So each is known to be the sender's, and at its place, the moment it arrives: that others have the
key does not help them. A chunk is encrypted with AES-128-GCM under a key of the file and the epoch
it is sent in, with its index as nonce: whoever was removed meanwhile lacks the epoch, and whoever
came meanwhile lacks the file's key.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import struct
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from e2ee.errors import AuthenticationError

if TYPE_CHECKING:
    from e2ee.mls.group import Group

MAX_FILE: Final = 10 * 1024 * 1024
"""Largest file, bytes."""
CHUNK: Final = 32 * 1024
"""Content of one chunk, bytes."""
ID_LENGTH: Final = 16
KEY_LENGTH: Final = 32
HASH_LENGTH: Final = 32
SEALED_LENGTH: Final = HASH_LENGTH + CHUNK + 16
"""Every chunk has this size, bytes: of a file's size it tells how many there are."""
EXPORT_LABEL: Final = "sottovoce file"
"""Label of the MLS exporter (RFC 9420 section 8.5); its context is the file's id."""
NO_MORE: Final = bytes(HASH_LENGTH)
_INDEX: Final = struct.Struct(">I")


def chunk_count(size: int) -> int:
    """Return how many chunks a file of `size` bytes has; an empty one has one."""
    return max(1, -(-size // CHUNK))


class Content:
    """A file that is to be sent, under an id and a key of its own: at most `MAX_FILE` bytes."""

    def __init__(self, content: bytes, file_id: bytes | None = None) -> None:
        self.id = file_id or os.urandom(ID_LENGTH)
        self.key = os.urandom(KEY_LENGTH)
        self.size = len(content)
        self.count = chunk_count(self.size)
        self._content = content
        self._hashes = [NO_MORE] * (self.count + 1)
        for index in reversed(range(self.count)):
            self._hashes[index] = _hash(self.id, index, self.chunk(index))

    @property
    def first_hash(self) -> bytes:
        """What is announced of the content: all of it hangs on this."""
        return self._hashes[0]

    def chunk(self, index: int) -> bytes:
        """Return one chunk, not encrypted."""
        part = self._content[index * CHUNK : (index + 1) * CHUNK]
        return self._hashes[index + 1] + part.ljust(CHUNK, b"\0")

    def seal(self, index: int, group: Group) -> bytes:
        """Return one chunk, encrypted for this epoch of a group.

        The index as nonce is safe: under one key, one index is ever used for one chunk.
        """
        key = chunk_key(self.key, self.id, group)
        return AESGCM(key).encrypt(_nonce(index), self.chunk(index), _associated_data(self.id))


def chunk_key(file_key: bytes, file_id: bytes, group: Group) -> bytes:
    """Return the key of a file's chunks in this epoch of a group."""
    epoch_secret = group.export(EXPORT_LABEL, file_id, KEY_LENGTH)
    derive = HKDF(hashes.SHA256(), 16, salt=epoch_secret, info=b"sottovoce file key")
    return derive.derive(file_key)


def open_chunk(
    key: bytes, file_id: bytes, index: int, expected: bytes, sealed: bytes
) -> tuple[bytes, bytes]:
    """Decrypt a chunk; return the hash of the next one, and `CHUNK` bytes of content.

    `expected` is its own hash. Raises `AuthenticationError` if it is not this file's chunk of this
    index, as its sender made it.
    """
    try:
        chunk = AESGCM(key).decrypt(_nonce(index), sealed, _associated_data(file_id))
    except InvalidTag:
        raise AuthenticationError("a piece of a file does not decrypt") from None
    if not hmac.compare_digest(_hash(file_id, index, chunk), expected):
        raise AuthenticationError("a piece of a file is not its sender's")
    return chunk[:HASH_LENGTH], chunk[HASH_LENGTH:]


def _hash(file_id: bytes, index: int, chunk: bytes) -> bytes:
    return hashlib.sha256(b"sottovoce chunk" + file_id + _INDEX.pack(index) + chunk).digest()


def _nonce(index: int) -> bytes:
    return index.to_bytes(12, "big")


def _associated_data(file_id: bytes) -> bytes:
    return b"sottovoce file" + file_id
