"""KeyPackages: what a client offers so that it can be added (RFC 9420 section 10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType

from e2ee.errors import InvalidError, MalformedError
from e2ee.mls.capabilities import Capabilities
from e2ee.mls.cipher_suite import CLASSIC, CipherSuite, suite_of
from e2ee.mls.codec import Reader, decode, opaque, u16
from e2ee.mls.constants import CIPHER_SUITE, LeafNodeSource, ProtocolVersion, WireFormat
from e2ee.mls.credential import Credential
from e2ee.mls.crypto import ref_hash, sign_with_label, verify_with_label
from e2ee.mls.extensions import Extensions, encode_extensions, read_extensions
from e2ee.mls.leaf_node import LeafNode, Lifetime
from e2ee.mls.limits import MAX_MESSAGE
from e2ee.mls.signing_key import SigningKey

NO_EXTENSIONS: Extensions = MappingProxyType({})

__all__ = [
    "KeyPackage",
    "KeyPackageBundle",
    "SigningKey",
    "decode_key_package",
    "new_key_package",
    "read_key_package",
]


@dataclass(frozen=True)
class KeyPackage:
    """A leaf node and the one-time key its Welcome is encrypted to."""

    init_key: bytes
    leaf_node: LeafNode
    extensions: Extensions = field(default_factory=dict)
    signature: bytes = b""
    version: int = ProtocolVersion.MLS10
    cipher_suite: int = CIPHER_SUITE

    @property
    def suite(self) -> CipherSuite:
        """Its cipher suite. Raises `InvalidError` if we do not have it."""
        return suite_of(self.cipher_suite)

    @property
    def identity(self) -> bytes:
        """The identity of its basic credential."""
        return self.leaf_node.credential.identity

    @property
    def signature_key(self) -> bytes:
        """The Ed25519 key its client signs with."""
        return self.leaf_node.signature_key

    @cached_property
    def encoded(self) -> bytes:
        """The encoding."""
        return self._unsigned + opaque(self.signature)

    @cached_property
    def reference(self) -> bytes:
        """KeyPackageRef (section 5.2)."""
        return ref_hash("MLS 1.0 KeyPackage Reference", self.encoded)

    @cached_property
    def _unsigned(self) -> bytes:
        return b"".join(
            (
                u16(self.version),
                u16(self.cipher_suite),
                opaque(self.init_key),
                self.leaf_node.encoded,
                encode_extensions(self.extensions),
            )
        )

    @classmethod
    def read(cls, reader: Reader) -> KeyPackage:
        """Take one off `reader`; nothing is verified."""
        version, cipher_suite = reader.u16(), reader.u16()
        init_key, leaf_node = reader.opaque(), LeafNode.read(reader)
        extensions, signature = read_extensions(reader), reader.opaque()
        return cls(init_key, leaf_node, extensions, signature, version, cipher_suite)

    def signed(self, key: SigningKey) -> KeyPackage:
        """Return it signed."""
        return replace(self, signature=sign_with_label(key, "KeyPackageTBS", self._unsigned))

    def verify(self, now: int) -> None:
        """Check everything it says of itself (section 10.1); `now` in Unix seconds.

        Raises `InvalidError` or `AuthenticationError`.
        """
        if self.version != ProtocolVersion.MLS10:
            raise InvalidError("a key package is of another version")
        leaf, suite = self.leaf_node, self.suite
        if leaf.lifetime is None:
            raise InvalidError("a key package has a leaf node made for something else")
        leaf.lifetime.check(now)
        if not suite.is_usable(self.init_key) or self.init_key == leaf.encryption_key:
            raise InvalidError("a key package has an init key that cannot be used")
        leaf.verify(suite=suite)
        content = self._unsigned
        verify_with_label(
            leaf.signature_key, "KeyPackageTBS", content, self.signature, "a key package"
        )


@dataclass(frozen=True)
class KeyPackageBundle:
    """A KeyPackage of ours with its private keys: good for one Welcome, then to be dropped."""

    key_package: KeyPackage
    init_key: bytes = field(repr=False)
    encryption_key: bytes = field(repr=False)
    signing_key: SigningKey = field(repr=False)

    @property
    def message(self) -> bytes:
        """The KeyPackage as an MLSMessage, to be sent."""
        return u16(ProtocolVersion.MLS10) + u16(WireFormat.KEY_PACKAGE) + self.key_package.encoded


def new_key_package(
    signing_key: SigningKey,
    identity: bytes,
    *,
    now: int,
    extensions_supported: Sequence[int] = (),
    extensions: Extensions = NO_EXTENSIONS,
    suite: CipherSuite = CLASSIC,
) -> KeyPackageBundle:
    """Make a KeyPackage with fresh keys that may be used for a day; `now` in Unix seconds.

    `extensions_supported` are the extension types the application understands, `extensions`
    those of the KeyPackage itself, which no group keeps.
    """
    init, encryption = suite.generate_key_pair(), suite.generate_key_pair()
    leaf = LeafNode(
        encryption.public,
        signing_key.public,
        Credential(identity),
        Capabilities.ours(extensions_supported, suite),
        LeafNodeSource.KEY_PACKAGE,
        Lifetime.starting(now),
    ).signed(signing_key)
    unsigned = KeyPackage(init.public, leaf, extensions, cipher_suite=suite.id)
    key_package = unsigned.signed(signing_key)
    return KeyPackageBundle(key_package, init.private, encryption.private, signing_key)


def read_key_package(message: bytes, *, now: int) -> KeyPackage:
    """Read an MLSMessage that holds a KeyPackage and verify it; `now` in Unix seconds.

    Raises `MalformedError`, `InvalidError` (expired, another suite, unusable keys) or
    `AuthenticationError` (a signature).
    """
    key_package = decode_key_package(message)
    key_package.verify(now)
    return key_package


def decode_key_package(message: bytes) -> KeyPackage:
    """Read one without verifying anything. Raises `MalformedError`."""
    if len(message) > MAX_MESSAGE:
        raise MalformedError("a key package is too long")
    return decode(_read_message, message)


def _read_message(reader: Reader) -> KeyPackage:
    reader.enum16(ProtocolVersion)
    if reader.enum16(WireFormat) is not WireFormat.KEY_PACKAGE:
        raise MalformedError("an MLS message holds something other than a key package")
    return KeyPackage.read(reader)
