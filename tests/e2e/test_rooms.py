"""Two people and plain `sotto`: open a room, paste its link, knock, talk, leave, come back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from terminal import Terminal, assert_restored


@pytest.fixture
def terminals(tmp_path: Path, require: Callable[[str], None]) -> Iterator[list[Terminal]]:
    require("tmux")
    made = []
    for name in ("Ada", "Noor"):
        home = tmp_path / name
        home.mkdir()
        (home / "settings.toml").write_text(f'name = "{name}"\n')
        made.append(Terminal(tmp_path / f"tmux-{name}", home))
    yield made
    for terminal in made:
        terminal.close()


def test_a_room_is_opened_joined_by_a_paste_left_and_joined_again(
    terminals: list[Terminal],
) -> None:
    ada, noor = terminals
    for one in terminals:
        one.run()
        one.shows("No rooms yet")
    ada.press("n")
    ada.shows("open a room")
    ada.press("Enter")
    ada.shows("encrypted")
    link = ada.copied_link()

    noor.paste(link)
    noor.shows("Its host's key is new to you")
    noor.press("Enter")
    noor.shows("A host has to let you in")
    noor.shows("they see you as Noor")
    ada.shows("Noor wants to come in")
    time.sleep(1.0)  # keys typed just as a knock appears do not answer it
    ada.press("a")
    noor.shows("2 in the room")
    noor.press("q")
    noor.shows("You left the call")
    noor.shows(r"Ada .*just now")

    noor.press("c")
    noor.shows("1 in it")
    noor.press("Enter")
    noor.shows("hosted by Ada, known key")
    ada.shows("Noor wants to come in")
    time.sleep(1.0)
    ada.press("a")
    noor.shows("2 in the room")
    ada.press("q")  # the server goes with her
    ada.shows("You left the call")
    ada.press("q")
    assert_restored(ada, 0)
