from __future__ import annotations

from rooms.events import FileDone, FileFailed, FileOffered, FileProgress
from rooms.file_events import FileFields
from tui.file_words import came_of, how_far, sends

ADAS = FileFields(
    file="ab" * 16, number=3, leaf=1, name="Ada", file_name="x.pdf", size=1_200_000, mine=False
)
OURS = FileFields(
    file="ab" * 16, number=3, leaf=0, name="Me", file_name="x.pdf", size=1_200_000, mine=True
)


def test_who_sends_what() -> None:
    assert sends(FileOffered(**ADAS)) == "Ada sends x.pdf (1.2 MB)"
    assert sends(FileDone(**OURS)) == "You send x.pdf (1.2 MB)"


def test_how_far_it_is() -> None:
    assert how_far(FileOffered(**ADAS)) == ""
    assert how_far(FileProgress(**ADAS, done=300_000)) == "25 %"
    assert how_far(FileDone(**ADAS)) == "/save 3"
    assert how_far(FileDone(**OURS)) == "sent"
    assert how_far(FileFailed(**ADAS, reason="incomplete")) == "failed: part of it is missing"


def test_an_empty_file_has_no_progress_to_divide() -> None:
    empty = FileFields(**{**ADAS, "size": 0})  # type: ignore[typeddict-item]
    assert how_far(FileProgress(**empty, done=0)) == "0 %"


def test_what_came_of_it() -> None:
    assert came_of(FileDone(**ADAS)) == "Ada's x.pdf is here: /save 3 writes it to the disk."
    assert came_of(FileDone(**OURS)) == "You sent x.pdf."
    assert came_of(FileFailed(**ADAS, reason="no_room")).startswith("Ada's x.pdf did not come: ")
    assert came_of(FileFailed(**OURS, reason="disconnected")) == (
        "Your x.pdf was not sent: the connection broke."
    )
