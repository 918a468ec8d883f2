"""A session's clock: what is due is done, once, and soon enough."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from rooms import ticker
from rooms.ticker import Ticker

if TYPE_CHECKING:
    from tests.rooms.conftest import Table


async def test_what_is_due_is_done_and_the_next_thing_planned(table: Table) -> None:
    table.now = time.time() - 60
    host = table.host()
    table.join(host, "Ada")
    drained = asyncio.Event()
    clock = Ticker(host.protocol, drained.set)
    assert host.protocol.next_tick < time.time()
    clock.plan()
    async with asyncio.timeout(5):
        await drained.wait()
    assert host.protocol.next_tick > time.time()


async def test_before_the_room_nothing_is_due(table: Table) -> None:
    drained: list[None] = []
    Ticker(table.sit("Ada").protocol, lambda: drained.append(None)).plan()
    await asyncio.sleep(2 * ticker.MIN_TICK)
    assert drained == []
