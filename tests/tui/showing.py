"""A scripted call on the real application, and what is to be read there."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from scripted import own
from textual.pilot import Pilot
from textual.selection import SELECT_ALL

from tui.app import SottoApp
from tui.conduct import Limits, Outcome
from tui.own import Own
from tui.screens.call import CallScreen
from tui.widgets.chat_log import ChatLog
from tui.widgets.statusline import StatusLine


@contextlib.asynccontextmanager
async def shown(
    call, size: tuple[int, int] = (80, 24), *, mine: Own | None = None, **options: Any
) -> AsyncIterator[Pilot[Outcome]]:
    app = SottoApp(call.opened, Limits(), own=mine or own(), **options)
    async with app.run_test(size=size) as pilot:
        async with asyncio.timeout(10):
            while call.ended is None:
                await pilot.pause()
        await pilot.pause()
        yield pilot


def screen(pilot: Pilot[Outcome]) -> CallScreen:
    return next(s for s in pilot.app.screen_stack if isinstance(s, CallScreen))


def written(pilot: Pilot[Outcome]) -> str:
    return screen(pilot).query_one(ChatLog).get_selection(SELECT_ALL)[0]


def status(pilot: Pilot[Outcome]) -> str:
    return screen(pilot).query_one(StatusLine).render().plain


def intents(call) -> list[tuple[object, ...]]:
    return [intent for intent in call.intents if intent[0] != "view"]
