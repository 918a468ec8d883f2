"""SSH signatures over messages, as `ssh-keygen -Y sign` makes and `-Y verify` checks them.

Formats: OpenSSH PROTOCOL.sshsig; strings and keys as in RFC 4251 section 5 and RFC 8709.
A key type is one entry in `_VERIFIERS`: another one is added there and nowhere else.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from e2ee.errors import AuthenticationError, MalformedError

ED25519: Final = b"ssh-ed25519"
MAGIC: Final = b"SSHSIG"
VERSION: Final = (1).to_bytes(4, "big")
HASHES: Final = (b"sha256", b"sha512")
"""The only hash algorithms PROTOCOL.sshsig section 2 allows."""
MAX_STRING: Final = 4096

_ARMOR_BEGIN: Final = "-----BEGIN SSH SIGNATURE-----"
_ARMOR_END: Final = "-----END SSH SIGNATURE-----"
_ARMOR_WIDTH: Final = 70


def join_strings(*parts: bytes) -> bytes:
    """Return the parts as SSH strings: each behind its length in 4 bytes (RFC 4251 section 5)."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def split_strings(data: bytes, count: int) -> list[bytes]:
    """Read exactly `count` SSH strings and nothing after them. Raises `MalformedError`."""
    parts: list[bytes] = []
    position = 0
    for _ in range(count):
        length = int.from_bytes(data[position : position + 4], "big")
        start, position = position + 4, position + 4 + length
        if length > MAX_STRING or position > len(data):
            raise MalformedError("an SSH key or signature is cut short")
        parts.append(data[start:position])
    if position != len(data):
        raise MalformedError("an SSH key or signature has bytes left over")
    return parts


def ed25519_blob(public_key: Ed25519PublicKey) -> bytes:
    """Return the public key as an SSH wire blob (RFC 8709 section 4)."""
    return join_strings(ED25519, public_key.public_bytes_raw())


def fingerprint(public_blob: bytes) -> str:
    """Return a key's fingerprint as OpenSSH prints it: `SHA256:` and base64 without padding."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(public_blob).digest()).decode().rstrip("=")


def sign(private_key: Ed25519PrivateKey, message: bytes, namespace: bytes) -> bytes:
    """Return the binary SSHSIG blob over a message."""
    algorithm = b"sha512"
    signature = private_key.sign(_signed_data(message, namespace, b"", algorithm))
    return (
        MAGIC
        + VERSION
        + join_strings(
            ed25519_blob(private_key.public_key()),
            namespace,
            b"",
            algorithm,
            join_strings(ED25519, signature),
        )
    )


def verify(blob: bytes, message: bytes, namespace: bytes, public_blob: bytes) -> None:
    """Check that `blob` is a signature over the message in this namespace, by this key.

    Raises `MalformedError` when it is no SSHSIG we know, `AuthenticationError` when it is false.
    """
    if not blob.startswith(MAGIC + VERSION):
        raise MalformedError("an SSH signature has an unknown version")
    key, said_namespace, reserved, algorithm, signature = split_strings(blob[10:], 5)
    if key != public_blob or said_namespace != namespace:
        raise AuthenticationError("an SSH signature is of another key or for another purpose")
    if algorithm not in HASHES:
        raise MalformedError("an SSH signature uses an unknown hash")
    signature_type, raw = split_strings(signature, 2)
    check = _VERIFIERS.get(signature_type)
    if check is None:
        raise MalformedError("an SSH signature is of a key type that is not supported")
    try:
        check(public_blob, raw, _signed_data(message, namespace, reserved, algorithm))
    except InvalidSignature:
        raise AuthenticationError("an SSH signature does not verify") from None


def armor(blob: bytes) -> str:
    """Return a signature as the text file `ssh-keygen -Y verify -s` reads."""
    text = base64.b64encode(blob).decode()
    lines = [text[i : i + _ARMOR_WIDTH] for i in range(0, len(text), _ARMOR_WIDTH)]
    return "\n".join([_ARMOR_BEGIN, *lines, _ARMOR_END, ""])


def _signed_data(message: bytes, namespace: bytes, reserved: bytes, algorithm: bytes) -> bytes:
    digest = hashlib.new(algorithm.decode(), message).digest()
    return MAGIC + join_strings(namespace, reserved, algorithm, digest)


def _verify_ed25519(public_blob: bytes, signature: bytes, data: bytes) -> None:
    key_type, raw = split_strings(public_blob, 2)
    if key_type != ED25519 or len(raw) != 32 or len(signature) != 64:
        raise MalformedError("an Ed25519 key or signature has the wrong length or type")
    try:
        public_key = Ed25519PublicKey.from_public_bytes(raw)
    except ValueError:
        raise MalformedError("an Ed25519 key is not a point") from None
    public_key.verify(signature, data)


_VERIFIERS: Final[dict[bytes, Callable[[bytes, bytes, bytes], None]]] = {ED25519: _verify_ed25519}
