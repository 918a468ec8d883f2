"""The proof that the host a link names made somebody a cohost. Pure.

A joiner knows only the hash in the link. The chain from there: the hash names the host's identity
key, that key signed the host's credential over its MLS signature key and the room id, and the MLS
signature key signed the cohost's identity blob. The proof holds all of it:

    string(host credential) || string(host MLS signature key) || string(signature)
"""

from __future__ import annotations

import hmac

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from e2ee.errors import AuthenticationError, MalformedError
from e2ee.identity import read_credential
from e2ee.link import host_hash
from e2ee.mls.signing_key import SigningKey
from e2ee.sshsig import join_strings, split_strings

LABEL = b"sottovoce cohost"
"""No MLS signature is over bytes that begin so: those begin with a length (RFC 9420 5.1.2)."""


def appoint(credential: bytes, signing_key: SigningKey, *, room_id: bytes, cohost: bytes) -> bytes:
    """Return the proof for a cohost's identity blob, by the host's credential and MLS key."""
    signature = signing_key.sign(appointment_message(room_id=room_id, cohost=cohost))
    return join_strings(credential, signing_key.public, signature)


def check_appointment(proof: bytes, *, room_id: bytes, cohost: bytes, expected_host: bytes) -> None:
    """Check a proof against the hash of the host in the link, 16 bytes.

    Raises `MalformedError`, or `AuthenticationError` if it is of another room, host or cohost.
    """
    credential, signature_key, signature = split_strings(proof, 3)
    host = read_credential(credential, signature_key=signature_key, room_id=room_id)
    if not hmac.compare_digest(host_hash(host.public_blob), expected_host):
        raise AuthenticationError("an appointment is not by the host of the link")
    message = appointment_message(room_id=room_id, cohost=cohost)
    try:
        Ed25519PublicKey.from_public_bytes(signature_key).verify(signature, message)
    except ValueError:
        raise MalformedError("an appointment has a key that is none") from None
    except InvalidSignature:
        raise AuthenticationError("an appointment does not verify") from None


def appointment_message(*, room_id: bytes, cohost: bytes) -> bytes:
    """Return the exact bytes an appointment's signature is over."""
    return LABEL + join_strings(room_id, cohost)
