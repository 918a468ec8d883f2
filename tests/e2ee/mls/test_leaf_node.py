"""Leaf nodes: signed for one place, with keys that work."""

from __future__ import annotations

from dataclasses import replace

import pytest

from e2ee.errors import AuthenticationError, InvalidError
from e2ee.mls import hpke
from e2ee.mls.capabilities import Capabilities
from e2ee.mls.codec import decode
from e2ee.mls.constants import LeafNodeSource
from e2ee.mls.credential import Credential
from e2ee.mls.leaf_node import LeafNode, Lifetime
from e2ee.mls.limits import CLOCK_SKEW, KEY_PACKAGE_LIFETIME, MAX_KEY_PACKAGE_LIFETIME
from e2ee.mls.signing_key import SigningKey

KEY = SigningKey.generate()
NOW = 1_800_000_000


def fresh() -> bytes:
    return hpke.generate_key_pair().public


LEAF = LeafNode(
    fresh(),
    KEY.public,
    Credential(b"ann"),
    Capabilities.ours((7,)),
    LeafNodeSource.KEY_PACKAGE,
    Lifetime.starting(NOW),
    extensions={7: b"x"},
)


@pytest.mark.parametrize(
    "leaf", [LEAF, LEAF.for_update(fresh()), LEAF.for_commit(fresh(), b"hash")]
)
def test_leaves_from_everywhere_are_read_back_and_verify(leaf: LeafNode) -> None:
    signed = leaf.signed(KEY, b"group", 3)
    read = decode(LeafNode.read, signed.encoded)
    assert read == signed
    assert read.encoded == signed.encoded
    read.verify(b"group", 3)


@pytest.mark.parametrize("leaf", [LEAF.for_update(fresh()), LEAF.for_commit(fresh(), b"hash")])
def test_a_leaf_moved_to_another_place_or_group_is_refused(leaf: LeafNode) -> None:
    signed = leaf.signed(KEY, b"group", 3)
    for group, place in [(b"group", 4), (b"other", 3), (b"", 0)]:
        with pytest.raises(AuthenticationError):
            signed.verify(group, place)


def test_a_changed_leaf_is_refused() -> None:
    signed = LEAF.signed(KEY)
    other = SigningKey.generate()
    for change in (
        {"credential": Credential(b"bob")},
        {"encryption_key": fresh()},
        {"signature_key": other.public},
        {"lifetime": Lifetime(0, 1)},
        {"capabilities": Capabilities.ours((7, 8))},
        {"extensions": {7: b"y"}},
        {"signature": b""},
    ):
        with pytest.raises(AuthenticationError):
            replace(signed, **change).verify()  # type: ignore[arg-type]


def test_a_key_nobody_can_encrypt_to_and_an_unlisted_extension_are_refused() -> None:
    for leaf in (replace(LEAF, encryption_key=bytes(32)), replace(LEAF, extensions={9: b""})):
        with pytest.raises(InvalidError):
            leaf.signed(KEY).verify()


def test_a_lifetime_allows_for_clocks_and_ends() -> None:
    lifetime = Lifetime.starting(NOW)
    for now in (NOW - CLOCK_SKEW, NOW, NOW + KEY_PACKAGE_LIFETIME):
        lifetime.check(now)
    for now in (NOW - CLOCK_SKEW - 1, NOW + KEY_PACKAGE_LIFETIME + 1):
        with pytest.raises(InvalidError, match="expired"):
            lifetime.check(now)
    with pytest.raises(InvalidError, match="too long"):
        Lifetime(NOW, NOW + MAX_KEY_PACKAGE_LIFETIME + CLOCK_SKEW + 1).check(NOW)
    assert Lifetime.starting(5).not_before == 0
