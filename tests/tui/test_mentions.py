from __future__ import annotations

import pytest

from tui.mentions import links, mentions


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ada, are you there?", ["Ada"]),
        ("thanks @ada!", ["@ada"]),
        ("ADA: no", ["ADA"]),
        ("Adaptation", []),
        ("Canada", []),
        ("x@ada", ["@ada"]),
        ("ada ada", ["ada", "ada"]),
    ],
)
def test_a_name_counts_as_a_word_of_its_own(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in mentions(text, "Ada")] == found


def test_a_name_is_no_pattern_and_an_empty_one_is_nowhere() -> None:
    assert mentions("a.a aXa", "a.a") == [(0, 3)]
    assert mentions("anything", " ") == []
    assert mentions("hello Ada Lovelace (maths)", "Ada Lovelace") == [(6, 18)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https://example.org/a?b=c#d.", ["https://example.org/a?b=c#d"]),
        ("(http://example.org)", ["http://example.org"]),
        ("HTTPS://EXAMPLE.ORG and http://b.c", ["HTTPS://EXAMPLE.ORG", "http://b.c"]),
        ("javascript:alert(1) file:///etc/passwd ftp://a", []),
        ("https://", []),
    ],
)
def test_links_are_found_without_what_ends_the_sentence(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in links(text)] == found
