"""Two people in two real terminals, from the link to the last goodbye, by keyboard alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from terminal import Terminal, assert_restored


@pytest.fixture
def open_terminal(
    require: Callable[[str], None], tmp_path: Path
) -> Iterator[Callable[[str], Terminal]]:
    """Open terminals whose people have a home, and so a key, of their own."""
    require("tmux")
    opened: list[Terminal] = []

    def open_(name: str) -> Terminal:
        home = tmp_path / name
        home.mkdir()
        opened.append(Terminal(tmp_path / f"{name}.tmux", home))
        return opened[-1]

    yield open_
    for each in opened:
        each.close()


def test_a_whole_call_by_keyboard(open_terminal: Callable[[str], Terminal]) -> None:
    ada, bob = open_terminal("ada"), open_terminal("bob")
    ada.run("call", "--name", "Ada", "--listen", "127.0.0.1", "--audio-in", "speech", "--muted")
    ada.shows("encrypted")
    bob.run("join", f"'{ada.copied_link()}'", "--name", "Bob", "--video-in", "testsrc")

    ada.shows("Bob wants to come in")
    time.sleep(1.0)  # keys typed just as a knock appears do not answer it
    ada.press("a")
    for each in (ada, bob):
        each.shows("2 in the room")
    ada.shows("▀{8}")  # Bob's picture

    bob.press("Enter")
    bob.type("hello Ada")
    bob.press("Enter", "Escape")
    ada.shows(r"Bob hello Ada")
    ada.press("R")
    ada.shows("↳ Bob: hello")
    ada.type("hi yourself")
    ada.press("Enter", "Escape")
    bob.shows("↳ Bob: hello Ada")
    bob.shows("Ada hi yourself")
    bob.press("e")
    bob.shows("/react takes any other")
    bob.press("1")
    ada.shows("👍 1")

    ada.press("m")
    bob.shows(r"[○●] Ada")
    ada.press("m")
    bob.shows(r"× Ada")

    for width, height in ((60, 20), (140, 40)):
        bob.resize(width, height)
        bob.shows("Ada")
        bob.shows("hi yourself")

    bob.press("q")
    assert_restored(bob, 0)
    ada.shows("Bob left")
    ada.press("q")
    assert_restored(ada, 0)
