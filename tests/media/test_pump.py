from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator

import pytest

from media.pump import Pump


async def test_items_come_in_order_and_then_none_for_ever() -> None:
    pump = Pump([1, 2, 3], 2)
    assert [await pump.take() for _ in range(5)] == [1, 2, 3, None, None]


async def test_no_more_is_taken_than_is_wanted() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    pump = Pump(items(), 5)
    assert await pump.take() == 0
    await asyncio.sleep(0.05)
    assert len(taken) <= 8
    pump.close()


async def test_what_the_items_raise_is_raised_behind_them_and_once() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    pump = Pump(items(), 5)
    assert await pump.take() == 1
    with pytest.raises(ValueError, match="broken"):
        await pump.take()
    assert await pump.take() is None


async def test_a_cancelled_take_loses_nothing() -> None:
    go = threading.Event()

    def items() -> Iterator[int]:
        go.wait()
        yield from (1, 2)

    pump = Pump(items(), 5)
    taking = asyncio.create_task(pump.take())
    await asyncio.sleep(0.01)
    taking.cancel()
    await asyncio.wait([taking])
    go.set()
    assert [await pump.take(), await pump.take()] == [1, 2]


async def test_the_thread_ends_when_nothing_more_is_wanted() -> None:
    before = threading.active_count()

    def endless() -> Iterator[int]:
        while True:
            yield 1

    pump = Pump(endless(), 2)
    await pump.take()
    pump.close()
    async with asyncio.timeout(5):
        while threading.active_count() > before:
            await asyncio.sleep(0.005)


def test_a_loop_that_is_gone_ends_the_thread_too() -> None:
    before = threading.active_count()
    reader, writer = os.pipe()

    def items() -> Iterator[bytes]:
        while data := os.read(reader, 1):
            yield data

    async def take() -> bytes | None:
        os.write(writer, b"a")
        return await Pump(items(), 5).take()

    assert asyncio.run(take()) == b"a"
    os.write(writer, b"b")
    for thread in threading.enumerate()[before:]:
        thread.join(5)
    assert threading.active_count() == before
    os.close(reader)
    os.close(writer)
