"""A file that comes: the next piece or nothing."""

from __future__ import annotations

import os

import pytest

from e2ee.errors import AuthenticationError, UnknownKeyError
from e2ee.file_chunks import CHUNK, Content
from e2ee.mls.group import Group, SigningKey
from rooms import wire
from rooms.download import MAX_EPOCHS, SLOWEST, STALL, Download
from rooms.member_wire import FileOffer

NOW = 1_800_000_000
TEXT = os.urandom(3 * CHUNK - 100)


@pytest.fixture
def group() -> Group:
    key = SigningKey.generate()
    return Group.create(group_id=b"r" * 16, signing_key=key, identity=b"x", extensions={}, now=NOW)


@pytest.fixture
def content() -> Content:
    return Content(TEXT)


@pytest.fixture
def download(content: Content, group: Group) -> Download:
    offer = FileOffer(content.id, "x", content.size, content.first_hash, content.key)
    return Download(offer, group, NOW)


def piece(content: Content, index: int, group: Group) -> wire.ChunkDelivered:
    return wire.ChunkDelivered(content.id, group.epoch, index, content.seal(index, group))


def test_it_is_whole_after_its_last_piece(content, download, group) -> None:
    done = []
    for index in range(3):
        assert not download.is_whole
        download.take(piece(content, index, group), NOW + index)
        done.append(download.done)
    assert download.is_whole
    assert done == [CHUNK, 2 * CHUNK, len(TEXT)]
    assert download.read() == TEXT
    assert download.due == NOW + 2 + STALL


def test_pieces_that_all_come_late_are_not_waited_for_without_end(content, download, group) -> None:
    for index in range(2):
        download.take(piece(content, index, group), NOW + 15 * (index + 1))
    assert download.due == NOW + STALL + 3 * SLOWEST


@pytest.mark.parametrize("index", [0, 2])
def test_attack_a_piece_that_is_not_the_next(content, download, group, index) -> None:
    download.take(piece(content, 0, group), NOW)
    with pytest.raises(AuthenticationError):
        download.take(piece(content, index, group), NOW + 1)
    assert (download.done, download.due) == (CHUNK, NOW + STALL)
    download.take(piece(content, 1, group), NOW + 1)


def test_attack_a_piece_says_it_is_another_one(content, download, group) -> None:
    lying = wire.ChunkDelivered(content.id, group.epoch, 0, content.seal(1, group))
    with pytest.raises(AuthenticationError):
        download.take(lying, NOW)


def test_pieces_of_an_earlier_epoch_come_late(content, download, group) -> None:
    late = piece(content, 0, group)
    group.merge(group.commit(path=True, now=NOW))
    with pytest.raises(UnknownKeyError):
        download.take(piece(content, 0, group), NOW)
    download.next_epoch(group)
    download.take(late, NOW)
    download.take(piece(content, 1, group), NOW)


def test_keys_of_epochs_long_past_are_gone(content, download, group) -> None:
    late = piece(content, 0, group)
    for _ in range(MAX_EPOCHS):
        group.merge(group.commit(path=True, now=NOW))
        download.next_epoch(group)
    with pytest.raises(UnknownKeyError):
        download.take(late, NOW)
