from __future__ import annotations

import pytest
from textual.app import App

from tui.actions import Action
from tui.keymap import DEFAULT, Keymap
from tui.screens.acting import ActingScreen, bindings

WAVE = Action("wave", "w", "Wave", "wave at everybody", "you")
NOD = Action("nod", "", "Nod", "nod", "you")


class Waving(ActingScreen):
    BINDINGS = bindings([WAVE, NOD])

    def __init__(self) -> None:
        super().__init__([WAVE, NOD])
        self.done: list[tuple[str, str]] = []
        self.does = {name: self._note(name) for name in ("wave", "nod")}

    def _note(self, name: str):
        return lambda argument: self.done.append((name, argument))


class Waved(App[None]):
    def __init__(self, keymap: Keymap | None = None) -> None:
        super().__init__()
        if keymap is not None:
            self.keymap = keymap
            self.set_keymap(keymap.chosen)

    def get_default_screen(self) -> Waving:
        return Waving()


async def test_a_key_carries_out_its_action() -> None:
    async with Waved().run_test() as pilot:
        screen = pilot.app.screen
        await pilot.press("w")
        screen.carry_out("nod", "slowly")
        assert screen.done == [("wave", ""), ("nod", "slowly")]
        assert screen.keymap is DEFAULT


@pytest.mark.parametrize(("key", "done"), [("x", [("wave", "")]), ("w", [])])
async def test_another_key_takes_the_place_of_its_own(key: str, done: object) -> None:
    keymap = Keymap({"wave": "x"}, [WAVE, NOD])
    async with Waved(keymap).run_test() as pilot:
        await pilot.press(key)
        assert pilot.app.screen.done == done


async def test_an_action_without_a_key_can_be_given_one() -> None:
    async with Waved(Keymap({"nod": "n"}, [WAVE, NOD])).run_test() as pilot:
        await pilot.press("n")
        assert pilot.app.screen.done == [("nod", "")]
