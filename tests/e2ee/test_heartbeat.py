"""Heartbeats: one size, made by a member of the room, in it, and as it was sent."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from e2ee.errors import AuthenticationError, KeysError, MalformedError
from e2ee.heartbeat import (
    LABEL,
    SEALED_LENGTH,
    Heartbeat,
    UnverifiedHeartbeat,
    epoch_hash,
    open_heartbeat,
    seal_heartbeat,
)
from e2ee.mls.group import Group, Member, SigningKey

KEY, ROOM, NOW = bytes(range(16)), b"r" * 16, 1_800_000_000
SENT = NOW * 1000 + 7


def a_group(room: bytes = ROOM) -> Group:
    return Group.create(
        group_id=room,
        signing_key=SigningKey.generate(),
        identity=b"Ada",
        extensions={},
        now=NOW,
    )


@pytest.fixture(scope="module")
def group() -> Group:
    return a_group()


def member(group: Group) -> Member:
    return group.members[0]


def test_it_says_leaf_epoch_hash_and_time_and_who_says_it(group: Group) -> None:
    sealed = seal_heartbeat(KEY, group, sent=SENT)
    said = open_heartbeat(KEY, ROOM, sealed).verify(ROOM, member(group))
    digest = hashlib.sha256(b"sottovoce epoch" + group.epoch_authenticator).digest()
    assert said == Heartbeat(0, 0, digest, SENT)


def test_all_have_one_size_and_none_is_like_another(group: Group) -> None:
    first, second = (seal_heartbeat(KEY, group, sent=sent) for sent in (0, 1 << 53))
    assert len(first) == len(second) == SEALED_LENGTH == 144
    assert seal_heartbeat(KEY, group, sent=0) != first


def test_another_epoch_has_another_hash(group: Group) -> None:
    before = epoch_hash(group.epoch_authenticator)
    later = Group(group._state)
    later.merge(later.commit(path=True, now=NOW))
    assert epoch_hash(later.epoch_authenticator) != before
    assert before != group.epoch_authenticator  # it is compared with others' codes: not told


def test_every_flipped_bit_is_refused(group: Group) -> None:
    sealed = seal_heartbeat(KEY, group, sent=SENT)
    for bit in range(len(sealed) * 8):
        flipped = bytearray(sealed)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(AuthenticationError):
            open_heartbeat(KEY, ROOM, bytes(flipped))


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(st.binary(max_size=200) | st.binary(min_size=SEALED_LENGTH, max_size=SEALED_LENGTH))
def test_whatever_bytes_come_they_are_refused(data: bytes) -> None:
    with pytest.raises((MalformedError, AuthenticationError)):
        open_heartbeat(KEY, ROOM, data)


def test_a_heartbeat_made_without_the_link_is_refused(group: Group) -> None:
    sealed = seal_heartbeat(bytes(16), group, sent=SENT)
    with pytest.raises(AuthenticationError):
        open_heartbeat(KEY, ROOM, sealed)


def test_attack_a_heartbeat_of_another_room_of_the_same_link_and_key(group: Group) -> None:
    sealed = seal_heartbeat(KEY, group, sent=SENT)
    with pytest.raises(AuthenticationError):
        open_heartbeat(KEY, b"o" * 16, sealed)
    with pytest.raises(AuthenticationError):
        open_heartbeat(KEY, ROOM, sealed).verify(b"o" * 16, member(group))


def test_attack_somebody_with_a_leaked_link_speaks_for_a_member(group: Group) -> None:
    forger = a_group()  # has the key of the link, and a leaf of the same number
    opened = open_heartbeat(KEY, ROOM, seal_heartbeat(KEY, forger, sent=SENT))
    with pytest.raises(AuthenticationError):
        opened.verify(ROOM, member(group))


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(
    leaf=st.integers(0, 0xFFFF_FFFF),
    epoch=st.integers(0, (1 << 64) - 1),
    sent=st.integers(0, (1 << 64) - 1),
    signature=st.binary(min_size=64, max_size=64),
)
def test_attack_a_member_says_anything_under_any_leaf(
    leaf: int, epoch: int, sent: int, signature: bytes
) -> None:
    group = a_group()
    body = Heartbeat(leaf, epoch, bytes(32), sent).encode() + signature
    sealed = bytes(12) + AESGCM(KEY).encrypt(bytes(12), body, b"sottovoce heartbeat" + ROOM)
    opened = open_heartbeat(KEY, ROOM, sealed)
    assert (opened.said.leaf, opened.said.epoch, opened.said.sent) == (leaf, epoch, sent)
    with pytest.raises(KeysError):
        opened.verify(ROOM, member(group))


def test_attack_a_signature_made_for_something_else(group: Group) -> None:
    said = Heartbeat(0, 0, epoch_hash(group.epoch_authenticator), SENT)
    content = len(ROOM).to_bytes(4, "big") + ROOM + b"\0\0\0\x34" + said.encode()
    good = UnverifiedHeartbeat(said, group.sign(LABEL, content))
    assert good.verify(ROOM, member(group)) == said
    for other in (group.sign("sottovoce replaces", content), group.signing_key.sign(content)):
        with pytest.raises(AuthenticationError):
            UnverifiedHeartbeat(said, other).verify(ROOM, member(group))


def test_what_is_secret_is_in_no_repr(group: Group) -> None:
    opened = open_heartbeat(KEY, ROOM, seal_heartbeat(KEY, group, sent=SENT))
    assert opened.signature.hex() not in repr(opened)
    assert repr(opened.signature) not in repr(opened)
