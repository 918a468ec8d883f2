"""The key schedule: the secrets of an epoch, from the one before (RFC 9420 section 8)."""

from __future__ import annotations

from dataclasses import dataclass, field

from e2ee.mls.cipher_suite import CipherSuite
from e2ee.mls.constants import HASH_LENGTH, KEY_LENGTH, NONCE_LENGTH
from e2ee.mls.crypto import aead_open, aead_seal, derive_secret, digest, expand_with_label, extract
from e2ee.mls.group_context import GroupContext
from e2ee.mls.hpke import KeyPair


@dataclass(frozen=True)
class EpochSecrets:
    """What is kept while an epoch lasts.

    Never the encryption secret: whoever has it has every message key of the epoch again.
    """

    sender_data_secret: bytes = field(repr=False)
    exporter_secret: bytes = field(repr=False)
    membership_key: bytes = field(repr=False)
    resumption_psk: bytes = field(repr=False)
    epoch_authenticator: bytes = field(repr=False)
    init_secret: bytes = field(repr=False)

    def export(self, label: str, context: bytes, length: int) -> bytes:
        """MLS-Exporter (section 8.5): a key of `length` bytes for the application."""
        secret = derive_secret(self.exporter_secret, label)
        return expand_with_label(secret, "exported", digest(context), length)


@dataclass(frozen=True)
class KeySchedule:
    """Everything one epoch starts from: `kept` stays, the rest is used once and let go."""

    joiner_secret: bytes = field(repr=False)
    welcome_secret: bytes = field(repr=False)
    encryption_secret: bytes = field(repr=False)
    external_secret: bytes = field(repr=False)
    confirmation_key: bytes = field(repr=False)
    kept: EpochSecrets = field(repr=False)

    def external_key_pair(self, suite: CipherSuite) -> KeyPair:
        """The pair an external commit would be encrypted to (section 8.3)."""
        return suite.derive_key_pair(self.external_secret)


@dataclass(frozen=True)
class WelcomeKey:
    """The key the GroupInfo of a Welcome is encrypted with (section 12.4.3.1)."""

    key: bytes = field(repr=False)
    nonce: bytes = field(repr=False)

    @classmethod
    def of(cls, welcome_secret: bytes) -> WelcomeKey:
        """Derive it."""
        return cls(
            expand_with_label(welcome_secret, "key", b"", KEY_LENGTH),
            expand_with_label(welcome_secret, "nonce", b"", NONCE_LENGTH),
        )

    def seal(self, group_info: bytes) -> bytes:
        """Encrypt a GroupInfo; the key is used for this one only."""
        return aead_seal(self.key, self.nonce, group_info, b"")

    def open(self, encrypted: bytes) -> bytes:
        """Decrypt a GroupInfo. Raises `AuthenticationError`."""
        return aead_open(self.key, self.nonce, encrypted, b"", "the group info of a Welcome")


def joiner_secret(init_secret: bytes, commit_secret: bytes, context: GroupContext) -> bytes:
    """The secret that lets one in: from the old epoch and what the Commit brought."""
    secret = extract(init_secret, commit_secret)
    return expand_with_label(secret, "joiner", context.encoded, HASH_LENGTH)


def welcome_secret(joiner: bytes, psk_secret: bytes) -> bytes:
    """The secret of a Welcome, which is known before its GroupContext is."""
    return derive_secret(extract(joiner, psk_secret), "welcome")


def schedule(joiner: bytes, psk_secret: bytes, context: GroupContext) -> KeySchedule:
    """Derive the secrets of the epoch of `context`."""
    member_secret = extract(joiner, psk_secret)
    epoch_secret = expand_with_label(member_secret, "epoch", context.encoded, HASH_LENGTH)
    return KeySchedule(
        joiner,
        derive_secret(member_secret, "welcome"),
        derive_secret(epoch_secret, "encryption"),
        derive_secret(epoch_secret, "external"),
        derive_secret(epoch_secret, "confirm"),
        EpochSecrets(
            derive_secret(epoch_secret, "sender data"),
            derive_secret(epoch_secret, "exporter"),
            derive_secret(epoch_secret, "membership"),
            derive_secret(epoch_secret, "resumption"),
            derive_secret(epoch_secret, "authentication"),
            derive_secret(epoch_secret, "init"),
        ),
    )
