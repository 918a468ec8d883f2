"""The labelled cryptography of MLS (RFC 9420 sections 5.1, 5.2 and 8).

Labels keep one key from being used for two purposes; nothing outside this module and the two of
HPKE touches a primitive. Hash, AEAD and signature are those of every suite we have.
"""

from __future__ import annotations

import hashlib
import hmac

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from e2ee.errors import AuthenticationError
from e2ee.mls.cipher_suite import CLASSIC, CipherSuite
from e2ee.mls.codec import opaque, u16, u32
from e2ee.mls.constants import HASH_LENGTH
from e2ee.mls.hpke import HpkeCiphertext
from e2ee.mls.signing_key import SigningKey

_PREFIX = b"MLS 1.0 "


def digest(data: bytes) -> bytes:
    """Hash of the suites: SHA-256."""
    return hashlib.sha256(data).digest()


def mac(key: bytes, data: bytes) -> bytes:
    """MAC of the suites: HMAC-SHA256."""
    return hmac.digest(key, data, "sha256")


def check_mac(key: bytes, data: bytes, tag: bytes, what: str) -> None:
    """Compare in constant time. Raises `AuthenticationError` that names `what`."""
    if not hmac.compare_digest(mac(key, data), tag):
        raise AuthenticationError(f"{what} does not verify")


def extract(salt: bytes, ikm: bytes) -> bytes:
    """KDF.Extract (RFC 5869 section 2.2)."""
    return hmac.digest(salt, ikm, "sha256")


def expand_with_label(secret: bytes, label: str, context: bytes, length: int) -> bytes:
    """ExpandWithLabel (RFC 9420 section 8)."""
    info = u16(length) + opaque(_PREFIX + label.encode()) + opaque(context)
    return HKDFExpand(SHA256(), length, info).derive(secret)


def derive_secret(secret: bytes, label: str) -> bytes:
    """DeriveSecret (RFC 9420 section 8)."""
    return expand_with_label(secret, label, b"", HASH_LENGTH)


def derive_tree_secret(secret: bytes, label: str, generation: int, length: int) -> bytes:
    """DeriveTreeSecret (RFC 9420 section 9)."""
    return expand_with_label(secret, label, u32(generation), length)


def ref_hash(label: str, value: bytes) -> bytes:
    """RefHash (RFC 9420 section 5.2); `label` is used whole, as the RFC writes it."""
    return digest(opaque(label.encode()) + opaque(value))


def sign_with_label(key: SigningKey, label: str, content: bytes) -> bytes:
    """SignWithLabel (RFC 9420 section 5.1.2)."""
    return key.sign(opaque(_PREFIX + label.encode()) + opaque(content))


def verify_with_label(
    public: bytes, label: str, content: bytes, signature: bytes, what: str
) -> None:
    """VerifyWithLabel (RFC 9420 section 5.1.2). Raises `AuthenticationError` that names `what`."""
    message = opaque(_PREFIX + label.encode()) + opaque(content)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise AuthenticationError(f"the signature of {what} does not verify") from None


def encrypt_with_label(
    public: bytes,
    label: str,
    context: bytes,
    plaintext: bytes,
    suite: CipherSuite = CLASSIC,
) -> HpkeCiphertext:
    """EncryptWithLabel (RFC 9420 section 5.1.3). Raises `MalformedError` for an unusable key."""
    return suite.seal(public, opaque(_PREFIX + label.encode()) + opaque(context), plaintext)


def decrypt_with_label(
    private: bytes,
    label: str,
    context: bytes,
    sealed: HpkeCiphertext,
    suite: CipherSuite = CLASSIC,
) -> bytes:
    """DecryptWithLabel (RFC 9420 section 5.1.3). Raises `AuthenticationError`."""
    return suite.unseal(private, opaque(_PREFIX + label.encode()) + opaque(context), sealed)


def aead_seal(key: bytes, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """AEAD of the suites, AES-128-GCM; returns ciphertext and tag."""
    return AESGCM(key).encrypt(nonce, plaintext, aad)


def aead_open(key: bytes, nonce: bytes, ciphertext: bytes, aad: bytes, what: str) -> bytes:
    """Open what `aead_seal` made. Raises `AuthenticationError` that names `what`."""
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, aad)
    except InvalidTag:
        raise AuthenticationError(f"{what} does not decrypt") from None
