from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import pytest
from scripted import LINK, own
from showing import intents, screen
from showing import shown as shown_call
from textual.pilot import Pilot
from textual.widgets import Static

from rooms.events import Knocking, LevelState
from tui.conduct import Outcome
from tui.ports import OWN, Picture
from tui.screens.help import HelpScreen
from tui.screens.knocking import KnockingScreen
from tui.widgets.meter import Meter
from tui.widgets.video import VideoArea


@contextlib.asynccontextmanager
async def knocked(call, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[Outcome]]:
    call.joins = False
    call.link = LINK
    async with shown_call(call, size, mine=own()) as pilot:
        call.emit(Knocking(server="192.0.2.7:4433"))
        await pilot.pause()
        await pilot.pause()
        yield pilot


def text(pilot: Pilot[Outcome], where: str) -> str:
    return str(pilot.app.screen.query_one(where, Static).content)


async def test_a_knock_is_shown_until_we_are_let_in(call) -> None:
    async with knocked(call) as pilot:
        assert isinstance(pilot.app.screen, KnockingScreen)
        assert "hosted by Ada, known key" in text(pilot, "#who")
        assert "A host has to let you in.  0:00" in text(pilot, "#wait")
        assert "no sound and no picture leaves" in text(pilot, "#wait")
        call.emit(Knocking(server="192.0.2.7:4433", host_here=False))
        assert "No host is there now" in text(pilot, "#wait")
        await pilot.press("question_mark")
        assert isinstance(pilot.app.screen, HelpScreen)
        call.join()
        await pilot.pause()
        assert pilot.app.screen is screen(pilot)


async def test_microphone_and_camera_are_tried_only_while_we_wait(call) -> None:
    async with knocked(call) as pilot:
        assert ("rehearse", True) in intents(call)
        assert ("meters", True) in intents(call)
        assert any(intent[:2] == ("view", OWN) and intent[2] for intent in call.intents)
        call.emit(LevelState(microphone=0.5, loudspeaker=None))
        assert pilot.app.screen.query_one(Meter).level == 0.5
        area = pilot.app.screen.query_one(VideoArea)
        before = area.render_lines(area.size.region)
        call.show(Picture(OWN, 2, 2, bytes([200, 20, 20] * 4)))
        await pilot.pause()
        assert area.render_lines(area.size.region) != before
        call.join()
        assert ("rehearse", False) in intents(call)
        assert ("meters", False) in intents(call)


async def test_mute_and_camera_are_chosen_before_we_enter(call) -> None:
    async with knocked(call) as pilot:
        assert "on as you enter: the system's own" in text(pilot, "#devices")
        await pilot.press("m", "v")
        await pilot.pause()
        assert (call.muted, call.camera) == (True, False)
        assert "× muted" in text(pilot, "#devices")
        assert "× camera off" in text(pilot, "#devices")
        call.has_microphone = call.has_camera = False
        await pilot.press("m")
        await pilot.pause()
        assert "no microphone here\n× no camera here" in text(pilot, "#devices")


async def test_leaving_while_we_wait(call) -> None:
    async with knocked(call) as pilot:
        await pilot.press("q")
        await pilot.pause()
    assert ("leave",) in intents(call)
    assert intents(call)[-1] == ("rehearse", False)


async def test_who_hosts_does_not_knock(call) -> None:
    async with shown_call(call) as pilot:
        assert pilot.app.screen is screen(pilot)
        assert ("rehearse", True) not in intents(call)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (200, 60)])
async def test_it_is_drawn_at_any_size(call, size: tuple[int, int]) -> None:
    async with knocked(call, size) as pilot:
        bottom = pilot.app.screen.query_one("#devices").region.bottom
        assert bottom < size[1]
