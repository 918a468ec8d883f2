from __future__ import annotations

import pytest
from scripted import own
from showing import intents, screen, shown, written

from rooms.settings import Settings
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


async def test_all_are_let_in_by_the_second_press_and_nobody_who_came_since(
    call, knocker, monkeypatch
) -> None:
    monkeypatch.setattr(knocks, "SETTLE", 0.0)
    async with shown(call) as pilot:
        for number, name in enumerate(("Ada", "Grace")):
            call.knocked(knocker(number, name))
        await pilot.press("A")
        assert "A again lets in Ada and Grace" in str(screen(pilot).query_one(KnockBanner).render())
        assert intents(call) == []
        call.knocked(knocker(3, "Mallory"))
        screen(pilot).post_message(ChatPanel.Written("/admit all"))
        await pilot.pause()
        assert intents(call) == [("admit", 0), ("admit", 1)]
        assert call.knocks[0].name == "Mallory"


async def test_keys_that_were_chosen_are_shown(call, knocker) -> None:
    mine = own(Settings(name="Me", keys={"admit": "f6"}))
    async with shown(call, mine=mine) as pilot:
        call.knocked(knocker(7, "Ada"))
        await pilot.pause()
        assert " f6 admit" in str(screen(pilot).query_one(KnockBanner).render())


async def test_changed_keys_are_admitted_one_by_one(call, knocker) -> None:
    async with shown(call) as pilot:
        call.knocked(knocker(7, "Ada", "changed"))
        await pilot.press("A")
        assert "admit them one by one" in written(pilot)


@pytest.mark.parametrize("line", ["/admit", "/refuse", "/admit all", "/admit_all"])
async def test_nobody_to_answer_is_said(call, line: str) -> None:
    async with shown(call) as pilot:
        screen(pilot).post_message(ChatPanel.Written(line))
        await pilot.pause()
        await pilot.pause()
        assert "Nobody is knocking." in written(pilot)
