from __future__ import annotations

from textual.app import App
from textual.widgets import Static

from tui.keys import ACTIONS
from tui.screens.help import HelpScreen, help_line


def test_a_line_has_key_command_and_help() -> None:
    for action in ACTIONS:
        line = help_line(action).plain
        assert action.key_name in line
        assert action.usage in line
        assert action.help in line
        assert len(line) <= 74


async def test_it_lists_every_action_and_closes() -> None:
    async with App[None]().run_test(size=(80, 24)) as pilot:
        pilot.app.push_screen(HelpScreen())
        await pilot.pause()
        lines = [str(line.render()) for line in pilot.app.screen.query(Static)]
        assert [line for line in lines if "/" in line] == [
            help_line(action).plain for action in ACTIONS
        ]
        await pilot.press("escape")
        assert not isinstance(pilot.app.screen, HelpScreen)
