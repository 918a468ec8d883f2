"""The passcode of a room during a call: asked for by a face, stretched beside the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from rooms import events
from rooms.phases import Phase
from rooms.protocol import RoomProtocol

NOT_HOST: Final = "only the host of a room has its passcode"
NOT_INSIDE: Final = "there is no passcode now: you are not in the room"


class Passcoding:
    """Implements `tui.ports.PasscodePort`. `drain` passes on what the protocol makes of it.

    `wanted`: have a passcode from the start. Listens to the events of its session.
    """

    def __init__(
        self, protocol: RoomProtocol, drain: Callable[[], None], *, wanted: bool = False
    ) -> None:
        self._protocol = protocol
        self._drain = drain
        self._wanted = wanted
        self._preparing: set[asyncio.Task[None]] = set()

    def ask(self) -> None:
        """Have the passcode told as `PasscodeShown`; one is made if there is none."""
        self._host(self._protocol.passcodes.ask)

    def renew(self) -> None:
        """Have a new passcode made and told; the old one is over."""
        self._host(self._protocol.passcodes.renew)

    def on_event(self, event: events.AnyEvent) -> None:
        """Begin with the call, and get ready for those who try."""
        match event:
            case events.Joined() if self._wanted:
                self.ask()
            case events.Reconnected():
                self._protocol.passcodes.come_back()
                self._drain()
            case events.PasscodeShown():
                task = asyncio.create_task(self._prepare(), name="passcode")
                self._preparing.add(task)
                task.add_done_callback(self._preparing.discard)
            case _:
                pass

    async def close(self) -> None:
        """Finish what is being computed."""
        await asyncio.gather(*self._preparing)

    def _host(self, act: Callable[[], None]) -> None:
        if self._protocol.role != "host":
            self._protocol.out.note(NOT_HOST)
        elif self._protocol.phase is not Phase.INSIDE:
            self._protocol.out.note(NOT_INSIDE)
        else:
            act()
        self._drain()

    async def _prepare(self) -> None:
        passcode = self._protocol.passcodes.passcode
        if passcode is not None:
            stretched = await asyncio.to_thread(passcode.stretch)
            self._protocol.passcodes.prepared(passcode, stretched)
