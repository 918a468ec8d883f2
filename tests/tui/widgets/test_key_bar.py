from __future__ import annotations

from textual.app import ComposeResult

from tui.actions import ROOMS
from tui.keymap import Keymap
from tui.screens.acting import ActingScreen
from tui.widgets.key_bar import KeyBar, bar, keys_in_words

FIRST, LAST = (("create", "new room"), ("join", "by link")), (("quit", "quit"),)


def test_it_shows_the_keys_a_person_chose_and_none_that_has_none() -> None:
    keymap = Keymap({"create": "ctrl+n", "join": ""})
    assert [words.plain for words in keys_in_words(FIRST, keymap)] == ["^n new room"]


def test_the_first_give_way_and_the_last_stay_at_the_right() -> None:
    first, last = (keys_in_words(keys, Keymap()) for keys in (FIRST, LAST))
    assert bar(first, last, 40).plain == "n new room   j by link            q quit"
    assert bar(first, last, 24).plain == "n new room        q quit"
    assert bar(first, last, 10).plain == "    q quit"


class Barred(ActingScreen):
    def __init__(self) -> None:
        super().__init__(ROOMS)

    def compose(self) -> ComposeResult:
        yield KeyBar(FIRST, LAST)


async def test_it_is_drawn_at_the_width_there_is() -> None:
    from textual.app import App

    async with App[None]().run_test(size=(60, 5)) as pilot:
        await pilot.app.push_screen(Barred())
        text = pilot.app.screen.query_one(KeyBar).render().plain
        assert text.startswith("n new room   j by link")
        assert len(text) == 58
