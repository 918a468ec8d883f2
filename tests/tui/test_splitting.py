from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.member_wire import Chat, encode_member
from rooms.text import MAX_CHAT_LINES, clean_chat
from tui.splitting import MAX_BYTES, messages


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\x1b[31m", "\u200b"])
def test_what_nobody_could_see_is_no_message(text: str) -> None:
    assert list(messages(text)) == []


def test_what_fits_is_one_message_with_its_lines() -> None:
    assert list(messages("one\ntwo")) == ["one\ntwo"]


def test_more_lines_than_are_shown_become_several_messages() -> None:
    text = "\n".join(str(number) for number in range(2 * MAX_CHAT_LINES + 1))
    parts = list(messages(text))
    assert [len(part.split("\n")) for part in parts] == [MAX_CHAT_LINES, MAX_CHAT_LINES, 1]
    assert "\n".join(parts) == text


def test_a_long_line_is_cut_between_words() -> None:
    text = "sotto voce " * 1000
    parts = list(messages(text))
    assert " ".join(parts) == text.strip()
    assert all(part.endswith(("sotto", "voce")) for part in parts)


def test_a_message_of_nothing_but_blanks_is_never_made() -> None:
    assert list(messages(" " * (3 * MAX_BYTES) + "x")) == ["x"]
    assert list(messages("x" + " " * (3 * MAX_BYTES) + "y")) == ["x", "y"]
    assert list(messages("    x = 1")) == ["    x = 1"]


def test_what_has_no_place_to_cut_is_cut_all_the_same() -> None:
    assert list(messages("x" * (2 * MAX_BYTES + 1))) == ["x" * MAX_BYTES, "x" * MAX_BYTES, "x"]


@given(st.text(st.sampled_from("aé語😀 \n\u0301"), max_size=3 * MAX_BYTES))
def test_nothing_is_lost_and_every_message_can_be_carried(text: str) -> None:
    parts = list(messages(text))
    assert "".join("".join(parts).split()) == "".join(
        "".join(clean_chat(line).split()) for line in text.splitlines()
    )
    for part in parts:
        assert part
        assert clean_chat(part) == part
        encode_member(Chat(bytes(8), part, 1 << 53, bytes(8)))
