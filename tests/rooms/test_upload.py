"""A file on its way to the server: all of it, in order."""

from __future__ import annotations

import pytest

from e2ee.file_chunks import CHUNK, Content
from e2ee.mls.group import Group, SigningKey
from rooms.upload import Upload

NOW = 1_800_000_000.0
COUNT = 60


@pytest.fixture(scope="module")
def group() -> Group:
    key = SigningKey.generate()
    return Group.create(
        group_id=b"r" * 16, signing_key=key, identity=b"x", extensions={}, now=int(NOW)
    )


@pytest.fixture
def upload() -> Upload:
    return Upload("x", Content(bytes(COUNT * CHUNK - 5)))


def send(upload: Upload, group: Group, now: float) -> list[int]:
    """Send what may be; return the indexes."""
    sent = []
    while upload.has_turn:
        sent.append(upload.send(group, now).index)
    return sent


def test_all_pieces_go_once_and_in_order(upload: Upload, group: Group) -> None:
    sent, now = [], NOW
    while not upload.is_over:
        sent += send(upload, group, now)
        now += 0.01
        assert upload.taken(now)
    assert sent == list(range(COUNT))
    assert upload.done == COUNT * CHUNK - 5
    assert not upload.taken(now)


def test_done_counts_what_the_server_has(upload: Upload, group: Group) -> None:
    send(upload, group, NOW)
    assert upload.done == 0
    upload.taken(NOW + 0.01)
    assert upload.done == CHUNK


def test_each_piece_says_the_epoch_it_is_sealed_for(upload: Upload, group: Group) -> None:
    piece = upload.send(group, NOW)
    assert (piece.epoch, piece.file) == (group.epoch, upload.content.id)
