from __future__ import annotations

import pytest
from textual.app import App
from textual.widgets import Digits, Static

from rooms.events import VerificationCode
from tui.screens.verify import VerifyScreen

GROUPS = [f"{group}" * 5 for group in range(1, 7)]
WORDS = ["amber", "badge", "cabin", "dainty", "eager", "fabric", "gadget", "hammer", "iceberg"]
CODE = VerificationCode(epoch=4, digits=GROUPS, words=WORDS)


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20), (40, 12), (36, 14)])
async def test_the_whole_code_is_on_the_screen_large_where_there_is_room(
    size: tuple[int, int],
) -> None:
    async with App[None]().run_test(size=size) as pilot:
        await pilot.app.push_screen(VerifyScreen(CODE, lambda same, epoch: None))
        await pilot.pause()
        screen = pilot.app.screen
        large = [line.value for line in screen.query(Digits)]
        plain = "\n".join(str(line.render()) for line in screen.query(Static))
        assert bool(large) == (size[0] >= 60 and size[1] >= 20)
        for text in [*GROUPS, *WORDS]:
            assert text in f"{' '.join(large)}\n{plain}"
        for widget in [*screen.query(Digits), *screen.query(".words")]:
            assert screen.region.contains_region(widget.region)


@pytest.mark.parametrize(("key", "answers"), [("s", [True]), ("d", [False]), ("escape", [])])
async def test_one_key_answers_and_escape_does_not(key: str, answers: list[bool]) -> None:
    answered: list[bool] = []

    def answer(same: bool, epoch: int) -> None:
        assert epoch == CODE.epoch
        answered.append(same)

    async with App[None]().run_test() as pilot:
        await pilot.app.push_screen(VerifyScreen(CODE, answer))
        await pilot.press(key)
        await pilot.pause()
        assert answered == answers
        assert not isinstance(pilot.app.screen, VerifyScreen)
