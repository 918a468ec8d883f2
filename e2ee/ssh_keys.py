"""SSH public keys of every type a person may have, and whether a signature is theirs. Pure.

Blobs: RFC 4253 section 6.6 (RSA), RFC 5656 section 3.1 (ECDSA), RFC 8709 (Ed25519), and OpenSSH's
PROTOCOL.u2f for keys on a security key. A signature algorithm is one entry in `_CHECKS`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from e2ee.errors import AuthenticationError, MalformedError
from e2ee.ssh_wire import join_strings, positive, read_positive, split_strings, take_strings

ED25519: Final = b"ssh-ed25519"
RSA: Final = b"ssh-rsa"
RSA_SHA256: Final = b"rsa-sha2-256"
RSA_SHA512: Final = b"rsa-sha2-512"
SK_ED25519: Final = b"sk-ssh-ed25519@openssh.com"
SK_ECDSA: Final = b"sk-ecdsa-sha2-nistp256@openssh.com"
MIN_RSA_BITS: Final = 2048
MAX_RSA_BITS: Final = 4096
MAX_RSA_EXPONENT: Final = 1 << 32
"""Exclusive. Sizes and exponents beyond these only make others compute."""
MAX_APPLICATION: Final = 255
"""Longest FIDO application of a key on a security key, bytes."""
USER_PRESENT: Final = 0x01
"""The flag a security key sets when somebody touched it."""

CURVES: Final[dict[bytes, tuple[ec.EllipticCurve, hashes.HashAlgorithm]]] = {
    b"nistp256": (ec.SECP256R1(), hashes.SHA256()),
    b"nistp384": (ec.SECP384R1(), hashes.SHA384()),
    b"nistp521": (ec.SECP521R1(), hashes.SHA512()),
}
"""Curves with the hash RFC 5656 section 6.2.1 ties to each."""
ECDSA: Final = b"ecdsa-sha2-"


def check_signature(public_blob: bytes, signature: bytes, data: bytes) -> None:
    """Check an SSH signature, `string(algorithm) || ...`, over data by the key of a blob.

    Raises `MalformedError` for a key or signature that is none we take, `AuthenticationError` for
    a signature that is false or was made without anybody touching the security key.
    """
    (algorithm,), rest = take_strings(signature, 1)
    kind = key_type(public_blob)
    check = _CHECKS.get(algorithm)
    if check is None or _KEYS_OF.get(algorithm, algorithm) != kind:
        raise MalformedError("an SSH signature is of a type that is not supported")
    try:
        check(public_blob, rest, data)
    except InvalidSignature:
        raise AuthenticationError("an SSH signature does not verify") from None


def check_key(public_blob: bytes) -> None:
    """Raise `MalformedError` unless a blob is a whole public key of a type we take."""
    reader = _READERS.get(key_type(public_blob))
    if reader is None:
        raise MalformedError(
            "an SSH key is of a type that is not supported",
            hint="Ed25519, ECDSA, RSA (2048 bits or more) and security keys are",
        )
    reader(public_blob)


def key_type(public_blob: bytes) -> bytes:
    """Return the type a public key blob says it is of. Raises `MalformedError`."""
    return take_strings(public_blob, 1)[0][0]


def _ed25519_point(raw: bytes) -> Ed25519PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(raw)
    except ValueError:
        raise MalformedError("an Ed25519 key is not a point") from None


def _ecdsa_point(curve: bytes, point: bytes) -> ec.EllipticCurvePublicKey:
    if curve not in CURVES or point[:1] != b"\x04":  # uncompressed, so that a key has one blob
        raise MalformedError("an ECDSA key is on a curve or in a form that is not supported")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(CURVES[curve][0], point)
    except (ValueError, UnsupportedAlgorithm):
        raise MalformedError("an ECDSA key is not a point of its curve") from None


def _application(content: bytes) -> bytes:
    if not 0 < len(content) <= MAX_APPLICATION:
        raise MalformedError("a security key names no application")
    return hashlib.sha256(content).digest()


def _read_ed25519(public_blob: bytes) -> Ed25519PublicKey:
    return _ed25519_point(split_strings(public_blob, 2)[1])


def _read_ecdsa(public_blob: bytes) -> tuple[ec.EllipticCurvePublicKey, hashes.HashAlgorithm]:
    kind, curve, point = split_strings(public_blob, 3)
    if kind != ECDSA + curve:
        raise MalformedError("an ECDSA key is not on the curve it says")
    return _ecdsa_point(curve, point), CURVES[curve][1]


def _read_rsa(public_blob: bytes) -> RSAPublicKey:
    _, raw_exponent, raw_modulus = split_strings(public_blob, 3)
    exponent, modulus = read_positive(raw_exponent), read_positive(raw_modulus)
    if not MIN_RSA_BITS <= modulus.bit_length() <= MAX_RSA_BITS:
        raise MalformedError(f"an RSA key has not {MIN_RSA_BITS} to {MAX_RSA_BITS} bits")
    # An exponent of 1 would make everything its own signature.
    if not 3 <= exponent < MAX_RSA_EXPONENT:
        raise MalformedError("an RSA key has an exponent that is not supported")
    try:
        return RSAPublicNumbers(exponent, modulus).public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise MalformedError("an RSA key is malformed") from None


def _read_sk_ed25519(public_blob: bytes) -> tuple[Ed25519PublicKey, bytes]:
    _, raw, application = split_strings(public_blob, 3)
    return _ed25519_point(raw), _application(application)


def _read_sk_ecdsa(public_blob: bytes) -> tuple[ec.EllipticCurvePublicKey, bytes]:
    _, curve, point, application = split_strings(public_blob, 4)
    if curve != b"nistp256":
        raise MalformedError("a security key is on a curve that is not supported")
    return _ecdsa_point(curve, point), _application(application)


def _check_ed25519(public_blob: bytes, rest: bytes, data: bytes) -> None:
    _read_ed25519(public_blob).verify(_ed25519_signature(rest), data)


def _check_ecdsa(public_blob: bytes, rest: bytes, data: bytes) -> None:
    public_key, algorithm = _read_ecdsa(public_blob)
    public_key.verify(_ecdsa_signature(rest), data, ec.ECDSA(algorithm))


def _check_rsa_sha256(public_blob: bytes, rest: bytes, data: bytes) -> None:
    _read_rsa(public_blob).verify(_only(rest), data, PKCS1v15(), hashes.SHA256())


def _check_rsa_sha512(public_blob: bytes, rest: bytes, data: bytes) -> None:
    _read_rsa(public_blob).verify(_only(rest), data, PKCS1v15(), hashes.SHA512())


def _check_sk_ed25519(public_blob: bytes, rest: bytes, data: bytes) -> None:
    public_key, application = _read_sk_ed25519(public_blob)
    raw, signed = _touched(rest, application, data)
    public_key.verify(_ed25519_signature(raw), signed)


def _check_sk_ecdsa(public_blob: bytes, rest: bytes, data: bytes) -> None:
    public_key, application = _read_sk_ecdsa(public_blob)
    raw, signed = _touched(rest, application, data)
    public_key.verify(_ecdsa_signature(raw), signed, ec.ECDSA(hashes.SHA256()))


def _touched(rest: bytes, application: bytes, data: bytes) -> tuple[bytes, bytes]:
    """Split what a security key signed: the signature as a string, and the bytes it is over.

    PROTOCOL.u2f: `string(signature) || u8 flags || u32 counter`. The counter is not followed:
    every proof is over a key that was made just now. Raises `AuthenticationError`: not touched.
    """
    (raw,), tail = take_strings(rest, 1)
    if len(tail) != 5:
        raise MalformedError("a security key's signature has the wrong length")
    if not tail[0] & USER_PRESENT:
        raise AuthenticationError("a security key signed without being touched")
    return join_strings(raw), application + tail + hashlib.sha256(data).digest()


def _only(rest: bytes) -> bytes:
    return split_strings(rest, 1)[0]


def _ed25519_signature(rest: bytes) -> bytes:
    raw = _only(rest)
    if len(raw) != 64:
        raise MalformedError("an Ed25519 signature has the wrong length")
    return raw


def _ecdsa_signature(rest: bytes) -> bytes:
    """Return an ECDSA signature (RFC 5656 section 3.1.2) as DER."""
    raw = _only(rest)
    r, s = (read_positive(part) for part in split_strings(raw, 2))
    return encode_dss_signature(r, s)


def ed25519_blob(public_key: Ed25519PublicKey) -> bytes:
    """Return the public key as an SSH wire blob (RFC 8709 section 4)."""
    return join_strings(ED25519, public_key.public_bytes_raw())


def rsa_blob(public_key: RSAPublicKey) -> bytes:
    """Return the public key as an SSH wire blob (RFC 4253 section 6.6)."""
    numbers = public_key.public_numbers()
    return join_strings(RSA, positive(numbers.e), positive(numbers.n))


_KEYS_OF: Final = {RSA_SHA256: RSA, RSA_SHA512: RSA}
"""Signature algorithms that are not called like their keys. `ssh-rsa` itself, SHA-1, is none."""
_READERS: Final[dict[bytes, Callable[[bytes], object]]] = {
    ED25519: _read_ed25519,
    **{ECDSA + curve: _read_ecdsa for curve in CURVES},
    RSA: _read_rsa,
    SK_ED25519: _read_sk_ed25519,
    SK_ECDSA: _read_sk_ecdsa,
}
KEY_TYPES: Final = tuple(_READERS)
_CHECKS: Final[dict[bytes, Callable[[bytes, bytes, bytes], None]]] = {
    ED25519: _check_ed25519,
    **{ECDSA + curve: _check_ecdsa for curve in CURVES},
    RSA_SHA256: _check_rsa_sha256,
    RSA_SHA512: _check_rsa_sha512,
    SK_ED25519: _check_sk_ed25519,
    SK_ECDSA: _check_sk_ecdsa,
}
ALGORITHMS: Final = tuple(_CHECKS)
