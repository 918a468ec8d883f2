"""Following a call's sound: whether there still is any to be had."""

from __future__ import annotations

import asyncio

from media.errors import DeviceError, TransportError
from rooms.events import AnyEvent, ErrorEvent
from tui.ports import CallPort

_ERRORS = {error.code: error for error in (DeviceError, TransportError)}


async def until_deaf(call: CallPort) -> None:
    """Return never, but raise what ends the sound of a call we are in.

    Raises `DeviceError` when it can be written nowhere, `TransportError` when none comes.
    """
    over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def on_event(event: AnyEvent) -> None:
        if isinstance(event, ErrorEvent) and event.code in _ERRORS and not over.done():
            over.set_exception(_ERRORS[event.code](event.message, hint=event.hint))

    call.listen(on_event)
    await over
