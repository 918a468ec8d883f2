"""PrivateMessage: signed and encrypted, the sender hidden too (RFC 9420 section 6.3)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import NamedTuple

from e2ee.errors import MalformedError
from e2ee.mls.codec import Reader, decode, opaque, u8, u32, u64
from e2ee.mls.constants import (
    HASH_LENGTH,
    KEY_LENGTH,
    NONCE_LENGTH,
    TAG_LENGTH,
    ContentType,
    WireFormat,
)
from e2ee.mls.crypto import aead_open, aead_seal, expand_with_label
from e2ee.mls.framing import (
    AuthenticatedContent,
    Content,
    ContentAuth,
    FramedContent,
    Sender,
    UnverifiedContent,
    encode_content,
    read_content,
)
from e2ee.mls.limits import PADDED_SIZES
from e2ee.mls.secret_tree import MessageKey, RatchetKind, SecretTree


class SenderData(NamedTuple):
    """Who sent a message and with which key; encrypted apart, under a sample of the message."""

    leaf: int
    generation: int
    reuse_guard: bytes

    def encode(self) -> bytes:
        """Return the encoding."""
        return u32(self.leaf) + u32(self.generation) + self.reuse_guard

    @classmethod
    def read(cls, reader: Reader) -> SenderData:
        """Take one off `reader`."""
        return cls(reader.u32(), reader.u32(), reader.take(4))


@dataclass(frozen=True)
class PrivateMessage:
    """What the server sees of a message: group, epoch, type and size."""

    group_id: bytes
    epoch: int
    content_type: ContentType
    authenticated_data: bytes
    encrypted_sender_data: bytes
    ciphertext: bytes

    def encode(self) -> bytes:
        """Return the encoding."""
        head = opaque(self.group_id) + u64(self.epoch) + u8(self.content_type)
        body = opaque(self.encrypted_sender_data) + opaque(self.ciphertext)
        return head + opaque(self.authenticated_data) + body

    @classmethod
    def read(cls, reader: Reader) -> PrivateMessage:
        """Take one off `reader`."""
        group_id, epoch = reader.opaque(), reader.u64()
        content_type, data = reader.enum8(ContentType), reader.opaque()
        return cls(group_id, epoch, content_type, data, reader.opaque(), reader.opaque())

    @classmethod
    def protect(
        cls,
        authenticated: AuthenticatedContent,
        sender_data_secret: bytes,
        keys: SecretTree,
        *,
        padded: bool = False,
    ) -> tuple[PrivateMessage, SecretTree]:
        """Encrypt a member's content; the returned tree no longer has the key that was used."""
        content, leaf = authenticated.content, authenticated.content.sender.index
        generation, key, after = keys.take_next(leaf, _ratchet_of(content.content_type))
        sender = SenderData(leaf, generation, secrets.token_bytes(4))
        plaintext = encode_content(content.content) + authenticated.auth.encode()
        if padded:
            plaintext += bytes(_padded_size(len(plaintext)) - len(plaintext))
        aad = _content_aad(content)
        nonce = _guarded(key, sender.reuse_guard)
        ciphertext = aead_seal(key.key, nonce, plaintext, aad)
        data_key = sender_data_key(sender_data_secret, ciphertext)
        sealed = aead_seal(*data_key, sender.encode(), _sender_aad(content))
        return (
            cls(
                content.group_id,
                content.epoch,
                content.content_type,
                content.authenticated_data,
                sealed,
                ciphertext,
            ),
            after,
        )

    def unprotect(
        self, sender_data_secret: bytes, keys: SecretTree
    ) -> tuple[UnverifiedContent, SecretTree]:
        """Decrypt; keep the returned tree only once the signature has verified.

        Raises `AuthenticationError`, `MalformedError`, `ReplayError`, `UnknownKeyError` or
        `InvalidError`.
        """
        sender = self._sender_data(sender_data_secret)
        key, after = keys.take(sender.leaf, _ratchet_of(self.content_type), sender.generation)
        nonce = _guarded(key, sender.reuse_guard)
        plaintext = aead_open(key.key, nonce, self.ciphertext, _content_aad(self), "a message")
        content, auth = decode(self._read_plaintext, plaintext)
        framed = FramedContent(
            self.group_id,
            self.epoch,
            Sender.member(sender.leaf),
            content,
            self.authenticated_data,
        )
        authenticated = AuthenticatedContent(WireFormat.PRIVATE_MESSAGE, framed, auth)
        return UnverifiedContent(authenticated), after

    def _sender_data(self, sender_data_secret: bytes) -> SenderData:
        if len(self.ciphertext) < TAG_LENGTH:
            raise MalformedError("a message is too short to be encrypted")
        key = sender_data_key(sender_data_secret, self.ciphertext)
        sealed = self.encrypted_sender_data
        return decode(
            SenderData.read, aead_open(*key, sealed, _sender_aad(self), "the sender of a message")
        )

    def _read_plaintext(self, reader: Reader) -> tuple[Content, ContentAuth]:
        content = read_content(reader, self.content_type)
        auth = ContentAuth.read(reader, self.content_type)
        if any(reader.rest()):
            raise MalformedError("a message has padding that is not zeros")
        return content, auth


def sender_data_key(sender_data_secret: bytes, ciphertext: bytes) -> MessageKey:
    """Key and nonce of the sender data of a message (section 6.3.2)."""
    sample = ciphertext[:HASH_LENGTH]
    return MessageKey(
        expand_with_label(sender_data_secret, "key", sample, KEY_LENGTH),
        expand_with_label(sender_data_secret, "nonce", sample, NONCE_LENGTH),
    )


def _ratchet_of(content_type: ContentType) -> RatchetKind:
    if content_type is ContentType.APPLICATION:
        return RatchetKind.APPLICATION
    return RatchetKind.HANDSHAKE


def _guarded(key: MessageKey, reuse_guard: bytes) -> bytes:
    """Mix the reuse guard into the nonce: a state restored twice still gives two nonces."""
    head = int.from_bytes(key.nonce[:4], "big") ^ int.from_bytes(reuse_guard, "big")
    return u32(head) + key.nonce[4:]


def _sender_aad(message: FramedContent | PrivateMessage) -> bytes:
    return opaque(message.group_id) + u64(message.epoch) + u8(message.content_type)


def _content_aad(message: FramedContent | PrivateMessage) -> bytes:
    return _sender_aad(message) + opaque(message.authenticated_data)


def _padded_size(size: int) -> int:
    """The size content is padded to, so that its length tells little."""
    largest = PADDED_SIZES[-1]
    return next((step for step in PADDED_SIZES if size <= step), -(-size // largest) * largest)
