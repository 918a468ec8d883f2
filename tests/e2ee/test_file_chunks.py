"""Files in transit: whole, in order, of their sender, and for whom they were announced to."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from e2ee.errors import AuthenticationError
from e2ee.file_chunks import (
    CHUNK,
    MAX_FILE,
    NO_MORE,
    SEALED_LENGTH,
    Content,
    chunk_count,
    chunk_key,
    open_chunk,
)
from e2ee.mls.group import Group, SigningKey

NOW = 1_800_000_000
TEXT = bytes(range(256)) * 300  # three chunks, the last one short


@pytest.fixture(scope="module")
def group() -> Group:
    return Group.create(
        group_id=b"r" * 16,
        signing_key=SigningKey.generate(),
        identity=b"Ada",
        extensions={},
        now=NOW,
    )


@pytest.fixture(scope="module")
def content() -> Content:
    return Content(TEXT)


@pytest.fixture(scope="module")
def key(content: Content, group: Group) -> bytes:
    return chunk_key(content.key, content.id, group)


def read(content: Content, key: bytes, group: Group) -> bytes:
    """Take a file in as a receiver does."""
    got, expected = b"", content.first_hash
    for index in range(chunk_count(content.size)):
        sealed = content.seal(index, group)
        assert len(sealed) == SEALED_LENGTH
        expected, part = open_chunk(key, content.id, index, expected, sealed)
        got += part
    assert expected == NO_MORE
    return got[: content.size]


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, len(TEXT)])
def test_what_is_sent_is_what_arrives(group: Group, size: int) -> None:
    content = Content(TEXT[:size])
    assert content.count == chunk_count(size)
    assert read(content, chunk_key(content.key, content.id, group), group) == TEXT[:size]


def test_the_largest_file_has_a_whole_number_of_chunks() -> None:
    assert chunk_count(MAX_FILE) * CHUNK == MAX_FILE == 10 * 2**20


def test_a_chunk_is_what_the_protocol_says(content: Content, group: Group, key: bytes) -> None:
    chunk = AESGCM(key).decrypt(
        bytes(11) + b"\x02", content.seal(2, group), b"sottovoce file" + content.id
    )
    assert chunk == bytes(32) + TEXT[2 * CHUNK :] + bytes(3 * CHUNK - len(TEXT))
    digest = hashlib.sha256(b"sottovoce chunk" + content.id + b"\0\0\0\x02" + chunk).digest()
    assert content.chunk(1)[:32] == digest


def test_two_files_have_nothing_in_common(group: Group) -> None:
    one, two = Content(TEXT), Content(TEXT)
    assert one.id != two.id
    assert one.seal(0, group)[:-16] != two.seal(0, group)[:-16]


def refused(content: Content, key: bytes, index: int, expected: bytes, sealed: bytes) -> bool:
    with pytest.raises(AuthenticationError):
        open_chunk(key, content.id, index, expected, sealed)
    return True


def test_attack_a_chunk_is_changed(content: Content, key: bytes, group: Group) -> None:
    sealed = bytearray(content.seal(0, group))
    sealed[100] ^= 1
    assert refused(content, key, 0, content.first_hash, bytes(sealed))


def test_attack_chunks_change_places(content: Content, key: bytes, group: Group) -> None:
    assert refused(content, key, 0, content.first_hash, content.seal(1, group))
    assert refused(content, key, 1, content.first_hash, content.seal(1, group))


def test_attack_a_chunk_comes_a_second_time(content: Content, key: bytes, group: Group) -> None:
    sealed = content.seal(0, group)
    following, _ = open_chunk(key, content.id, 0, content.first_hash, sealed)
    assert refused(content, key, 1, following, sealed)


def test_attack_a_chunk_of_another_file(content: Content, key: bytes, group: Group) -> None:
    other = Content(TEXT)
    assert refused(content, key, 0, content.first_hash, other.seal(0, group))


def test_attack_a_member_with_the_key_makes_a_chunk(content: Content, key: bytes) -> None:
    forged = AESGCM(key).encrypt(
        bytes(12), bytes(32) + b"\xee" * CHUNK, b"sottovoce file" + content.id
    )
    assert refused(content, key, 0, content.first_hash, forged)


def test_attack_the_file_is_cut_short(content: Content, key: bytes, group: Group) -> None:
    following, _ = open_chunk(key, content.id, 0, content.first_hash, content.seal(0, group))
    assert following != NO_MORE  # and no chunk fits zeros: the last one is known by them


def test_attack_the_epoch_or_the_files_key_alone_opens_nothing(
    content: Content, key: bytes, group: Group
) -> None:
    later = Group.create(
        group_id=b"r" * 16,
        signing_key=SigningKey.generate(),
        identity=b"Ada",
        extensions={},
        now=NOW,
    )
    removed = chunk_key(content.key, content.id, later)  # has the key, not the epoch
    joiner = chunk_key(bytes(32), content.id, group)  # is in the epoch, was not told the key
    for wrong in (removed, joiner):
        assert refused(content, wrong, 0, content.first_hash, content.seal(0, group))
