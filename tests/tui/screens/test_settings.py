from __future__ import annotations

import pytest
from textual.app import App
from textual.widgets import Input

from rooms.events import LevelState
from tui.actions import ACTIONS
from tui.keymap import Keymap
from tui.preferences import LOOKS
from tui.screens.asking import KeyScreen, LineScreen
from tui.screens.settings import SettingsScreen, rows
from tui.widgets.meter import Meter
from tui.widgets.rows import Rows


class Shown(App[None]):
    def __init__(self, settings, devices) -> None:
        super().__init__()
        self.shown = SettingsScreen(settings, devices, ACTIONS)

    def on_mount(self) -> None:
        self.push_screen(self.shown)

    def mark(self, name: str) -> None:
        listed = self.shown.query_one(Rows)
        listed.highlighted = listed.get_option_index(name)


def notes(app: App[None]) -> str:
    return " ".join(str(note.message) for note in app._notifications)


def test_there_is_a_row_for_each_look_device_and_action(settings) -> None:
    names = [row.id for row in rows(settings.now, ACTIONS, Keymap())]
    assert names[:4] == ["name", "audio_in", "audio_out", "video_in"]
    assert set(names) >= {look.name for look in LOOKS} | {f"keys.{a.id}" for a in ACTIONS}


async def test_enter_goes_to_the_next_look(settings, devices) -> None:
    async with Shown(settings, devices).run_test() as pilot:
        pilot.app.mark("theme")
        await pilot.press("enter")
        assert settings.now.theme == "light"


async def test_a_device_is_one_of_those_found(settings, devices) -> None:
    async with Shown(settings, devices).run_test() as pilot:
        await pilot.pause()
        pilot.app.mark("audio_in")
        seen = []
        for _ in range(3):
            await pilot.press("enter")
            seen.append(settings.now.audio_in)
        assert seen == ["none", "device:USB", "default"]


async def test_a_device_that_is_gone_gives_way_to_the_systems_own(settings, devices) -> None:
    settings.keep("audio_in", "device:Gone")
    async with Shown(settings, devices).run_test() as pilot:
        pilot.app.mark("audio_in")
        await pilot.press("enter")
        assert settings.now.audio_in == "default"


async def test_the_name_is_typed_and_one_too_long_is_not_taken(settings, devices) -> None:
    async with Shown(settings, devices).run_test() as pilot:
        pilot.app.mark("name")
        await pilot.press("enter")
        assert isinstance(pilot.app.screen, LineScreen)
        line = pilot.app.screen.query_one(Input)
        line.value = "x" * 70
        await pilot.press("enter")
        assert isinstance(pilot.app.screen, LineScreen)
        line.value = "Me too"
        await pilot.press("enter")
        assert settings.now.name == "Me too"


async def test_an_action_gets_the_key_that_is_pressed_and_its_own_again(settings, devices) -> None:
    async with Shown(settings, devices).run_test() as pilot:
        pilot.app.mark("keys.mute")
        await pilot.press("enter")
        assert isinstance(pilot.app.screen, KeyScreen)
        await pilot.press("ctrl+t")
        assert settings.now.keys == {"mute": "ctrl+t"}
        await pilot.press("enter", "backspace")
        assert settings.now.keys == {}
        await pilot.press("enter", "escape")
        assert settings.now.keys == {}


async def test_a_key_another_action_has_is_refused_in_one_line(settings, devices) -> None:
    async with Shown(settings, devices).run_test() as pilot:
        pilot.app.mark("keys.mute")
        await pilot.press("enter", "v")
        await pilot.pause()
        assert settings.now.keys == {}
        assert "both have the key v" in notes(pilot.app)


@pytest.mark.parametrize("name", ["theme", "audio_in"])
async def test_what_cannot_be_kept_is_said(settings, devices, name: str) -> None:
    settings.refused = name
    async with Shown(settings, devices).run_test() as pilot:
        pilot.app.mark(name)
        await pilot.press("enter")
        await pilot.pause()
        assert "cannot be written" in notes(pilot.app)


async def test_meters_run_while_it_is_open_and_no_longer(settings, devices) -> None:
    async with Shown(settings, devices).run_test() as pilot:
        await pilot.pause()
        devices.on_event(LevelState(microphone=0.5, loudspeaker=None))
        assert pilot.app.shown.query_one("#in", Meter).level == 0.5
        assert pilot.app.shown.query_one("#out", Meter).level is None
        await pilot.press("escape")
        await pilot.pause()
        assert devices.on_event is None
