"""SFrame: encryption of whole media frames (RFC 9605), every registered cipher suite.

Pure functions over a derived key. The caller owns what the RFC leaves to it: a (key, counter)
pair is used for one frame only, and replays are refused (`e2ee.media_keys`).
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from e2ee.errors import AuthenticationError, MalformedError

DEFAULT_SUITE: Final = 4
NONCE_LENGTH: Final = 12
"""Nn of every registered suite, bytes (RFC 9605 section 4.5)."""
MAX_VALUE: Final = (1 << 64) - 1
"""Largest key id and largest counter (RFC 9605 section 4.3)."""


class Suite(NamedTuple):
    """Parameters of a cipher suite (RFC 9605 section 4.5, table 2); lengths in bytes."""

    hash: type[hashes.SHA256] | type[hashes.SHA512]
    key_length: int
    cipher_key_length: int
    tag_length: int
    counter_mode: bool


SUITES: Final[dict[int, Suite]] = {
    1: Suite(hashes.SHA256, 48, 16, 10, counter_mode=True),
    2: Suite(hashes.SHA256, 48, 16, 8, counter_mode=True),
    3: Suite(hashes.SHA256, 48, 16, 4, counter_mode=True),
    4: Suite(hashes.SHA256, 16, 16, 16, counter_mode=False),
    5: Suite(hashes.SHA512, 32, 32, 16, counter_mode=False),
    # Registered after the RFC (draft-barnes-sframe-iana-256).
    6: Suite(hashes.SHA512, 96, 32, 10, counter_mode=True),
    7: Suite(hashes.SHA512, 96, 32, 8, counter_mode=True),
    8: Suite(hashes.SHA512, 96, 32, 4, counter_mode=True),
}


class Aead(Protocol):
    """What a suite encrypts with; raises `InvalidTag` from `decrypt`."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes: ...
    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes: ...


class CtrHmac:
    """AES-CTR with a truncated HMAC as one AEAD (RFC 9605 section 4.5.1)."""

    __slots__ = ("_auth_key", "_cipher", "_digest", "_tag_length")

    def __init__(self, key: bytes, suite: Suite) -> None:
        self._cipher = algorithms.AES(key[: suite.cipher_key_length])
        self._auth_key = key[suite.cipher_key_length :]
        self._digest = suite.hash.name
        self._tag_length = suite.tag_length

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        """Return ciphertext and tag."""
        ciphertext = self._apply_keystream(nonce, data)
        return ciphertext + self._tag(nonce, associated_data, ciphertext)

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        """Return the plaintext. Raises `InvalidTag` before anything is decrypted."""
        split = len(data) - self._tag_length
        if split < 0:
            raise InvalidTag
        ciphertext, tag = data[:split], data[split:]
        if not hmac.compare_digest(tag, self._tag(nonce, associated_data, ciphertext)):
            raise InvalidTag
        return self._apply_keystream(nonce, ciphertext)

    def _apply_keystream(self, nonce: bytes, data: bytes) -> bytes:
        encryptor = Cipher(self._cipher, modes.CTR(nonce + bytes(4))).encryptor()
        return encryptor.update(data) + encryptor.finalize()

    def _tag(self, nonce: bytes, associated_data: bytes, ciphertext: bytes) -> bytes:
        lengths = (len(associated_data), len(ciphertext), self._tag_length)
        prefix = b"".join(length.to_bytes(8, "big") for length in lengths)
        message = prefix + nonce + associated_data + ciphertext
        return hmac.digest(self._auth_key, message, self._digest)[: self._tag_length]


@dataclass(frozen=True, slots=True)
class SFrameKey:
    """A derived key with its AEAD object ready, because setting one up costs more than a frame."""

    kid: int
    suite: int
    aead: Aead = field(repr=False)
    salt: int = field(repr=False)


class Header(NamedTuple):
    """A decoded SFrame header; `length` is its size in bytes."""

    kid: int
    ctr: int
    length: int


