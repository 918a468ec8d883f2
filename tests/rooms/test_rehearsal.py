"""Devices tried outside a call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from media.control import OWN, Configure, Picture
from rooms import events
from rooms.rehearsal import Rehearsal


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("own_process", [False, True])
async def test_a_voice_and_a_face_are_there_until_it_is_closed(own_process: bool) -> None:
    told: list[events.AnyEvent] = []
    pictures: list[Picture] = []
    asked = Configure("speech:1", "none", "testsrc:1")
    rehearsal = Rehearsal(lambda: asked, own_process=own_process)
    rehearsal.open(told.append, pictures.append)
    rehearsal.set_view(40, 30)
    await until(lambda: any(isinstance(e, events.LevelState) and e.microphone for e in told))
    await until(lambda: bool(pictures))
    assert (pictures[0].leaf, pictures[0].width) == (OWN, 40)
    await rehearsal.close()
    await rehearsal.close()
    count = len(told)
    await asyncio.sleep(0.15)
    assert len(told) == count
    assert {type(event) for event in told} == {events.LevelState}


async def test_each_time_it_tries_what_is_asked_for_then() -> None:
    asked = [Configure("device:none such", "none", "none"), Configure("no.wav", "none", "none")]
    rehearsal = Rehearsal(lambda: asked.pop(0), own_process=False)
    told: list[events.AnyEvent] = []
    rehearsal.open(told.append)
    await until(lambda: any(isinstance(event, events.DevicesMissing) for event in told))
    await rehearsal.close()
    rehearsal.open(told.append)
    await until(lambda: any(isinstance(event, events.ErrorEvent) for event in told))
    await rehearsal.close()


async def test_devices_are_looked_for_while_it_is_closed() -> None:
    assert isinstance(await Rehearsal(Configure).found(), list)
