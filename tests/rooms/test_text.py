"""Foreign names and words, made safe to show."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.text import (
    MAX_CHAT_LINES,
    MAX_NAME,
    NAMELESS,
    OURS,
    NamedKey,
    clean_chat,
    clean_line,
    clean_name,
    clean_reaction,
    distinct_names,
    mixes_scripts,
    skeleton,
)

HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mMallory\x1b[0m", "Mallory"),
        ("\x1b]0;new title\x07Mallory", "Mallory"),
        ("\x1b]52;c;cHduZWQ=\x1b\\Mallory", "Mallory"),
        ("\x1bPq#0;2;0;0;0\x1b\\Mallory", "Mallory"),
        ("\x9b2JMal\x9d0;t\x9clory", "Mallory"),
        ("\x1bcMal\x1b(0lory", "Mallory"),
        ("Mal\rlory\b\b\x7f", "Mal lory"),
        ("Mal\x00lory", "Mallory"),
    ],
)
def test_a_name_with_escape_sequences_moves_no_cursor(hostile: str, shown: str) -> None:
    assert clean_name(hostile) == shown


@pytest.mark.parametrize("trick", ["\u202e", "\u202d", "\u2066", "\u2067", "\u2069", "\u200f"])
def test_a_name_with_bidirectional_overrides_is_not_reordered(trick: str) -> None:
    assert clean_name(f"Mal{trick}lory{trick}") == "Mallory"
    assert clean_chat(f"pay{trick}100") == "pay100"


@pytest.mark.parametrize(
    "trick", ["\u200b", "\u200d", "\u2060", "\ufeff", "\u3164", "\ufe0f", "\U000e0041"]
)
def test_a_name_with_zero_width_characters_equals_the_plain_one(trick: str) -> None:
    assert clean_name(f"A{trick}lice{trick}") == "Alice"


def test_a_name_is_one_short_line() -> None:
    assert clean_name("Alice\nhost: Bob\u2028x") == "Alice host: Bob x"
    assert len(clean_name("a" * 500)) == MAX_NAME


@pytest.mark.parametrize("nothing", ["", "   ", "\u200b\u202e", "\u3164", "\x1b[31m"])
def test_an_invisible_name_is_shown_as_nameless(nothing: str) -> None:
    assert clean_name(nothing) == NAMELESS


def test_markup_stays_the_plain_text_it_is() -> None:
    assert clean_name("[bold red]x[/]") == "[bold red]x[/]"
    assert clean_chat("[link=file:///etc]x[/link] <b>") == "[link=file:///etc]x[/link] <b>"


def test_stacked_marks_do_not_paint_over_other_lines() -> None:
    stacked = "Z" + "\u0336\u0321\u031b\u0322\u034b" * 20 + "o"
    assert sum(unicodedata.combining(c) > 0 for c in clean_name(stacked)) <= 2


def test_chat_keeps_line_breaks_only() -> None:
    assert clean_chat("one\r\ntwo\rthree\tfour\x0b\x1b[2J") == "one\ntwo\nthree four"


def test_chat_cannot_scroll_everything_away() -> None:
    assert clean_chat("a" + "\n" * 3000 + "b") == "a\n\nb"
    assert len(clean_chat("x\n" * 3000).split("\n")) == MAX_CHAT_LINES
    assert clean_chat("\n\n  \n") == ""


def test_a_line_is_bounded() -> None:
    assert clean_line("x\ny" * 500, 10) == "x yx yx yx"


@given(st.text())
def test_whatever_comes_only_visible_text_remains(text: str) -> None:
    for shown in (clean_name(text), clean_line(text), clean_chat(text).replace("\n", "")):
        assert not HIDDEN & {unicodedata.category(char) for char in shown}
    assert clean_name(clean_name(text)) == clean_name(text)


ALICE = NamedKey("Alice", "SHA256:aaaaaaaaaaaaaaaa")


@pytest.mark.parametrize(
    "imitation",
    [
        "alice",
        "Аlice",  # Cyrillic A
        "Al1ce",
        "AIice",  # capital i
        "A l i c e",
        "Αlíce",  # Greek A, accent
        "Ａｌｉｃｅ",  # fullwidth
        "Alice.",
        "Alice (aaaaaaaa)",  # our own suffix, imitated
        "ᎪlᎥᏟᎬ",
    ],
)
def test_two_participants_with_look_alike_names_are_told_apart(imitation: str) -> None:
    shown = distinct_names(
        {
            0: ALICE,
            1: NamedKey(imitation, "SHA256:bbbbbbbbbbbbbbbb"),
            2: NamedKey("Bob", "SHA256:c"),
        }
    )
    assert shown == {0: "Alice (aaaaaaaa)", 1: f"{imitation} (bbbbbbbb)", 2: "Bob"}


def test_different_names_stay_as_they_are() -> None:
    people = {
        0: ALICE,
        1: NamedKey("Bob", "SHA256:b"),
        2: NamedKey("Zoë", "SHA256:z"),
        3: NamedKey("Иван", "SHA256:i"),
    }
    assert distinct_names(people) == {key: person.name for key, person in people.items()}


def test_two_devices_with_one_key_share_a_name() -> None:
    assert distinct_names({0: ALICE, 1: ALICE}) == {0: "Alice", 1: "Alice"}


def test_a_name_that_mixes_alphabets_always_shows_its_key() -> None:
    assert mixes_scripts("Boриs")
    assert not mixes_scripts("Борис 2")
    assert distinct_names({0: NamedKey("Boриs", "SHA256:kkkkkkkkkk")}) == {0: "Boриs (kkkkkkkk)"}


def test_a_name_without_letters_still_has_a_skeleton() -> None:
    assert skeleton("★") != skeleton("☺")


@given(st.text(min_size=1))
def test_a_skeleton_never_is_empty(text: str) -> None:
    assert skeleton(text)


@pytest.mark.parametrize(
    "name", ["you", "You", "yoυ", "you (host)", "Nobody", "Server", "Sottovoce"]
)
def test_attack_somebody_is_called_as_faces_call_others(name: str) -> None:
    assert distinct_names({1: NamedKey(name, "SHA256:abcdefghij")})[1] == f"{name} (abcdefgh)"


def test_words_of_faces_are_written_as_skeletons() -> None:
    assert {skeleton(word) for word in OURS} == OURS


# --- reactions ---


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("👍", "👍"),
        ("+1", "+1"),
        ("❤\ufe0f", "❤"),
        ("👍🏽", "👍🏽"),
        ("🇩🇪", "🇩🇪"),
        ("1\ufe0f\u20e3", "1\u20e3"),
        ("👩\u200d💻", "👩💻"),
        (" 👍\n", "👍"),
        ("\x1b[31m👍\u202e", "👍"),
        ("", ""),
        ("\u200d\ufe0f", ""),
        ("\u0301", ""),
        ("\u20e3", ""),
        ("yes please", ""),
        ("a\nb", ""),
    ],
    ids=ascii,
)
def test_a_reaction_is_one_visible_word(sent: str, shown: str) -> None:
    assert clean_reaction(sent) == shown
    assert clean_reaction(shown) == shown
