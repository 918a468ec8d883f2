from __future__ import annotations

import pytest

from tui.keys import perform


@pytest.fixture
def room(call, someone):
    call.join()
    call.arrive(someone(1, "Ada"))
    call.intents.clear()
    return call


def test_a_file_is_sent_by_its_path(room) -> None:
    assert perform(room, "/file ~/my report.pdf") == ""
    assert room.intents == [("send file", "~/my report.pdf")]
    assert perform(room, "/file") == "Say which file: /file PATH"


def test_why_a_file_cannot_be_sent_is_said(room) -> None:
    room.files.refusal = "it is too large"
    assert perform(room, "/file large") == "It is too large."


def test_nothing_is_here_to_be_saved(room) -> None:
    assert perform(room, "/save") == perform(room, "/save 1") == "No file is here to be saved."


@pytest.mark.parametrize(
    ("typed", "saved"),
    [
        ("/save", ("save", "3", "")),
        ("/save 1", ("save", "1", "")),
        ("/save 1 elsewhere.pdf", ("save", "1", "elsewhere.pdf")),
        ("/save a.pdf", ("save", "3", "")),
        ("/save a.pdf of mine.pdf", ("save", "2", "")),
        ("/save a.pdf of mine.pdf ~/x y", ("save", "2", "~/x y")),
    ],
)
def test_a_file_is_saved_by_number_or_name_or_as_the_last(room, typed: str, saved) -> None:
    for name in ("a.pdf", "a.pdf of mine.pdf", "a.pdf"):
        room.files.come(1, name)
    room.intents.clear()
    assert perform(room, typed) == f"Saved: {saved[2] or 'here'}"
    assert room.intents == [saved]


def test_what_is_not_here_is_not_saved(room) -> None:
    room.files.come(1, "a.pdf")
    assert perform(room, "/save 7 x") == "No file is here that is called 7."
    assert perform(room, "/save a.pd") == "No file is here that is called a.pd."
