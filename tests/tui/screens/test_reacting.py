from __future__ import annotations

import pytest
from textual.app import App
from textual.widgets import Static

from tui.actions.talk import EMOJI
from tui.screens.reacting import ReactScreen


class Asked(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.answers: list[object] = []

    def on_mount(self) -> None:
        self.push_screen(ReactScreen("Ada: [b]hi"), self.answers.append)


@pytest.mark.parametrize(("key", "answer"), [("1", "+1"), ("8", "wave"), ("escape", None)])
async def test_a_digit_is_an_emoji(key: str, answer: str | None) -> None:
    async with Asked().run_test() as pilot:
        await pilot.press("9", key)
        assert pilot.app.answers == [answer]


async def test_every_emoji_is_shown() -> None:
    async with Asked().run_test(size=(80, 24)) as pilot:
        shown = str(pilot.app.screen.query_one(Static).render())
        assert all(emoji in shown for emoji in EMOJI.values())
