from __future__ import annotations

from textual.app import App
from textual.widgets import Static

from tui.actions import ACTIONS
from tui.keymap import DEFAULT, Keymap
from tui.screens.help import HelpScreen, help_line, help_lines


def test_a_line_has_key_command_and_help() -> None:
    for action in ACTIONS:
        line = help_line(action, DEFAULT.name(action.id)).plain
        assert line.split()[0] in (DEFAULT.name(action.id), action.command)
        assert action.usage in line
        assert action.help in line
        assert len(line) <= 74


def test_it_shows_the_keys_a_person_chose() -> None:
    lines = [line.plain for line in help_lines(ACTIONS, Keymap({"mute": "ctrl+t"}))]
    assert any(line.lstrip().startswith("^t  /mute") for line in lines)


async def test_it_lists_every_action_and_closes() -> None:
    async with App[None]().run_test(size=(80, 24)) as pilot:
        pilot.app.push_screen(HelpScreen(ACTIONS, DEFAULT))
        await pilot.pause()
        text = "\n".join(str(line.render()) for line in pilot.app.screen.query(Static))
        assert all(action.usage in text for action in ACTIONS)
        await pilot.press("escape")
        assert not isinstance(pilot.app.screen, HelpScreen)
