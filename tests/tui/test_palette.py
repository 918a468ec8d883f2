from __future__ import annotations

import asyncio

from scripted import own
from textual.command import CommandPalette
from textual.pilot import Pilot

from tui.actions import ACTIONS
from tui.app import SottoApp
from tui.conduct import Limits, Outcome


def app_for(call) -> SottoApp:
    return SottoApp(call.opened, Limits(), own=own())


async def started(pilot: Pilot[Outcome], call) -> None:
    async with asyncio.timeout(10):
        while call.ended is None:
            await pilot.pause()
    await pilot.pause()


async def test_the_palette_offers_every_action(call) -> None:
    app = app_for(call)
    async with app.run_test() as pilot:
        await started(pilot, call)
        await pilot.press("ctrl+p")
        assert isinstance(app.screen, CommandPalette)
        for letter in "mute or":
            await pilot.press("space" if letter == " " else letter)
        await pilot.pause(0.2)
        await pilot.press("enter")
        await pilot.pause()
        assert ("muted", True) in call.intents
        provider = next(iter(app.COMMANDS))(app.screen)  # type: ignore[operator]
        titles = {hit.text async for hit in provider.discover()}
        assert titles >= {a.title for a in ACTIONS if a.id != "palette"}


async def test_titles_come_before_help_and_letters_scattered_over_help_are_no_match(call) -> None:
    app = app_for(call)
    async with app.run_test() as pilot:
        await started(pilot, call)
        provider = next(iter(app.COMMANDS))(app.screen)  # type: ignore[operator]
        hits = sorted([hit async for hit in provider.search("vol")], key=lambda hit: -hit.score)
        assert [str(hit.prompt) for hit in hits] == ["Volume", "Who is here"]
