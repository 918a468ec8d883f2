from __future__ import annotations

from showing import intents, shown, status, written
from textual.containers import Vertical

from rooms.events import (
    Hosting,
)
from tui.screens.help import HelpScreen
from tui.screens.link import LinkScreen
from tui.screens.verify import VerifyScreen


async def test_the_link_is_shown_to_share_and_behind_a_key(call) -> None:
    async with shown(call, (120, 50)) as pilot:
        call.emit(Hosting(link=call.link))
        await pilot.pause()
        assert f"sotto join '{call.link}'" in written(pilot)
        await pilot.press("l")
        assert isinstance(pilot.app.screen, LinkScreen)
        await pilot.press("escape", "question_mark")
        assert isinstance(pilot.app.screen, HelpScreen)
        await pilot.press("question_mark")
        call.link = ""
        await pilot.press("l")
        await pilot.pause()
        assert "no link yet" in written(pilot)


async def test_the_code_comes_up_by_itself_when_it_was_asked_for(call) -> None:
    async with shown(call, show_code=True) as pilot:
        call.emit(Hosting(link=call.link))
        await pilot.pause()
        assert isinstance(pilot.app.screen, LinkScreen)


async def test_the_code_is_shown_compared_and_said_in_the_status(call, someone) -> None:
    async with shown(call, (140, 40)) as pilot:
        call.arrive(someone(1, "Ada"))
        await pilot.press("k")
        await pilot.pause()
        assert isinstance(pilot.app.screen, VerifyScreen)
        assert "11111" not in written(pilot)
        await pilot.press("s")
        await pilot.pause()
        assert intents(call) == [("ask",), ("answer", True)]
        assert "Verified at epoch 2" in written(pilot)
        assert "verified at epoch 2" in status(pilot)
        call.verification.since = 1
        call.arrive(someone(2, "Bob"))
        await pilot.pause()
        assert "verified at epoch 2, 1 person since" in status(pilot)


async def test_a_code_whose_epoch_is_over_leaves_the_screen(call, someone) -> None:
    async with shown(call, (100, 30)) as pilot:
        await pilot.press("k")
        await pilot.pause()
        call.arrive(someone(1, "Ada"))
        await pilot.pause()
        await pilot.pause()
        top = pilot.app.screen
        assert isinstance(top, VerifyScreen)
        assert "epoch 2" in str(top.query_one(Vertical).border_title)
        assert intents(call) == [("ask",), ("ask",)]
        await pilot.press("d")
        await pilot.pause()
        assert "THE CODES DIFFER at epoch 2" in written(pilot)
        assert "verified at" not in status(pilot)
