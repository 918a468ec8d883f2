from __future__ import annotations

import pytest
from showing import intents, screen, shown, written

from tui.widgets import knocks
from tui.widgets.chat import ChatPanel
from tui.widgets.knocks import KnockBanner


async def test_a_knock_is_shown_and_answered(call, knocker, monkeypatch) -> None:
    monkeypatch.setattr(knocks, "SETTLE", 0.0)
    async with shown(call) as pilot:
        await pilot.press("a")
        call.knocked(knocker(7, "Ada"))
        call.knocked(knocker(8, "Mallory", "changed"))
        await pilot.pause()
        assert screen(pilot).query_one(KnockBanner).current == call.knocks[0]
        await pilot.press("a")
        assert screen(pilot).query_one(KnockBanner).current == call.knocks[0]
        await pilot.press("r")
        assert not screen(pilot).query_one(KnockBanner).display
        assert intents(call) == [("admit", 7), ("refuse", 8)]


async def test_a_key_meant_for_one_knock_does_not_admit_the_next(
    call, knocker, monkeypatch
) -> None:
    monkeypatch.setattr("tui.widgets.knocks.SETTLE", 60.0)  # a busy machine takes its time
    async with shown(call) as pilot:
        call.knocked(knocker(8, "Mallory"))
        await pilot.press("a")
        assert intents(call) == []


@pytest.mark.parametrize("line", ["/admit", "/refuse"])
async def test_nobody_to_answer_is_said(call, line: str) -> None:
    async with shown(call) as pilot:
        screen(pilot).post_message(ChatPanel.Written(line))
        await pilot.pause()
        await pilot.pause()
        assert "Nobody is knocking." in written(pilot)