def derive_key(base_key: bytes | bytearray, kid: int, suite: int = DEFAULT_SUITE) -> SFrameKey:
    """Derive the frame key and salt of a key id (RFC 9605 section 4.4.2).

    Raises `ValueError` for a suite that is not registered or a key id over 64 bits.
    """
    if suite not in SUITES:
        raise ValueError(f"SFrame suite {suite} is not registered")
    parameters = SUITES[suite]
    secret = hmac.digest(b"", base_key, parameters.hash.name)
    context = kid.to_bytes(8, "big") + suite.to_bytes(2, "big")
    key, salt = (
        HKDFExpand(parameters.hash(), length, label + context).derive(secret)
        for label, length in (
            (b"SFrame 1.0 Secret key ", parameters.key_length),
            (b"SFrame 1.0 Secret salt ", NONCE_LENGTH),
        )
    )
    aead: Aead = CtrHmac(key, parameters) if parameters.counter_mode else AESGCM(key)
    return SFrameKey(kid, suite, aead, int.from_bytes(salt, "big"))


def encode_header(kid: int, ctr: int) -> bytes:
    """Encode a header in its shortest form (RFC 9605 section 4.3).

    Raises `ValueError` when a value does not fit 64 bits.
    """
    if not (0 <= kid <= MAX_VALUE and 0 <= ctr <= MAX_VALUE):
        raise ValueError("an SFrame key id or counter does not fit 64 bits")
    config, kid_bytes, ctr_bytes = 0, b"", b""
    if kid < 8:
        config = kid << 4
    else:
        length = (kid.bit_length() + 7) >> 3
        config = 0x80 | (length - 1) << 4
        kid_bytes = kid.to_bytes(length, "big")
    if ctr < 8:
        config |= ctr
    else:
        length = (ctr.bit_length() + 7) >> 3
        config |= 0x08 | length - 1
        ctr_bytes = ctr.to_bytes(length, "big")
    return bytes((config,)) + kid_bytes + ctr_bytes


def parse_header(data: bytes) -> Header:
    """Read the header at the start of `data` (RFC 9605 section 4.3).

    Raises `MalformedError` when it is cut short.
    """
    if not data:
        raise MalformedError("an SFrame header is cut short")
    config = data[0]
    kid, ctr = config >> 4 & 7, config & 7
    kid_end = 1
    if config & 0x80:
        kid_end += kid + 1
        kid = int.from_bytes(data[1:kid_end], "big")
    end = kid_end
    if config & 0x08:
        end += ctr + 1
        ctr = int.from_bytes(data[kid_end:end], "big")
    if len(data) < end:
        raise MalformedError("an SFrame header is cut short")
    return Header(kid, ctr, end)


def encrypt(key: SFrameKey, ctr: int, plaintext: bytes, metadata: bytes = b"") -> bytes:
    """Return header, ciphertext and tag (RFC 9605 section 4.4.3); `metadata` is only authenticated.

    Never call it twice with one (key, ctr). Raises `ValueError` if `ctr` does not fit 64 bits.
    """
    header = encode_header(key.kid, ctr)
    nonce = (key.salt ^ ctr).to_bytes(NONCE_LENGTH, "big")
    return header + key.aead.encrypt(nonce, plaintext, header + metadata)


def decrypt(
    key: SFrameKey, data: bytes, metadata: bytes = b"", *, header: Header | None = None
) -> bytes:
    """Return the plaintext (RFC 9605 section 4.4.4); pass `header` if it is parsed already.

    Raises `MalformedError` for a header cut short, `AuthenticationError` if data, header or
    metadata were changed or the key is another one.
    """
    kid, ctr, length = header or parse_header(data)
    if kid != key.kid:
        raise AuthenticationError("an encrypted frame names another key")
    nonce = (key.salt ^ ctr).to_bytes(NONCE_LENGTH, "big")
    try:
        return key.aead.decrypt(nonce, data[length:], data[:length] + metadata)
    except InvalidTag:
        raise AuthenticationError("an encrypted frame does not verify") from None
