"""SSH signatures over messages, as `ssh-keygen -Y sign` makes and `-Y verify` checks them.

Format: OpenSSH's PROTOCOL.sshsig. What a key's own signature looks like is in `ssh_keys`.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Final

from e2ee.errors import AuthenticationError, MalformedError
from e2ee.ssh_keys import check_signature
from e2ee.ssh_wire import join_strings, split_strings

__all__ = ["armor", "fingerprint", "join_strings", "sign", "split_strings", "verify"]

MAGIC: Final = b"SSHSIG"
VERSION: Final = (1).to_bytes(4, "big")
HASHES: Final = (b"sha256", b"sha512")
"""The only hash algorithms PROTOCOL.sshsig section 2 allows."""

_ARMOR_BEGIN: Final = "-----BEGIN SSH SIGNATURE-----"
_ARMOR_END: Final = "-----END SSH SIGNATURE-----"
_ARMOR_WIDTH: Final = 70

Signer = Callable[[bytes], bytes]
"""Returns an SSH signature, `string(algorithm) || ...`, over what it is given."""


def fingerprint(public_blob: bytes) -> str:
    """Return a key's fingerprint as OpenSSH prints it: `SHA256:` and base64 without padding."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(public_blob).digest()).decode().rstrip("=")


def sign(public_blob: bytes, signer: Signer, message: bytes, namespace: bytes) -> bytes:
    """Return the binary SSHSIG blob over a message. Raises what the signer raises."""
    algorithm = b"sha512"
    signature = signer(_signed_data(message, namespace, b"", algorithm))
    return MAGIC + VERSION + join_strings(public_blob, namespace, b"", algorithm, signature)


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
    check_signature(public_blob, signature, _signed_data(message, namespace, reserved, algorithm))


def armor(blob: bytes) -> str:
    """Return a signature as the text file `ssh-keygen -Y verify -s` reads."""
    text = base64.b64encode(blob).decode()
    lines = [text[i : i + _ARMOR_WIDTH] for i in range(0, len(text), _ARMOR_WIDTH)]
    return "\n".join([_ARMOR_BEGIN, *lines, _ARMOR_END, ""])


def _signed_data(message: bytes, namespace: bytes, reserved: bytes, algorithm: bytes) -> bytes:
    digest = hashlib.new(algorithm.decode(), message).digest()
    return MAGIC + join_strings(namespace, reserved, algorithm, digest)
