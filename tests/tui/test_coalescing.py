"""Waking up less often."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace

import pytest

from rooms.events import AnyEvent, Joined, Reconnecting
from tui.coalescing import GRAIN, CoalescingSelector, while_in_room


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Note each pause."""
    pauses: list[float] = []
    monkeypatch.setattr("tui.coalescing.time", SimpleNamespace(sleep=pauses.append))
    return pauses


def run(selector: CoalescingSelector, main: Callable[[], object]) -> None:
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selector)) as runner:
        runner.run(main())


def test_with_no_grain_nothing_is_ever_paused(counted: list[float]) -> None:
    run(CoalescingSelector(), lambda: asyncio.sleep(0.01))
    assert counted == []


def test_a_pause_is_never_longer_than_the_grain_or_what_is_due(counted: list[float]) -> None:
    selector = CoalescingSelector()
    selector.grain = GRAIN
    assert selector.select(0) == []
    assert selector.select(-1) == []
    assert counted == []
    selector.select(0.01)
    selector.select(GRAIN + 0.01)
    assert counted == [0.01, GRAIN]


def test_what_is_ready_is_given_at_once(counted: list[float]) -> None:
    selector = CoalescingSelector()
    selector.grain = GRAIN
    reading, writing = os.pipe()
    try:
        key = selector.register(reading, 1, "data")
        os.write(writing, b"x")
        assert selector.select() == [(key, 1)]
        assert counted == []
        assert list(selector.get_map()) == [reading]
        assert selector.modify(reading, 1, "other").data == "other"
        selector.unregister(reading)
        assert selector.select(0) == []
    finally:
        os.close(reading)
        os.close(writing)
        selector.close()


def test_timers_threads_and_pipes_work_as_ever() -> None:
    selector = CoalescingSelector()
    selector.grain = 0.002

    async def main() -> None:
        before = time.monotonic()
        await asyncio.sleep(0.02)
        assert time.monotonic() - before >= 0.019
        assert await asyncio.to_thread(lambda: 5) == 5
        process = await asyncio.create_subprocess_exec("cat", stdin=-1, stdout=-1)
        assert (await process.communicate(b"text"))[0] == b"text"

    run(selector, main)


async def test_only_who_is_in_the_room_wakes_up_less_often() -> None:
    selector, listeners = CoalescingSelector(), list[Callable[[AnyEvent], None]]()

    @contextlib.asynccontextmanager
    async def opener() -> AsyncIterator[SimpleNamespace]:
        yield SimpleNamespace(listen=listeners.append)

    async with while_in_room(opener, selector)():
        listeners[0](Reconnecting(reason="x"))
        assert selector.grain == 0.0
        listeners[0](Joined(leaf=0, epoch=1, participants=[]))
        assert selector.grain == GRAIN
    assert selector.grain == 0.0
