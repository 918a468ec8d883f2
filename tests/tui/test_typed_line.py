from __future__ import annotations

import pytest

from tui.typed_line import ERASED, MAX_LINE, TypedLine


@pytest.mark.parametrize(
    ("keys", "echo", "left"),
    [
        ("hello", "hello", "hello"),
        ("helo\x7flo", f"helo{ERASED}lo", "hello"),
        ("x\b\b", f"x{ERASED}", ""),
        ("one two\x17", f"one two{ERASED * 3}", "one "),
        ("one two  \x17\x17", f"one two  {ERASED * 5}{ERASED * 4}", ""),
        ("one\x15", f"one{ERASED * 3}", ""),
        ("one\x12", "one\none", "one"),
        ("a\tb", "a b", "a b"),
        ("漢\x7f", f"漢{ERASED * 2}", ""),
        ("e\u0301\x7f", f"e\u0301{ERASED}", ""),
        ("grüße", "grüße", "grüße"),
        ("a\x00\x07\x0bb", "ab", "ab"),
        ("a\x04", "a", "a"),
    ],
)
def test_keys_do_what_a_terminal_does_with_them(keys: str, echo: str, left: str) -> None:
    line = TypedLine()
    assert line.feed(keys.encode()) == (echo, [])
    assert line.text == left
    assert not line.ended


def test_enter_completes_lines() -> None:
    line = TypedLine()
    assert line.feed(b"one\rtwo\n\nthr") == ("one\ntwo\n\nthr", ["one", "two", ""])
    assert line.feed(b"ee\n") == ("ee\n", ["three"])


def test_a_character_may_come_in_pieces() -> None:
    line = TypedLine()
    assert line.feed("ü".encode()[:1]) == ("", [])
    assert line.feed("ü".encode()[1:]) == ("ü", [])


@pytest.mark.parametrize(
    "keys", ["\x1b[A", "\x1b[1;5C", "\x1bOP", "\x1bx", "\x1b\x1b[A", "\x1b[200~", "\x1b]"]
)
def test_keys_of_screens_do_nothing(keys: str) -> None:
    line = TypedLine()
    assert line.feed(f"a{keys}b".encode()) == ("ab", [])


@pytest.mark.parametrize("key", [b"\x1b", b"\x1b[", b"\x1bO"])
def test_enter_after_half_a_key_loses_nothing(key: bytes) -> None:
    line = TypedLine()
    assert line.feed(b"hello" + key + b"\n") == ("hello\n", ["hello"])
    assert line.feed(b"A") == ("A", [])


def test_no_key_makes_an_escape_character() -> None:
    line = TypedLine()
    echo, _ = line.feed(bytes(range(256)) * 2)
    assert "\x1b" not in echo + line.text


def test_the_end_is_told_on_an_empty_line_only() -> None:
    line = TypedLine()
    line.feed(b"x\x04\x7f")
    assert not line.ended
    line.feed(b"\x04")
    assert line.ended


def test_an_endless_line_is_not_taken() -> None:
    line = TypedLine()
    line.feed(b"x" * (MAX_LINE + 5))
    assert len(line.text) == MAX_LINE
