"""The words codes are spoken in."""

from __future__ import annotations

import hashlib
import itertools
import re

from e2ee.spoken_words import SPOKEN_WORDS, WORD_BITS


def test_every_ten_bits_have_a_word_of_their_own() -> None:
    assert len(SPOKEN_WORDS) == len(set(SPOKEN_WORDS)) == 2**WORD_BITS
    assert list(SPOKEN_WORDS) == sorted(SPOKEN_WORDS)


def test_words_are_short_and_plain() -> None:
    assert [word for word in SPOKEN_WORDS if not re.fullmatch("[a-z]{3,8}", word)] == []


def test_four_letters_tell_a_word() -> None:
    assert len({word[:4] for word in SPOKEN_WORDS}) == len(SPOKEN_WORDS)


def test_no_word_becomes_another_by_one_letter() -> None:
    """Whether one is misheard or mistyped: all the words with one letter left out differ."""
    shorter: dict[tuple[int, str], str] = {}
    for word in SPOKEN_WORDS:
        gaps = {(at, word[:at] + word[at + 1 :]) for at in range(len(word))}
        assert not gaps & shorter.keys(), word  # one letter replaced
        shorter.update(dict.fromkeys(gaps, word))
    missing = {rest for _, rest in shorter}
    assert not missing & set(SPOKEN_WORDS)  # one letter added


def test_no_two_words_sound_the_same() -> None:
    groups = [
        "bare bear",
        "board bored",
        "cereal serial",
        "choral coral",
        "flour flower",
        "hair hare",
        "knight night",
        "mail male",
        "pair pear",
        "peace piece",
        "plain plane",
        "principal principle",
        "rain reign",
        "right write",
        "sail sale",
        "sea see",
        "steal steel",
        "sun son",
        "tail tale",
        "weather whether",
        "weight wait",
        "which witch",
    ]
    words = set(SPOKEN_WORDS)
    alike = itertools.chain.from_iterable(group.split() for group in groups)
    assert words.isdisjoint(alike)


def test_the_list_stays_as_it_is() -> None:
    """Another list is another protocol."""
    digest = hashlib.sha256("\n".join(SPOKEN_WORDS).encode()).hexdigest()
    assert digest == "aac4f3a57e0c0ddc15eb4421bbd375c25531ce524926af9f4b4aafca51b4f4be"
