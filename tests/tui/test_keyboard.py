"""Recorded byte sequences of kitty's keyboard protocol, and what must come of them."""

from __future__ import annotations

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual._xterm_parser import XTermParser
from textual.events import Key, Paste

from tui.keyboard import KeyboardParser, KeyboardReports, KeyReleased, KeyRepeated


def heard(data: str) -> list[tuple[str, str]]:
    """Return kind and key of all that comes of some input."""
    return [(type(event).__name__, event.key) for event in KeyboardParser().feed(data)]


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ("\x1b[97;1:3u", "a"),
        ("\x1b[32;1:3u", "space"),
        ("\x1b[13;1:3u", "enter"),
        ("\x1b[1;1:3A", "up"),
        ("\x1b[3;1:3~", "delete"),
        ("\x1b[1;2:3P", "shift+f1"),
        ("\x1b[97;5:3u", "ctrl+a"),
        ("\x1b[57441;2:3u", "left_shift"),
    ],
)
def test_a_release_is_no_press(data: str, key: str) -> None:
    events = list(KeyboardParser().feed(data))
    assert [type(event) for event in events] == [KeyReleased]
    assert events[0].key == key  # type: ignore[attr-defined]
    assert not isinstance(events[0], Key)


def test_a_held_space_is_a_press_repeats_and_a_release() -> None:
    data = "\x1b[32;;32u" + 2 * "\x1b[32;1:2;32u" + "\x1b[32;1:3u"
    kinds = ["Key", "KeyRepeated", "KeyRepeated", "KeyReleased"]
    assert heard(data) == [(kind, "space") for kind in kinds]


def test_a_repeat_is_a_press_to_all_who_do_not_ask() -> None:
    [event] = KeyboardParser().feed("\x1b[97;1:2;97u")
    assert isinstance(event, KeyRepeated)
    assert (event.key, event.character) == ("a", "a")
    assert event.handler_name == Key.handler_name


def test_presses_may_say_that_they_are() -> None:
    assert heard("\x1b[97;1:1;97u") == [("Key", "a")]


def test_keys_without_the_protocol_are_as_before() -> None:
    assert heard("a \r\x1b[A\x1bOP") == [
        ("Key", key) for key in ("a", "space", "enter", "up", "f1")
    ]


@pytest.mark.parametrize(("flags", "releases"), [(27, True), (2, True), (25, False), (0, False)])
def test_the_terminal_says_whether_it_reports_releases(flags: int, releases: bool) -> None:
    [event] = KeyboardParser().feed(f"\x1b[?{flags}u")
    assert isinstance(event, KeyboardReports)
    assert event.releases == releases


@pytest.mark.parametrize(
    "data", ["\x1b[97;1:9u", "\x1b[99999999999;1:3u", "\x1b[97:65;2:3u", "\x1b[::;:u"]
)
def test_attack_sequences_that_make_no_sense_do_nothing(data: str) -> None:
    assert heard(f"{data}b") == [("Key", "b")]


@pytest.mark.parametrize("data", ["\x1b[97;1:3u", "\x1bm", "\x1b[mq" + 40 * "y"])
def test_attack_what_is_pasted_presses_no_key(data: str) -> None:
    [event] = KeyboardParser().feed(f"\x1b[200~x{data}\x1b[201~")
    assert isinstance(event, Paste)
    assert event.text == "x" + data.replace("\x1b", "")


@given(st.text("\x1b[]?<>=;:0123456789uA~acR \u4e00", max_size=60))
def test_no_input_ends_the_parser(data: str) -> None:
    list(KeyboardParser().feed(data))


def test_seam_the_parser_asks_one_method_what_a_sequence_means() -> None:
    signature = inspect.signature(XTermParser._sequence_to_key_events)
    assert list(signature.parameters) == ["self", "sequence", "alt"]
    source = inspect.getsource(XTermParser.parse)
    assert "sequence_to_key_events = self._sequence_to_key_events" in source


def test_seam_the_parser_itself_does_not_know_event_types() -> None:
    """When it does, ours may go."""
    with pytest.raises(ValueError):
        list(XTermParser().feed("\x1b[97;1:3u"))
