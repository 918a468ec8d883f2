"""KeyPackages: made for a day, and refused for whatever is wrong with them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from e2ee.errors import AuthenticationError, InvalidError, KeysError, MalformedError
from e2ee.mls import hpke
from e2ee.mls.constants import LeafNodeSource
from e2ee.mls.credential import Credential
from e2ee.mls.key_package import KeyPackage, SigningKey, new_key_package, read_key_package
from e2ee.mls.limits import MAX_MESSAGE
from e2ee.mls.message import encode_message

NOW = 1_800_000_000
KEY = SigningKey.generate()
BUNDLE = new_key_package(KEY, b"ann", now=NOW, extensions_supported=(0xF0A0,))


def resigned(**changes: Any) -> bytes:
    return encode_message(replace(BUNDLE.key_package, **changes).signed(KEY))


def test_a_key_package_is_read_back() -> None:
    read = read_key_package(BUNDLE.message, now=NOW)
    assert read == BUNDLE.key_package
    assert (read.identity, read.signature_key) == (b"ann", KEY.public)
    assert read.leaf_node.capabilities.extensions == (0xF0A0,)
    assert read.reference == BUNDLE.key_package.reference


def test_every_key_in_every_key_package_is_fresh() -> None:
    other = new_key_package(KEY, b"ann", now=NOW).key_package
    keys = [
        key
        for package in (BUNDLE.key_package, other)
        for key in (package.init_key, package.leaf_node.encryption_key)
    ]
    assert len(set(keys)) == 4


def test_private_keys_are_not_shown() -> None:
    for secret in (BUNDLE.init_key, BUNDLE.encryption_key, KEY.private):
        assert repr(secret) not in repr(BUNDLE)


@pytest.mark.parametrize("now", [NOW - 3601, NOW + 24 * 3600 + 1])
def test_an_expired_key_package_is_refused(now: int) -> None:
    with pytest.raises(InvalidError, match="expired"):
        read_key_package(BUNDLE.message, now=now)


def test_another_suite_or_version_is_refused() -> None:
    for message in (resigned(cipher_suite=2), resigned(version=2)):
        with pytest.raises(InvalidError, match=r"version|suite"):
            read_key_package(message, now=NOW)


def test_an_init_key_that_cannot_be_used_or_is_the_leafs_is_refused() -> None:
    leaf_key = BUNDLE.key_package.leaf_node.encryption_key
    for init_key in (bytes(32), b"", leaf_key):
        with pytest.raises(InvalidError, match="init key"):
            read_key_package(resigned(init_key=init_key), now=NOW)


def test_a_leaf_made_for_a_commit_is_refused() -> None:
    leaf = BUNDLE.key_package.leaf_node.for_commit(hpke.generate_key_pair().public, b"")
    assert leaf.source is LeafNodeSource.COMMIT
    with pytest.raises(InvalidError, match="something else"):
        read_key_package(resigned(leaf_node=leaf.signed(KEY)), now=NOW)


def test_a_key_package_with_a_bad_leaf_signature_is_refused() -> None:
    leaf = replace(BUNDLE.key_package.leaf_node, credential=Credential(b"host"))
    with pytest.raises(AuthenticationError, match="leaf node"):
        read_key_package(resigned(leaf_node=leaf), now=NOW)


def test_a_key_package_with_the_init_key_of_an_attacker_is_refused() -> None:
    changed = replace(BUNDLE.key_package, init_key=hpke.generate_key_pair().public)
    with pytest.raises(AuthenticationError, match="key package"):
        read_key_package(encode_message(changed), now=NOW)


def test_bit_flips_in_a_key_package_are_refused() -> None:
    for bit in range(0, len(BUNDLE.message) * 8, 7):
        flipped = bytearray(BUNDLE.message)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(KeysError):
            read_key_package(bytes(flipped), now=NOW)


def test_what_is_no_key_package_is_refused() -> None:
    with pytest.raises(MalformedError, match="something other"):
        read_key_package(b"\x00\x01\x00\x03" + BUNDLE.message[4:], now=NOW)
    with pytest.raises(MalformedError, match="after its end"):
        read_key_package(BUNDLE.message + b"\x00", now=NOW)
    with pytest.raises(MalformedError, match="too long"):
        read_key_package(bytes(MAX_MESSAGE + 1), now=NOW)
    assert isinstance(BUNDLE.key_package, KeyPackage)


def test_a_key_package_carries_signed_extensions_of_the_application() -> None:
    bundle = new_key_package(KEY, b"ann", now=NOW, extensions={0xF0A1: b"place"})
    assert read_key_package(bundle.message, now=NOW).extensions == {0xF0A1: b"place"}
    changed = replace(bundle.key_package, extensions={0xF0A1: b"other"})
    with pytest.raises(AuthenticationError):
        changed.verify(NOW)
