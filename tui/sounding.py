"""Following a call's sound: until all of ours was spoken, or there is none to be had any more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from media.errors import DeviceError, TransportError
from rooms.events import AnyEvent, ErrorEvent, InputEnded
from tui.ports import CallPort

DRAIN = 0.6
"""Seconds in which the last sample has been heard by everybody: what jitter buffers may hold, and a
way through the network."""

_ERRORS = {error.code: error for error in (DeviceError, TransportError)}


async def until_deaf(call: CallPort) -> None:
    """Return never, but raise what ends the sound of a call we are in.

    Raises `DeviceError` when it can be written nowhere, `TransportError` when none comes.
    """
    await _watch(call, lambda _event: False)


async def until_spoken(call: CallPort) -> None:
    """Return when our source of sound has come to its end and everybody has heard that; muted.

    Raises `DeviceError` when there is no sound in it, `TransportError` when none gets through.
    """
    await _watch(call, lambda event: isinstance(event, InputEnded) and event.kind == "audio")
    await asyncio.sleep(DRAIN)
    call.set_muted(True)


def _watch(call: CallPort, over: Callable[[AnyEvent], bool]) -> asyncio.Future[None]:
    """Return what is done when an event says so, or has failed when an error of sound comes."""
    watched: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def on_event(event: AnyEvent) -> None:
        if watched.done():
            return
        if isinstance(event, ErrorEvent) and event.code in _ERRORS:
            watched.set_exception(_ERRORS[event.code](event.message, hint=event.hint))
        elif over(event):
            watched.set_result(None)

    call.listen(on_event)
    return watched
