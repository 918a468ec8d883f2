"""Knocks: KeyPackages encrypted so that only holders of the link can read who asks to come in.

One for each cipher suite the joiner can do. Wire: 12 random bytes of nonce, then AES-128-GCM over
{u8 count, count times (u16 length, KeyPackage message), zeros}.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from e2ee.errors import AuthenticationError, KeysError, MalformedError
from e2ee.mls.codec import Reader

PADDED_SIZES: Final = (1024, 2048, 4096, 8192)
"""A knock's plaintext is padded to one of these, so its size does not tell the name's length."""
MAX_OFFERS: Final = 8
"""Most KeyPackages in a knock."""
NONCE_LENGTH: Final = 12
TAG_LENGTH: Final = 16


def seal_knock(lobby_key: bytes, room_id: bytes, key_packages: Sequence[bytes]) -> bytes:
    """Encrypt KeyPackage messages, at most 8, for the hosts of a room.

    Raises `KeysError` if they are longer than the largest padding size. Random nonces are safe
    here: a link's lobby key encrypts far fewer than 2**32 knocks.
    """
    parts = [len(message).to_bytes(2, "big") + message for message in key_packages]
    plaintext = bytes([len(parts)]) + b"".join(parts)
    size = next((size for size in PADDED_SIZES if len(plaintext) <= size), None)
    if size is None:
        raise KeysError("a KeyPackage is too long to knock with", hint="use a shorter name")
    padded = plaintext + bytes(size - len(plaintext))
    nonce = os.urandom(NONCE_LENGTH)
    return nonce + AESGCM(lobby_key).encrypt(nonce, padded, _associated_data(room_id))


def open_knock(lobby_key: bytes, room_id: bytes, sealed: bytes) -> tuple[bytes, ...]:
    """Return the KeyPackage messages inside a knock, one at least.

    Raises `MalformedError` for a size or content no knock has, `AuthenticationError` when
    it was made without the link, for another room, or changed on its way.
    """
    if len(sealed) - NONCE_LENGTH - TAG_LENGTH not in PADDED_SIZES:
        raise MalformedError("a knock has the wrong size")
    nonce, ciphertext = sealed[:NONCE_LENGTH], sealed[NONCE_LENGTH:]
    try:
        padded = AESGCM(lobby_key).decrypt(nonce, ciphertext, _associated_data(room_id))
    except InvalidTag:
        raise AuthenticationError("a knock was not made with this room's link") from None
    reader = Reader(padded)
    count = reader.u8()
    if not 1 <= count <= MAX_OFFERS:
        raise MalformedError("a knock offers nothing, or too much")
    offers = tuple(reader.take(reader.u16()) for _ in range(count))
    if any(reader.rest()):
        raise MalformedError("a knock has no valid padding")
    return offers


def _associated_data(room_id: bytes) -> bytes:
    return b"sottovoce knock" + room_id
