from __future__ import annotations

import asyncio

import pytest
from scripted import own
from showing import intents, screen, shown, status, written
from textual.events import AppBlur
from textual.pilot import Pilot

from rooms.events import Reconnecting
from tui import talking
from tui.conduct import Outcome
from tui.keyboard import KeyboardReports, KeyReleased, KeyRepeated
from tui.screens.parts.talking import STEPPED_OUT

OPENED, CLOSED = ("muted", False), ("muted", True)


async def tell(pilot: Pilot[Outcome], *events) -> None:
    for event in events:
        pilot.app.post_message(event.set_sender(pilot.app))
        await pilot.pause()
    await pilot.pause()


@pytest.fixture
def call(call):
    call.muted = True
    return call


async def test_a_held_key_opens_the_microphone_until_it_is_released(call) -> None:
    async with shown(call, (140, 30)) as pilot:
        assert "space: talk on and off" in status(pilot)
        await pilot.press("space")
        assert intents(call) == [OPENED]
        await tell(pilot, KeyRepeated("space", " "), KeyReleased("space"))
        assert intents(call) == [OPENED, CLOSED]
        assert "space: hold to talk" in status(pilot)


async def test_a_terminal_that_promises_releases_shows_so_at_once(call) -> None:
    call.joins = False
    async with shown(call, (140, 30)) as pilot:
        await tell(pilot, KeyboardReports(27))
        screen(pilot).attach(call)
        call.join()
        await pilot.pause()
        assert "space: hold to talk" in status(pilot)


async def test_repeats_open_it_and_silence_closes_it(call, monkeypatch) -> None:
    monkeypatch.setattr(talking, "NEXT_GAP", 30.0)  # of whatever speed this machine is
    async with shown(call) as pilot:
        await pilot.press("space", "space", "space")
        assert intents(call) == [OPENED]
        monkeypatch.setattr(talking, "NEXT_GAP", 0.01)
        await pilot.press("space")
        async with asyncio.timeout(10):
            while not call.muted:
                await pilot.pause(0.01)
        assert intents(call) == [OPENED, CLOSED]


async def test_who_is_not_muted_is_heard_anyway(call) -> None:
    call.muted = False
    async with shown(call) as pilot:
        await pilot.press("space")
        await tell(pilot, KeyReleased("space"))
        assert intents(call) == []


async def test_without_a_microphone_nothing_opens(call) -> None:
    call.has_microphone = False
    async with shown(call) as pilot:
        await pilot.press("space")
        assert intents(call) == []


async def test_while_typing_the_key_types(call) -> None:
    async with shown(call) as pilot:
        await pilot.press("enter", "space")
        assert intents(call) == []


async def test_another_key_can_be_chosen(call) -> None:
    mine = own()
    mine.settings.keep("keys.talk", "t")
    async with shown(call, mine=mine) as pilot:
        await pilot.press("space")
        assert intents(call) == []
        await pilot.press("t")
        await tell(pilot, KeyReleased("t"))
        assert intents(call) == [OPENED, CLOSED]


async def test_typed_words_work_too(call) -> None:
    async with shown(call) as pilot:
        screen(pilot).carry_out("talk", "on")
        screen(pilot).carry_out("talk", "off")
        screen(pilot).carry_out("talk")
        assert intents(call) == [OPENED, CLOSED, OPENED]


@pytest.mark.parametrize("reason", ["blur", "modal", "typing", "reconnect"])
async def test_it_fails_closed(call, reason: str) -> None:
    async with shown(call) as pilot:
        await pilot.press("space")
        match reason:
            case "blur":
                await tell(pilot, AppBlur())
            case "modal":
                await pilot.press("question_mark")
            case "typing":
                await pilot.press("enter")
            case _:
                call.emit(Reconnecting(reason="gone"))
        assert intents(call) == [OPENED, CLOSED]
        await tell(pilot, KeyRepeated("space", " "))
        assert call.muted


async def test_muting_while_the_key_is_held_is_the_end_of_it(call) -> None:
    async with shown(call) as pilot:
        await pilot.press("space", "m")
        assert call.muted
        await tell(pilot, KeyRepeated("space", " "), KeyReleased("space"))
        assert intents(call) == [OPENED, CLOSED]


async def test_letting_go_does_not_mute_who_unmuted_by_another_key(call) -> None:
    async with shown(call) as pilot:
        await pilot.press("m")
        await tell(pilot, AppBlur())
        assert intents(call) == [OPENED]


async def test_who_steps_out_is_neither_heard_nor_seen(call) -> None:
    call.muted = False
    async with shown(call) as pilot:
        screen(pilot).step_out()
        assert intents(call) == [CLOSED, ("camera", False)]
        screen(pilot).step_out()
        await pilot.pause()
        assert written(pilot).count(STEPPED_OUT) == 1
