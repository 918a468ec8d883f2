"""Welcome: the secrets of an epoch for those who join it (RFC 9420 section 12.4.3.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from e2ee.errors import InvalidError, UnknownKeyError
from e2ee.mls.cipher_suite import suite_of
from e2ee.mls.codec import Reader, decode, opaque, optional, u16, vector
from e2ee.mls.constants import CIPHER_SUITE
from e2ee.mls.crypto import decrypt_with_label, encrypt_with_label
from e2ee.mls.hpke import HpkeCiphertext
from e2ee.mls.key_package import KeyPackage, KeyPackageBundle
from e2ee.mls.psk import PskId, read_psk_id


@dataclass(frozen=True)
class GroupSecrets:
    """What is encrypted to one who joins; `path_secret` if the Commit had a path."""

    joiner_secret: bytes = field(repr=False)
    path_secret: bytes | None = field(repr=False)
    psks: tuple[PskId, ...]

    def encode(self) -> bytes:
        """Return the encoding."""
        path = None if self.path_secret is None else opaque(self.path_secret)
        psks = vector(psk.encode() for psk in self.psks)
        return opaque(self.joiner_secret) + optional(path) + psks

    @classmethod
    def read(cls, reader: Reader) -> GroupSecrets:
        """Take one off `reader`."""
        joiner, path = reader.opaque(), reader.optional(Reader.opaque)
        return cls(joiner, path, reader.vector(read_psk_id))

    def seal(self, to: KeyPackage, encrypted_group_info: bytes) -> EncryptedGroupSecrets:
        """Encrypt to the init key of a KeyPackage. Raises `MalformedError`."""
        sealed = encrypt_with_label(
            to.init_key, "Welcome", encrypted_group_info, self.encode(), to.suite
        )
        return EncryptedGroupSecrets(to.reference, sealed)


@dataclass(frozen=True)
class EncryptedGroupSecrets:
    """GroupSecrets for the KeyPackage with this reference."""

    new_member: bytes
    sealed: HpkeCiphertext

    def encode(self) -> bytes:
        """Return the encoding."""
        return opaque(self.new_member) + self.sealed.encode()

    @classmethod
    def read(cls, reader: Reader) -> EncryptedGroupSecrets:
        """Take one off `reader`."""
        return cls(reader.opaque(), HpkeCiphertext.read(reader))


@dataclass(frozen=True)
class Welcome:
    """Secrets for each who joins in one Commit, and the GroupInfo they all decrypt with them."""

    secrets: tuple[EncryptedGroupSecrets, ...]
    encrypted_group_info: bytes
    cipher_suite: int = CIPHER_SUITE

    def encode(self) -> bytes:
        """Return the encoding."""
        secrets = vector(secret.encode() for secret in self.secrets)
        return u16(self.cipher_suite) + secrets + opaque(self.encrypted_group_info)

    @classmethod
    def read(cls, reader: Reader) -> Welcome:
        """Take one off `reader`."""
        suite = reader.u16()
        return cls(reader.vector(EncryptedGroupSecrets.read), reader.opaque(), suite)

    def choose(self, bundles: Sequence[KeyPackageBundle]) -> KeyPackageBundle:
        """Return the KeyPackage of ours it is for. Raises `UnknownKeyError` if it is none."""
        named = {item.new_member for item in self.secrets}
        for bundle in bundles:
            if bundle.key_package.reference in named:
                return bundle
        raise UnknownKeyError("a Welcome is not for our key package")

    def open_secrets(self, bundle: KeyPackageBundle) -> GroupSecrets:
        """Decrypt the secrets meant for a KeyPackage of ours.

        Raises `InvalidError` for another suite, `UnknownKeyError` if it is not for us,
        `AuthenticationError` or `MalformedError` if it does not decrypt.
        """
        if self.cipher_suite != bundle.key_package.cipher_suite:
            raise InvalidError("a Welcome is of another cipher suite")
        suite = suite_of(self.cipher_suite)
        reference = bundle.key_package.reference
        sealed = [item.sealed for item in self.secrets if item.new_member == reference]
        if len(sealed) != 1:
            raise UnknownKeyError("a Welcome is not for our key package")
        info = self.encrypted_group_info
        opened = decrypt_with_label(bundle.init_key, "Welcome", info, sealed[0], suite)
        return decode(GroupSecrets.read, opened)
