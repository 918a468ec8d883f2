from __future__ import annotations

import asyncio
import io

import pytest

from tui.cli.exits import Exit
from tui.conduct import Limits, Outcome, Stop
from tui.delivery import NotSentError
from tui.errand import Work, on_errand
from tui.headless import Headless


async def run(call, work: Work, stop: Stop | None = None) -> Outcome:
    face = Headless(log=io.StringIO())
    return await face.run(on_errand(call.opened, work), Limits(), stop or Stop())


async def test_the_call_is_left_when_the_work_is_done(call) -> None:
    async def work(room) -> None:
        assert room.participants
        room.say("done")

    assert (await run(call, work)).code == Exit.DONE
    assert call.intents == [("say", "done"), ("leave",)]


async def test_what_the_work_raises_ends_the_call_and_is_raised(call) -> None:
    async def work(_room) -> None:
        raise NotSentError("only hosts write here")

    with pytest.raises(NotSentError):
        await run(call, work)
    assert ("leave",) in call.intents


async def test_the_work_ends_with_the_call(call) -> None:
    cancelled = asyncio.Event()

    async def work(room) -> None:
        room.end("a host removed you", "room.removed")
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    assert (await run(call, work)).code == Exit.REMOVED
    assert cancelled.is_set()


async def test_before_we_are_in_the_room_nothing_is_done(call) -> None:
    call.joins = False
    stop = Stop()
    asyncio.get_running_loop().call_later(0.01, stop.interrupt)

    async def work(_room) -> None:
        raise AssertionError

    assert (await run(call, work, stop)).code == Exit.INTERRUPTED
