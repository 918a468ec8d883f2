"""Who a device is: a long-lived key, and the credential that ties it to one room's MLS key.

A credential is three SSH strings: name, public key blob, SSHSIG. The signature covers the name,
the room id and the fresh MLS signature key, so it proves nothing in any other room.
"""

from __future__ import annotations

import unicodedata
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from e2ee import ssh_private, sshsig
from e2ee.errors import MalformedError
from e2ee.mls.signing_key import SigningKey
from e2ee.ssh_private import PrivateKey

NAMESPACE: Final = b"sottovoce"
"""SSHSIG namespace: a signature made for anything else never counts here."""
MAX_NAME: Final = 64
"""Longest name, UTF-8 bytes."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A verified credential. `fingerprint` is the identity key's, `SHA256:...`."""

    name: str
    public_blob: bytes
    fingerprint: str


class Identity(ABC):
    """A long-lived key that somebody is known by, wherever its private part is."""

    __slots__ = ()

    @property
    @abstractmethod
    def public_blob(self) -> bytes:
        """The public key as an SSH wire blob."""

    @abstractmethod
    def sign(self, data: bytes) -> bytes:
        """Return an SSH signature, `string(algorithm) || ...`; may wait for a person.

        Raises a `SottovoceError` if whoever holds the key does not sign.
        """

    @property
    def fingerprint(self) -> str:
        """The public key's fingerprint, as `ssh-keygen -l` prints it."""
        return sshsig.fingerprint(self.public_blob)

    def prove(self, signature_key: bytes, room_id: bytes, name: str) -> bytes:
        """Return the credential bytes for one room.

        Raises `MalformedError` for a bad name, and what `sign` raises.
        """
        _check_name(name)
        message = proof_message(signature_key=signature_key, room_id=room_id, name=name)
        signature = sshsig.sign(self.public_blob, self.sign, message, NAMESPACE)
        return sshsig.join_strings(name.encode(), self.public_blob, signature)

    def proven_key(self, room_id: bytes, name: str) -> tuple[SigningKey, bytes]:
        """Return a fresh MLS key and its credential for a room. Raises what `prove` raises."""
        signing_key = SigningKey.generate()
        return signing_key, self.prove(signing_key.public, room_id, name)


@dataclass(frozen=True, slots=True)
class DeviceIdentity(Identity):
    """A key held by this process: this device's own, or one out of a person's SSH key file.

    Its private part leaves only through `to_openssh`.
    """

    private_key: PrivateKey = field(repr=False)

    @classmethod
    def generate(cls) -> DeviceIdentity:
        """Make a new identity, an Ed25519 key."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_openssh(cls, data: bytes, passphrase: bytes | None = None) -> DeviceIdentity:
        """Read an OpenSSH private key file; a wrong passphrase raises `MalformedError`, too."""
        return cls(ssh_private.load(data, passphrase))

    def to_openssh(self) -> bytes:
        """Return the OpenSSH private key file; keep it readable by its owner only."""
        return self.private_key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.OpenSSH,
            serialization.NoEncryption(),
        )

    @property
    def public_blob(self) -> bytes:
        """The public key as an SSH wire blob."""
        return ssh_private.public_blob(self.private_key)

    def sign(self, data: bytes) -> bytes:
        """Return an SSH signature."""
        return ssh_private.sign(self.private_key, data)


def read_credential(identity: bytes, *, signature_key: bytes, room_id: bytes) -> Credential:
    """Verify a credential against the MLS key that presents it and the room it is shown in.

    Raises `MalformedError` or `AuthenticationError`.
    """
    raw_name, public_blob, signature = sshsig.split_strings(identity, 3)
    try:
        name = raw_name.decode()
    except UnicodeDecodeError:
        raise MalformedError("a name is not text") from None
    _check_name(name)
    message = proof_message(signature_key=signature_key, room_id=room_id, name=name)
    sshsig.verify(signature, message, NAMESPACE, public_blob)
    return Credential(name, public_blob, sshsig.fingerprint(public_blob))


def proof_message(*, signature_key: bytes, room_id: bytes, name: str) -> bytes:
    """Return the exact bytes a credential's SSHSIG is over."""
    return sshsig.join_strings(b"sottovoce credential", room_id, signature_key, name.encode())


def tidy_name(text: str) -> str:
    """Return the nearest valid name to what a person typed; empty if nothing is left of it."""
    visible = "".join(c if c.isprintable() else " " for c in unicodedata.normalize("NFC", text))
    tidied = " ".join(visible.split())
    return tidied.encode()[:MAX_NAME].decode(errors="ignore").strip()


def _check_name(name: str) -> None:
    # One spelling for each name, all of it visible: no escape sequence, no bidirectional
    # override and no invisible character can make a name look like another person's.
    if not name or tidy_name(name) != name:
        raise MalformedError(
            "a name has invisible or too many characters", hint="use a short, plain name"
        )
