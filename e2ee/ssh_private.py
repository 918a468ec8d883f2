"""SSH private keys a person has in a file: read OpenSSH's format, sign as SSH does. Pure."""

from __future__ import annotations

import base64
import binascii
from typing import Final, TypeAlias

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from e2ee.errors import MalformedError
from e2ee.ssh_keys import (
    CURVES,
    ECDSA,
    ED25519,
    RSA_SHA512,
    check_key,
    ed25519_blob,
    key_type,
    rsa_blob,
)
from e2ee.ssh_wire import join_strings, positive, take_strings

PrivateKey: TypeAlias = Ed25519PrivateKey | ec.EllipticCurvePrivateKey | RSAPrivateKey

MAX_ROUNDS: Final = 4096
"""Most rounds of bcrypt, some 10 ms each; ssh-keygen makes 24. Nothing interrupts them."""

_MAGIC: Final = b"openssh-key-v1\0"
_BEGIN: Final = b"-----BEGIN OPENSSH PRIVATE KEY-----"
_END: Final = b"-----END OPENSSH PRIVATE KEY-----"


def public_part(data: bytes) -> tuple[bytes, bool]:
    """Return the public blob in a private key file, and whether the rest is encrypted.

    Both can be read without the passphrase (OpenSSH's PROTOCOL.key). Raises `MalformedError`.
    """
    head, _, tail = data.partition(_BEGIN)
    try:
        content = base64.b64decode(b"".join(tail.partition(_END)[0].split()), validate=True)
    except binascii.Error:
        content = b""
    if head.strip() or not content.startswith(_MAGIC):
        raise MalformedError(
            "the file is not a private key in OpenSSH's format",
            hint="give the private key, not .pub; ssh-keygen -p -f FILE rewrites older formats",
        )
    (cipher, _, stretching), rest = take_strings(content[len(_MAGIC) :], 3)
    (public_blob,), _ = take_strings(rest[4:], 1)
    encrypted = cipher != b"none"
    if encrypted and int.from_bytes(take_strings(stretching, 1)[1], "big") > MAX_ROUNDS:
        raise MalformedError(
            "the key file takes too long to open", hint="ssh-keygen -p -a 100 -f FILE rewrites it"
        )
    return public_blob, encrypted


def load(data: bytes, passphrase: bytes | None = None) -> PrivateKey:
    """Read a private key file. Raises `MalformedError`, also for a wrong passphrase."""
    claimed, encrypted = public_part(data)
    check_key(claimed)
    try:
        key = serialization.load_ssh_private_key(data, passphrase if encrypted else None)
    except Exception:  # the parser raises many kinds; none may carry key bytes further
        key = None
    if not isinstance(key, Ed25519PrivateKey | ec.EllipticCurvePrivateKey | RSAPrivateKey):
        raise MalformedError(
            f"the key ({key_type(claimed).decode(errors='replace')[:64]!r}) cannot be read",
            hint="check the passphrase; keys on a security key work through ssh-agent",
        )
    check_key(public_blob(key))
    return key


def public_blob(key: PrivateKey) -> bytes:
    """Return the public key as an SSH wire blob."""
    match key:
        case Ed25519PrivateKey():
            return ed25519_blob(key.public_key())
        case RSAPrivateKey():
            return rsa_blob(key.public_key())
    curve = _curve(key)
    point = key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    return join_strings(ECDSA + curve, curve, point)


def sign(key: PrivateKey, data: bytes) -> bytes:
    """Return an SSH signature, `string(algorithm) || string(signature)`; RSA is with SHA-512."""
    match key:
        case Ed25519PrivateKey():
            return join_strings(ED25519, key.sign(data))
        case RSAPrivateKey():
            return join_strings(RSA_SHA512, key.sign(data, PKCS1v15(), hashes.SHA512()))
    curve = _curve(key)
    r, s = decode_dss_signature(key.sign(data, ec.ECDSA(CURVES[curve][1])))
    return join_strings(ECDSA + curve, join_strings(positive(r), positive(s)))


def _curve(key: ec.EllipticCurvePrivateKey) -> bytes:
    return b"nistp%d" % key.curve.key_size
