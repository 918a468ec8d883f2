from __future__ import annotations

import pytest
from textual.app import App

from tui.screens.pasting import PREVIEW, PasteScreen, preview


class Pasted(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.answers: list[object] = []

    def on_mount(self) -> None:
        self.push_screen(PasteScreen("a\nb\nc"), self.answers.append)


@pytest.mark.parametrize(("key", "answer"), [("s", "send"), ("j", "join"), ("escape", "")])
async def test_a_person_says_what_becomes_of_it(key: str, answer: str) -> None:
    async with Pasted().run_test() as pilot:
        await pilot.press("enter", key)
        assert pilot.app.answers == [answer]


def test_a_preview_is_short_and_no_markup() -> None:
    lines = ["[b]" + "x" * 100, *map(str, range(20))]
    shown = preview(lines, 40).plain.splitlines()
    assert len(shown) == PREVIEW + 1
    assert shown[0].startswith("[b]xx")
    assert len(shown[0]) == 40
    assert shown[-1] == f"and {21 - PREVIEW} more"
