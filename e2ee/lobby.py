"""Knocks: a KeyPackage encrypted so that only holders of the link can read who asks to come in.

Wire: 12 random bytes of nonce, then AES-128-GCM over {u16 length, KeyPackage message, zeros}.
"""

from __future__ import annotations

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from e2ee.errors import AuthenticationError, KeysError, MalformedError

PADDED_SIZES: Final = (1024, 2048, 4096, 8192)
"""A knock's plaintext is padded to one of these, so its size does not tell the name's length."""
NONCE_LENGTH: Final = 12
TAG_LENGTH: Final = 16


def seal_knock(lobby_key: bytes, room_id: bytes, key_package: bytes) -> bytes:
    """Encrypt a KeyPackage message for the hosts of a room.

    Raises `KeysError` if it is longer than the largest padding size. Random nonces are safe
    here: a link's lobby key encrypts far fewer than 2**32 knocks.
    """
    length = len(key_package) + 2
    size = next((size for size in PADDED_SIZES if length <= size), None)
    if size is None:
        raise KeysError("a KeyPackage is too long to knock with", hint="use a shorter name")
    padded = len(key_package).to_bytes(2, "big") + key_package + bytes(size - length)
    nonce = os.urandom(NONCE_LENGTH)
    return nonce + AESGCM(lobby_key).encrypt(nonce, padded, _associated_data(room_id))


def open_knock(lobby_key: bytes, room_id: bytes, sealed: bytes) -> bytes:
    """Return the KeyPackage message inside a knock.

    Raises `MalformedError` for a size no knock has, `AuthenticationError` when it was made
    without the link, for another room, or changed on its way.
    """
    if len(sealed) - NONCE_LENGTH - TAG_LENGTH not in PADDED_SIZES:
        raise MalformedError("a knock has the wrong size")
    nonce, ciphertext = sealed[:NONCE_LENGTH], sealed[NONCE_LENGTH:]
    try:
        padded = AESGCM(lobby_key).decrypt(nonce, ciphertext, _associated_data(room_id))
    except InvalidTag:
        raise AuthenticationError("a knock was not made with this room's link") from None
    length = int.from_bytes(padded[:2], "big")
    if length + 2 > len(padded) or any(padded[2 + length :]):
        raise MalformedError("a knock has no valid padding")
    return padded[2 : 2 + length]


def _associated_data(room_id: bytes) -> bytes:
    return b"sottovoce knock" + room_id
