from __future__ import annotations

import asyncio

import pytest
from showing import screen, shown, written
from textual.pilot import Pilot

from rooms.events import KeyChanged
from tui import toasting
from tui.conduct import Outcome
from tui.widgets.chat_input import ChatInput
from tui.widgets.knocks import KnockBanner
from tui.widgets.statusline import StatusLine
from tui.widgets.toasts import CallToasts

CHANGED = KeyChanged(leaf=1, name="Ada", old="SHA256:old", new="SHA256:new")


def rack(pilot: Pilot[Outcome]) -> CallToasts:
    return screen(pilot).query_one(CallToasts)


async def test_somebody_comes_and_it_passes(call, someone, monkeypatch) -> None:
    monkeypatch.setattr(toasting, "SHORT", 0.5)
    async with shown(call) as pilot:
        assert not rack(pilot).display
        call.arrive(someone(1, "Ada"))
        async with asyncio.timeout(10):
            while not rack(pilot).display:
                await pilot.pause()
            assert "Ada came in." in str(rack(pilot).render())
            while rack(pilot).display:
                await pilot.pause()


async def test_a_changed_key_stays_until_a_key_or_a_command_says_it_was_seen(call) -> None:
    async with shown(call) as pilot:
        for seen in (["y"], ["slash", *"ack", "enter", "escape"]):
            call.emit(CHANGED)
            await pilot.pause(0.3)
            assert "KEY CHANGED: Ada" in str(rack(pilot).render())
            assert "y: seen" in str(rack(pilot).render())
            await pilot.press(*seen)
            await pilot.pause()
            assert not rack(pilot).display
        await pilot.press("y")
        assert "nothing to be seen" in written(pilot)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (200, 60)])
async def test_it_covers_neither_the_line_nor_the_status_nor_a_banner(
    call, someone, knocker, size: tuple[int, int]
) -> None:
    async with shown(call, size) as pilot:
        call.knocked(knocker(7, "Mallory"))
        for number in range(5):
            call.emit(KeyChanged(leaf=1, name=f"Ada {number}", old="SHA256:o", new=f"n{number}"))
        await pilot.pause(0.4)
        region = rack(pilot).region
        assert region.area > 0
        assert region in pilot.app.screen.region
        for kind in (ChatInput, StatusLine):
            assert not region.overlaps(screen(pilot).query_one(kind).region)
        assert not region.overlaps(screen(pilot).query_one(KnockBanner).region)


async def test_a_key_pressed_before_an_alarm_is_drawn_does_not_acknowledge_it(call) -> None:
    async with shown(call) as pilot:
        call.emit(CHANGED)
        await pilot.press("y")
        assert "nothing to be seen" in written(pilot)
        await pilot.pause(0.4)
        assert "KEY CHANGED: Ada" in str(rack(pilot).render())
