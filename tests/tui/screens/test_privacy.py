from __future__ import annotations

import pytest
from textual.app import App

from rooms.ledger import LedgerLine
from tui.preferences import PRIVACY
from tui.screens import privacy
from tui.screens.privacy import PrivacyScreen, detail
from tui.widgets.rows import Rows
from tui.widgets.usage import Usage


class Shown(App[None]):
    def __init__(self, settings, ledger) -> None:
        super().__init__()
        self.shown = PrivacyScreen(settings, ledger)

    def on_mount(self) -> None:
        self.push_screen(self.shown)


def shown_rows(screen: PrivacyScreen) -> list[str]:
    rows = screen.query_one(Rows)
    return [str(rows.get_option_at_index(n).prompt) for n in range(rows.option_count)]


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
async def test_every_setting_is_a_line_with_its_value(settings, ledger, size) -> None:
    async with Shown(settings, ledger).run_test(size=size) as pilot:
        await pilot.pause()
        lines = shown_rows(pilot.app.screen)
        for preference, line in zip(PRIVACY, lines, strict=True):
            assert preference.title in line
            assert preference.current(settings.now).words[:20] in line
            choice = preference.current(settings.now)
            assert ("!" in line) == (bool(choice.costs) and choice is not preference.choices[0])
        usage = pilot.app.screen.query_one(Usage)
        assert usage.region.height > 0
        assert "192.0.2.7:4433" in usage.render().plain


async def test_enter_goes_to_the_next_choice_and_says_what_it_costs(settings, ledger) -> None:
    async with Shown(settings, ledger).run_test(size=(160, 48)) as pilot:
        await pilot.press("down", "down", "down")
        assert not settings.now.camera_on
        await pilot.press("enter")
        assert settings.now.camera_on
        assert "you are seen as soon as you are let in" in shown_rows(pilot.app.screen)[3]
        await pilot.press("space")
        assert not settings.now.camera_on


async def test_a_setting_that_cannot_be_kept_is_said_and_stays(settings, ledger) -> None:
    settings.refused = PRIVACY[0].name
    async with Shown(settings, ledger).run_test() as pilot:
        before = settings.now
        await pilot.press("enter")
        await pilot.pause()
        assert settings.now == before
        assert any("cannot be written" in str(n.message) for n in pilot.app._notifications)


async def test_what_leaves_meanwhile_is_counted(settings, ledger, monkeypatch) -> None:
    monkeypatch.setattr(privacy, "REFRESH", 0.01)
    async with Shown(settings, ledger).run_test(size=(160, 48)) as pilot:
        ledger.lines.append(LedgerLine("198.51.100.1:1", "signalling", "all [b]of[/b] it", 1, 2))
        await pilot.pause(0.1)
        text = pilot.app.screen.query_one(Usage).render().plain
        assert "198.51.100.1:1" in text
        assert "all [b]of[/b] it" in text
        assert "2 addresses" not in text
        assert "3 addresses" in text
        await pilot.press("e")
        assert ledger.exported == 1
        await pilot.press("escape")
        assert pilot.app.screen is not pilot.app.shown


def test_a_detail_shows_every_choice_and_marks_the_one_made(settings) -> None:
    for preference in PRIVACY:
        lines = detail(preference, settings.now).plain.splitlines()[1:]
        made = [line for line in lines if line.startswith("●")]
        assert len(lines) == len(preference.choices)
        assert len(made) == 1
        assert preference.current(settings.now).words in made[0]
