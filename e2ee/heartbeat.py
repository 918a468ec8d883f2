"""Heartbeats: a member's signed word about the epoch it is in, encrypted for holders of the link.

Members compare them: a group that its server has parted notices it. They are no MLS messages, since
those of another epoch, or of another branch of the group, do not open. Wire: 12 random bytes of
nonce, then AES-128-GCM over

    u32 leaf || u64 epoch || epoch hash, 32 bytes || u64 sent || signature, 64 bytes
"""

from __future__ import annotations

import hashlib
import os
import struct
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from e2ee.errors import AuthenticationError, MalformedError
from e2ee.mls.group import Group, Member
from e2ee.sshsig import join_strings

LABEL: Final = "sottovoce heartbeat"
"""Label of the signature, by SignWithLabel (RFC 9420 section 5.1.2)."""
NONCE_LENGTH: Final = 12
TAG_LENGTH: Final = 16
SIGNATURE_LENGTH: Final = 64
_BODY: Final = struct.Struct(">IQ32sQ")
SEALED_LENGTH: Final = NONCE_LENGTH + _BODY.size + SIGNATURE_LENGTH + TAG_LENGTH
"""Every heartbeat has this size, bytes: it tells nothing."""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What a member says: `sent` is its clock, milliseconds since 1970.

    `epoch_hash` is equal for two members exactly if they share the epoch's keys.
    """

    leaf: int
    epoch: int
    epoch_hash: bytes
    sent: int

    def encode(self) -> bytes:
        """Return the bytes that are signed, together with the room id."""
        return _BODY.pack(self.leaf, self.epoch, self.epoch_hash, self.sent)


@dataclass(frozen=True, slots=True)
class UnverifiedHeartbeat:
    """One that somebody with the link made; who, only `verify` shows."""

    said: Heartbeat
    signature: bytes = field(repr=False)

    def verify(self, room_id: bytes, member: Member) -> Heartbeat:
        """Return what it says, if the member of its leaf said it in this room.

        Raises `AuthenticationError`.
        """
        if member.leaf != self.said.leaf:
            raise AuthenticationError("a heartbeat is of another leaf")
        member.verify(LABEL, _signed(room_id, self.said), self.signature)
        return self.said


def epoch_hash(epoch_authenticator: bytes) -> bytes:
    """Return what heartbeats name an epoch by: 32 bytes that tell nothing about its keys."""
    return hashlib.sha256(b"sottovoce epoch" + epoch_authenticator).digest()


def seal_heartbeat(key: bytes, group: Group, *, sent: int) -> bytes:
    """Return our own heartbeat; `sent` in milliseconds since 1970.

    Random nonces are safe here: 128 members send fewer than 2**32 heartbeats in a century.
    """
    said = Heartbeat(group.leaf, group.epoch, epoch_hash(group.epoch_authenticator), sent)
    signature = group.sign(LABEL, _signed(group.group_id, said))
    nonce = os.urandom(NONCE_LENGTH)
    plaintext = said.encode() + signature
    return nonce + AESGCM(key).encrypt(nonce, plaintext, _associated_data(group.group_id))


def open_heartbeat(key: bytes, room_id: bytes, sealed: bytes) -> UnverifiedHeartbeat:
    """Decrypt a heartbeat. Raises `MalformedError` for a size none has, or `AuthenticationError`
    when it was made without the link, for another room, or changed on its way.
    """
    if len(sealed) != SEALED_LENGTH:
        raise MalformedError("a heartbeat has the wrong size")
    nonce, ciphertext = sealed[:NONCE_LENGTH], sealed[NONCE_LENGTH:]
    try:
        plaintext = AESGCM(key).decrypt(nonce, ciphertext, _associated_data(room_id))
    except InvalidTag:
        raise AuthenticationError("a heartbeat was not made with this room's link") from None
    said = Heartbeat(*_BODY.unpack(plaintext[: _BODY.size]))
    return UnverifiedHeartbeat(said, plaintext[_BODY.size :])


def _signed(room_id: bytes, said: Heartbeat) -> bytes:
    return join_strings(room_id, said.encode())


def _associated_data(room_id: bytes) -> bytes:
    return b"sottovoce heartbeat" + room_id
