"""A file on its way to the server: in order, and not more of it than the line takes."""

from __future__ import annotations

import pytest

from e2ee.file_chunks import CHUNK, Content
from e2ee.mls.group import Group, SigningKey
from rooms.upload import MOST_AHEAD, QUEUE, Upload

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


def through(upload: Upload, group: Group, *, takes: float) -> list[int]:
    """Send all of it over a line that takes one piece in so many seconds, and as long again to
    answer; return how many pieces were under way each time."""
    ahead, free, now = [], NOW, NOW
    answers: list[float] = []
    while not upload.is_over:
        for _ in send(upload, group, now):
            free = max(free, now) + takes
            answers.append(free + 0.01)
        ahead.append(len(answers))
        now = answers.pop(0)
        upload.taken(now)
    return ahead


def test_one_goes_first_and_more_once_it_is_clear_that_the_line_takes_them(
    upload: Upload, group: Group
) -> None:
    ahead = through(upload, group, takes=0.0001)
    assert ahead[:3] == [1, 2, 2]
    assert max(ahead) == MOST_AHEAD


def test_fewer_go_while_what_is_sent_waits_in_a_queue(upload: Upload, group: Group) -> None:
    takes = 0.04  # what is sent ahead of this line waits before it, and so does our sound
    assert max(through(upload, group, takes=takes)) * takes <= 2 * takes + QUEUE


def test_a_slow_line_has_one_piece_at_a_time_or_two(upload: Upload, group: Group) -> None:
    assert max(through(upload, group, takes=0.5)) == 2


def test_done_counts_what_the_server_has(upload: Upload, group: Group) -> None:
    send(upload, group, NOW)
    assert upload.done == 0
    upload.taken(NOW + 0.01)
    assert upload.done == CHUNK


def test_each_piece_says_the_epoch_it_is_sealed_for(upload: Upload, group: Group) -> None:
    piece = upload.send(group, NOW)
    assert (piece.epoch, piece.file) == (group.epoch, upload.content.id)
