"""SPAKE2 (RFC 9382) over P-256 with SHA-256, HKDF and HMAC: a strong key out of a weak password.

A side that guesses the password learns whether it was right, once for each exchange. Whoever
passes the messages on, and may change them, learns nothing to check guesses against.

Every multiplication by a secret is done by OpenSSL. What is left to Python are additions of
points and one square root. Python computes nothing in constant time, so how long those take may
tell a little of them to whoever measures this process closely; each exchange has fresh scalars,
so there is one measurement of each, across a network and a scrypt. Pure.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, NamedTuple

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from e2ee.errors import AuthenticationError, KeysError, MalformedError

PRIME: Final = 2**256 - 2**224 + 2**192 + 2**96 - 1
ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_B: Final = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
SHARE_LENGTH: Final = 65
"""Bytes of a message: an uncompressed point (SEC 1 section 2.3.3)."""
CONFIRMATION_LENGTH: Final = 32
KEY_LENGTH: Final = 16
_CURVE: Final = ec.SECP256R1()


class Side(Enum):
    """Who is who; the two hide their shares with different points."""

    A = "A"
    B = "B"


class Point(NamedTuple):
    """A point of P-256 other than the identity, in affine coordinates."""

    x: int
    y: int


# RFC 9382 section 4: points nobody knows the discrete logarithm of.
M: Final = bytes.fromhex("02886e2f97ace46e55ba9dd7242579f2993b64e16ef3dcab95afd497333d8fa12f")
N: Final = bytes.fromhex("03d8bbd6c639c62937b04d997f38c3770719c629d7014d49a24b4f98baa1292b49")


@dataclass(frozen=True, slots=True)
class Agreed:
    """What one side holds in the end. `key` is to be used only after `check` passed.

    key: 16 bytes (Ke of RFC 9382). confirmation: 32 bytes to be sent to the other side.
    """

    key: bytes = field(repr=False)
    confirmation: bytes = field(repr=False)
    _expected: bytes = field(repr=False)

    def check(self, confirmation: bytes) -> None:
        """Compare the other side's confirmation. Raises `AuthenticationError`."""
        if not hmac.compare_digest(confirmation, self._expected):
            raise AuthenticationError("the other side has another passcode")


class Exchange:
    """One side of one exchange; `finish` works once, so no share is ever used twice.

    w: the stretched password, 1 to the order of P-256 less one. a and b: the identities of the
    sides; both have to name the same. context: what the confirmations bind besides (the RFC's
    AAD). `secret` is random; only tests give it.
    """

    def __init__(
        self, side: Side, w: int, a: bytes, b: bytes, *, context: bytes = b"", secret: int = 0
    ) -> None:
        if not 0 < w < ORDER:
            raise KeysError("a passcode does not give a number of this curve")
        self._side, self._w = side, w
        self._identities = a, b
        self._context = context
        self._secret: int | None = secret or 1 + secrets.randbelow(ORDER - 1)
        own, others = (M, N) if side is Side.A else (N, M)
        share = _add(_base(self._secret), _times(w, _decode(own)))
        if share is None:  # as likely as guessing a key
            raise KeysError("an exchange has to be begun again")
        self._others = _decode(others)
        self.share = _encode(share)
        """What the other side needs, 65 bytes."""

    def __repr__(self) -> str:
        return f"Exchange({self._side})"

    def finish(self, share: bytes) -> Agreed:
        """Take the other side's share. Raises `MalformedError` if it is no point that one sends."""
        secret, self._secret = self._secret, None
        if secret is None:
            raise KeysError("an exchange is finished only once")
        if len(share) != SHARE_LENGTH:
            raise MalformedError("a passcode message has the wrong size")
        hidden = _times(self._w, self._others)
        point = _add(_decode(share), Point(hidden.x, PRIME - hidden.y))
        if point is None:  # the key would be the same whatever our secret is (RFC 9382 section 6)
            raise MalformedError("a passcode message is not one that anybody makes")
        shared = _encode(_times(secret, point))
        pair = (self.share, share) if self._side is Side.A else (share, self.share)
        parts = (*self._identities, *pair, shared, self._w.to_bytes(32, "big"))
        return self._agree(b"".join(len(part).to_bytes(8, "little") + part for part in parts))

    def _agree(self, transcript: bytes) -> Agreed:
        """Derive key and confirmations (RFC 9382 section 4) from the transcript TT."""
        digest = hashlib.sha256(transcript).digest()
        key, seed = digest[:KEY_LENGTH], digest[KEY_LENGTH:]
        info = b"ConfirmationKeys" + self._context
        keys = HKDF(hashes.SHA256(), 2 * KEY_LENGTH, salt=None, info=info).derive(seed)
        a = hmac.digest(keys[:KEY_LENGTH], transcript, "sha256")
        b = hmac.digest(keys[KEY_LENGTH:], transcript, "sha256")
        return Agreed(key, a, b) if self._side is Side.A else Agreed(key, b, a)


def _decode(data: bytes) -> Point:
    """Decode a point. Raises `MalformedError` if it is not on the curve, or the identity."""
    try:
        numbers = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, data).public_numbers()
    except ValueError as error:
        raise MalformedError("a passcode message is no point of its curve") from error
    return Point(numbers.x, numbers.y)


def _encode(point: Point) -> bytes:
    return b"\x04" + point.x.to_bytes(32, "big") + point.y.to_bytes(32, "big")


def _base(scalar: int) -> Point:
    public = ec.derive_private_key(scalar, _CURVE).public_key()
    return _decode(public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def _times(scalar: int, point: Point) -> Point:
    """Multiply a point by 1 to the order less one.

    OpenSSL gives the first coordinate only, by Diffie-Hellman. Of the two points that have it, the
    one is right that leads to the next multiple.
    """
    if scalar == ORDER - 1:
        return Point(point.x, PRIME - point.y)
    x = _diffie_hellman(scalar, point)
    # Euler's criterion: the prime is 3 modulo 4.
    y = pow(x**3 - 3 * x + _B, (PRIME + 1) // 4, PRIME)
    following = _add(Point(x, y), point)
    right = following is not None and following.x == _diffie_hellman(scalar + 1, point)
    return Point(x, y if right else PRIME - y)


def _diffie_hellman(scalar: int, point: Point) -> int:
    public = ec.EllipticCurvePublicNumbers(point.x, point.y, _CURVE).public_key()
    return int.from_bytes(ec.derive_private_key(scalar, _CURVE).exchange(ec.ECDH(), public), "big")


def _add(one: Point, other: Point) -> Point | None:
    """Add two points by the formulas of SEC 1 section 2.2.1; None is the identity."""
    if one.x == other.x:
        if one.y != other.y:
            return None
        slope = 3 * (one.x * one.x - 1) * pow(2 * one.y, -1, PRIME)
    else:
        slope = (other.y - one.y) * pow(other.x - one.x, -1, PRIME)
    x = (slope * slope - one.x - other.x) % PRIME
    return Point(x, (slope * (one.x - x) - one.y) % PRIME)
