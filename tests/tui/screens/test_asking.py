from __future__ import annotations

import pytest
from textual.app import App
from textual.widgets import Input, Static

from tui.screens.asking import KeyScreen, LineScreen


class Asked(App[None]):
    def __init__(self, window) -> None:
        super().__init__()
        self.window = window
        self.answers: list[object] = []

    def on_mount(self) -> None:
        self.push_screen(self.window, self.answers.append)


def line() -> LineScreen:
    return LineScreen("name", value="Ad", check=lambda text: "" if text else "Say something.")


async def test_a_line_is_taken_with_enter() -> None:
    async with Asked(line()).run_test() as pilot:
        await pilot.press("a", "enter")
        assert pilot.app.answers == ["Ada"]


async def test_a_line_that_cannot_be_taken_says_why_and_stays() -> None:
    async with Asked(line()).run_test() as pilot:
        await pilot.press("backspace", "backspace", "enter")
        wrong = pilot.app.screen.query_one(".wrong", Static)
        assert "Say something." in str(wrong.render())
        await pilot.press("x")
        assert str(wrong.render()) == ""
        assert pilot.app.screen.query_one(Input).value == "x"
        assert pilot.app.answers == []


@pytest.mark.parametrize("window", [line(), KeyScreen("Mute")])
async def test_escape_leaves_it(window) -> None:
    async with Asked(window).run_test() as pilot:
        await pilot.press("escape")
        assert pilot.app.answers == [None]


@pytest.mark.parametrize(("key", "answer"), [("x", "x"), ("ctrl+t", "ctrl+t"), ("backspace", "")])
async def test_any_other_key_is_the_answer(key: str, answer: str) -> None:
    async with Asked(KeyScreen("Mute")).run_test() as pilot:
        await pilot.press(key)
        assert pilot.app.answers == [answer]
