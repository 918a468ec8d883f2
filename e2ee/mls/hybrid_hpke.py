"""HPKE in base mode with ML-KEM-768 and X25519 together, HKDF-SHA256 and AES-128-GCM.

The KEM is X-Wing (draft-connolly-cfrg-xwing-kem; HPKE KEM 0x647a, draft-ietf-hpke-pq section 4): a
secret is lost only when both halves are broken, now or later. The same functions as `hpke`, with
other sizes. Importing this fails where `cryptography` is too old for ML-KEM.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from e2ee.errors import AuthenticationError, MalformedError
from e2ee.mls import hpke
from e2ee.mls.codec import u16
from e2ee.mls.hpke import HpkeCiphertext, KeyPair

SEED_LENGTH: Final = 32
"""A private key is the seed both halves are expanded from, bytes."""
PUBLIC_KEY_LENGTH: Final = 1184 + 32
"""ML-KEM-768 encapsulation key, then X25519 public key, bytes."""
KEM_OUTPUT_LENGTH: Final = 1088 + 32
"""ML-KEM-768 ciphertext, then ephemeral X25519 public key, bytes."""
_SUITE: Final = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
_KEM_SUITE_ID: Final = b"KEM\x64\x7a"
_X25519_LENGTH: Final = 32


def generate_key_pair() -> KeyPair:
    """Return a fresh key pair."""
    return key_pair_of(secrets.token_bytes(SEED_LENGTH))


def key_pair_of(private: bytes) -> KeyPair:
    """Return the pair of a private key. Raises `ValueError` unless it is 32 bytes."""
    ml_kem, x25519 = _expand(private)
    public = ml_kem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
    return KeyPair(private, public)


def derive_key_pair(ikm: bytes) -> KeyPair:
    """Return the key pair of a secret (DeriveKeyPair, draft-ietf-hpke-pq section 4)."""
    label = b"DeriveKeyPair"
    labelled = ikm + b"HPKE-v1" + _KEM_SUITE_ID + u16(len(label)) + label + u16(SEED_LENGTH)
    return key_pair_of(hashlib.shake_256(labelled).digest(SEED_LENGTH))


def is_usable(public: bytes) -> bool:
    """Whether a public key can be encrypted to: both halves, ML-KEM's by FIPS 203 section 7.2."""
    if len(public) != PUBLIC_KEY_LENGTH or not hpke.is_usable(public[-_X25519_LENGTH:]):
        return False
    try:
        MLKEM768PublicKey.from_public_bytes(public[:-_X25519_LENGTH])
    except ValueError:
        return False
    return True


def seal(public: bytes, info: bytes, plaintext: bytes) -> HpkeCiphertext:
    """Encrypt to a public key with empty associated data.

    Raises `MalformedError` for a key that is none.
    """
    if not is_usable(public):
        raise MalformedError("an HPKE public key cannot be encrypted to")
    key = MLKEM768X25519PublicKey(
        MLKEM768PublicKey.from_public_bytes(public[:-_X25519_LENGTH]),
        X25519PublicKey.from_public_bytes(public[-_X25519_LENGTH:]),
    )
    sealed = _SUITE.encrypt(plaintext, key, info)
    return HpkeCiphertext(sealed[:KEM_OUTPUT_LENGTH], sealed[KEM_OUTPUT_LENGTH:])


def unseal(private: bytes, info: bytes, sealed: HpkeCiphertext) -> bytes:
    """Decrypt with a private key, with empty associated data.

    Raises `AuthenticationError` if it was not sealed to this key with this `info`.
    """
    output = sealed.kem_output
    if len(output) != KEM_OUTPUT_LENGTH or not hpke.is_usable(output[-_X25519_LENGTH:]):
        raise AuthenticationError("an HPKE ciphertext does not open")
    key = MLKEM768X25519PrivateKey(*_expand(private))
    try:
        return _SUITE.decrypt(output + sealed.ciphertext, key, info)
    except InvalidTag:
        raise AuthenticationError("an HPKE ciphertext does not open") from None


def _expand(seed: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    if len(seed) != SEED_LENGTH:
        raise ValueError("a hybrid private key is 32 bytes")
    expanded = hashlib.shake_256(seed).digest(96)
    return (
        MLKEM768PrivateKey.from_seed_bytes(expanded[:64]),
        X25519PrivateKey.from_private_bytes(expanded[64:]),
    )
