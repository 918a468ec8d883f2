"""The files others sent: bounded, and fair to whoever sends little."""

from __future__ import annotations

import pytest

from e2ee.file_chunks import MAX_FILE, Content, chunk_count
from e2ee.mls.group import Group, SigningKey
from rooms import wire
from rooms.download import Download
from rooms.member_wire import FileOffer
from rooms.shelf import MAX_BYTES, MAX_FILES, Shelf

ADA, BEN = b"ada", b"ben"


@pytest.fixture(scope="module")
def group() -> Group:
    key = SigningKey.generate()
    return Group.create(
        group_id=b"r" * 16, signing_key=key, identity=b"x", extensions={}, now=1_800_000_000
    )


def coming(group: Group, size: int = 1) -> tuple[bytes, Download]:
    """A file of which nothing is here yet."""
    content = Content(b"")
    offer = FileOffer(content.id, "x", size, content.first_hash, content.key)
    return content.id, Download(offer, group, 0.0)


def whole(group: Group, size: int = 1) -> tuple[bytes, Download]:
    content = Content(bytes(size))
    offer = FileOffer(content.id, "x", size, content.first_hash, content.key)
    download = Download(offer, group, 0.0)
    for index in range(chunk_count(size)):
        sealed = content.seal(index, group)
        download.take(wire.ChunkDelivered(content.id, group.epoch, index, sealed), 0.0)
    return content.id, download


def test_the_oldest_whole_file_makes_place(group: Group) -> None:
    shelf = Shelf()
    files = [whole(group) for _ in range(MAX_FILES + 1)]
    assert all(shelf.put(file, ADA, download) for file, download in files)
    assert shelf.get(files[0][0]) is None
    assert all(shelf.get(file) is download for file, download in files[1:])


def test_attack_somebody_sends_away_what_another_one_sent(group: Group) -> None:
    shelf = Shelf()
    kept = whole(group)
    assert shelf.put(kept[0], BEN, kept[1])
    for _ in range(20):
        assert shelf.put(*_with(ADA, whole(group)))
    assert shelf.get(kept[0]) is kept[1]


def test_attack_announcements_send_away_what_another_one_sent(group: Group) -> None:
    shelf = Shelf()
    kept = [whole(group, MAX_FILE) for _ in range(2)]
    assert all(shelf.put(*_with(BEN, file)) for file in kept)
    put = [shelf.put(*_with(ADA, coming(group, MAX_FILE))) for _ in range(MAX_FILES)]
    assert put.count(True) == 2  # one in a free place, one for the oldest of whoever has more
    assert shelf.get(kept[1][0]) is kept[1][1]


def test_attack_files_that_are_only_announced_take_all_the_room(group: Group) -> None:
    shelf = Shelf()
    put = [shelf.put(*_with(ADA, coming(group, MAX_FILE))) for _ in range(MAX_FILES)]
    assert put.count(True) * MAX_FILE <= MAX_BYTES
    assert put.count(True) == len(shelf.coming()) == 3
    assert shelf.put(*_with(BEN, whole(group)))


def test_what_is_coming_makes_no_place(group: Group) -> None:
    shelf = Shelf()
    files = [coming(group) for _ in range(MAX_FILES)]
    assert all(shelf.put(*_with(ADA, file)) for file in files)
    assert not shelf.put(*_with(BEN, coming(group)))
    shelf.drop(files[0][0])
    shelf.drop(b"one that is not there")
    assert shelf.put(*_with(BEN, coming(group)))


def _with(sender: bytes, file: tuple[bytes, Download]) -> tuple[bytes, bytes, Download]:
    return file[0], sender, file[1]
