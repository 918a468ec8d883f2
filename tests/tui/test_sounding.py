from __future__ import annotations

import asyncio

import pytest

from media.errors import DeviceError, TransportError
from rooms.events import ErrorEvent, InputEnded
from tui import sounding
from tui.sounding import until_deaf, until_spoken


@pytest.mark.parametrize("error", [DeviceError, TransportError])
@pytest.mark.parametrize("until", [until_deaf, until_spoken])
async def test_what_ends_the_sound_is_raised(call, until, error: type[Exception]) -> None:
    call.join()
    waiting = asyncio.create_task(until(call))
    await asyncio.sleep(0)
    call.emit(ErrorEvent(code="media.codec", message="a bad frame"))
    await asyncio.sleep(0)
    assert not waiting.done()
    for message in ("the first", "another"):
        call.emit(ErrorEvent(code=error.code, message=message, hint="do this"))
    with pytest.raises(error, match="the first"):
        await waiting


async def test_when_all_was_spoken_it_is_heard_out_and_muted(call, monkeypatch) -> None:
    monkeypatch.setattr(sounding, "DRAIN", 0.01)
    call.join()
    speaking = asyncio.create_task(until_spoken(call))
    await asyncio.sleep(0)
    call.emit(InputEnded(kind="lines"))
    await asyncio.sleep(0.02)
    assert not speaking.done()
    call.emit(InputEnded(kind="audio"))
    await speaking
    assert call.intents == [("muted", True)]
