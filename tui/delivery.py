"""Lines written into a room one after the other, each followed until it has been delivered.

Delivered is a line that the room's server has put into the order everybody reads.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Final

from e2ee.errors import Fault, SottovoceError
from media.limits import TokenBucket
from rooms.events import AnyEvent, ChatReceived, ErrorEvent, Reconnected, Reconnecting
from tui.ports import CallPort
from tui.splitting import messages

RATE: Final = 8.0
BURST: Final = 64.0
"""Lines a second, and at once: a little less than servers pass on and clients show."""
WINDOW: Final = 16
"""Lines under way at once; no more are taken before one of them is delivered."""


class NotSentError(SottovoceError):
    """A line was refused: by the room's rules, or because it is none."""

    code = "chat.refused"
    fault = Fault.PERSON


class NotDeliveredError(SottovoceError):
    """A line is not delivered although there was time enough."""

    code = "chat.timeout"
    fault = Fault.PEER


class Delivery:
    """Says lines in a call we are in. `patience`: seconds in which one has to be delivered."""

    def __init__(
        self, call: CallPort, *, reply_to: str = "", patience: float | None = None
    ) -> None:
        self._call = call
        self._reply_to = reply_to
        self._patience = patience
        self._pace = TokenBucket(RATE, BURST)
        self._under_way = 0
        self._away = self._saying = False
        self._refusal: ErrorEvent | None = None
        self._changed = asyncio.Event()
        call.listen(self._on_event)

    async def send(self, texts: AsyncIterator[str]) -> None:
        """Say all texts in order; return when they are delivered.

        The next one is taken when there is room for it. Raises `NotSentError`,
        `NotDeliveredError`.
        """
        async for text in texts:
            for message in messages(text):
                await self._keep_pace()
                await self._until(lambda: self._under_way < WINDOW and not self._away)
                self._say(message)
        await self._until(lambda: self._under_way == 0)

    def _say(self, message: str) -> None:
        self._under_way += 1
        self._saying = True
        self._call.say(message, self._reply_to)
        self._saying = False
        if (refusal := self._refusal) is not None:
            raise NotSentError(refusal.message, hint=refusal.hint)

    async def _keep_pace(self) -> None:
        now = asyncio.get_running_loop().time
        while not self._pace.take(now()):  # noqa: ASYNC110 - it is time that is waited for
            await asyncio.sleep(1 / RATE)

    async def _until(self, holds: Callable[[], bool]) -> None:
        while not holds():
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), self._patience)
            except TimeoutError:
                raise NotDeliveredError(
                    f"nothing was delivered for {self._patience:g} s",
                    hint="the connection, or the others' keys, may be the reason",
                ) from None

    def _on_event(self, event: AnyEvent) -> None:
        match event:
            case ChatReceived(mine=True):
                self._under_way -= 1
            case ErrorEvent() if self._saying:
                self._refusal = event
            case Reconnecting():
                self._away = True
            case Reconnected():
                self._away = False
            case _:
                return
        self._changed.set()
