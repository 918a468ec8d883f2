"""HPKE in base mode with DHKEM(X25519), HKDF-SHA256 and AES-128-GCM (RFC 9180).

Sealing and opening are `cryptography`'s; DeriveKeyPair, which it lacks, is here.
"""

from __future__ import annotations

import hmac
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from e2ee.errors import AuthenticationError, MalformedError
from e2ee.mls.codec import Reader, opaque
from e2ee.mls.constants import PUBLIC_KEY_LENGTH

_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
_KEM_SUITE_ID: Final = b"KEM\x00\x20"
_FIELD_PRIME: Final = (1 << 255) - 19
_LOW_ORDER: Final = frozenset(
    {
        0,
        1,
        325606250916557431795983626356110631294008115727848805560023387167927233504,
        39382357235489614581723060781553021112529911719440698176882885853963445705823,
        _FIELD_PRIME - 1,
        _FIELD_PRIME,
        _FIELD_PRIME + 1,
    }
)
"""u-coordinates, and their encodings above the prime, of the points of order 1, 2, 4 and 8."""


class KeyPair(NamedTuple):
    """An X25519 key pair, raw bytes."""

    private: bytes
    public: bytes

    def __repr__(self) -> str:
        return f"KeyPair(public={self.public.hex()})"


class HpkeCiphertext(NamedTuple):
    """RFC 9420 section 7.6."""

    kem_output: bytes
    ciphertext: bytes

    def encode(self) -> bytes:
        """Return the encoding."""
        return opaque(self.kem_output) + opaque(self.ciphertext)

    @classmethod
    def read(cls, reader: Reader) -> HpkeCiphertext:
        """Take one off `reader`."""
        return cls(reader.opaque(), reader.opaque())


def generate_key_pair() -> KeyPair:
    """Return a fresh key pair."""
    return _pair(X25519PrivateKey.generate())


def key_pair_of(private: bytes) -> KeyPair:
    """Return the pair of a private key. Raises `ValueError` unless it is 32 bytes."""
    return _pair(X25519PrivateKey.from_private_bytes(private))


def derive_key_pair(ikm: bytes) -> KeyPair:
    """Return the key pair of a secret (DeriveKeyPair, RFC 9180 section 7.1.3)."""
    prefix = b"HPKE-v1" + _KEM_SUITE_ID
    secret = hmac.digest(b"", prefix + b"dkp_prk" + ikm, "sha256")
    info = (32).to_bytes(2, "big") + prefix + b"sk"
    return key_pair_of(HKDFExpand(SHA256(), 32, info).derive(secret))


def is_usable(public: bytes) -> bool:
    """Whether a public key can be encrypted to.

    A key of low order makes X25519 fail: a member who has one in the tree would stop everybody
    from committing, so such a key is refused on entry (RFC 7748 section 6.1).
    """
    if len(public) != PUBLIC_KEY_LENGTH:
        return False
    return int.from_bytes(public, "little") & ((1 << 255) - 1) not in _LOW_ORDER


def seal(public: bytes, info: bytes, plaintext: bytes) -> HpkeCiphertext:
    """Encrypt to a public key (SealBase, RFC 9180 section 6.1) with empty associated data.

    Raises `MalformedError` for a key that is none.
    """
    if not is_usable(public):
        raise MalformedError("an HPKE public key cannot be encrypted to")
    sealed = _SUITE.encrypt(plaintext, X25519PublicKey.from_public_bytes(public), info)
    return HpkeCiphertext(sealed[:PUBLIC_KEY_LENGTH], sealed[PUBLIC_KEY_LENGTH:])


def unseal(private: bytes, info: bytes, sealed: HpkeCiphertext) -> bytes:
    """Decrypt with a private key (OpenBase, RFC 9180 section 6.1) with empty associated data.

    Raises `AuthenticationError` if it was not sealed to this key with this `info`.
    """
    if not is_usable(sealed.kem_output):
        raise AuthenticationError("an HPKE ciphertext does not open")
    key = X25519PrivateKey.from_private_bytes(private)
    try:
        return _SUITE.decrypt(sealed.kem_output + sealed.ciphertext, key, info)
    except InvalidTag:
        raise AuthenticationError("an HPKE ciphertext does not open") from None


def _pair(key: X25519PrivateKey) -> KeyPair:
    return KeyPair(key.private_bytes_raw(), key.public_key().public_bytes_raw())
