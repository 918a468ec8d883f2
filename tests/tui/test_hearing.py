from __future__ import annotations

import asyncio

import pytest

from media.errors import DeviceError, TransportError
from rooms.events import ErrorEvent
from tui.hearing import until_deaf


@pytest.mark.parametrize("error", [DeviceError, TransportError])
async def test_what_ends_the_sound_is_raised(call, error: type[Exception]) -> None:
    call.join()
    hearing = asyncio.create_task(until_deaf(call))
    await asyncio.sleep(0)
    call.emit(ErrorEvent(code="media.codec", message="a bad frame"))
    await asyncio.sleep(0)
    assert not hearing.done()
    for message in ("the first", "another"):
        call.emit(ErrorEvent(code=error.code, message=message, hint="do this"))
    with pytest.raises(error, match="the first"):
        await hearing
