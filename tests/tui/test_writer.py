from __future__ import annotations

import asyncio
import io
import os
import time
from pathlib import Path

import tui.writer as module
from tui.writer import Writer


class Lost:
    def __init__(self) -> None:
        self.errors: list[Exception] = []
        self.told = asyncio.Event()

    def __call__(self, error: Exception) -> None:
        self.errors.append(error)
        self.told.set()


async def test_lines_are_written_in_order_and_all_of_them_before_the_end(tmp_path: Path) -> None:
    lost = Lost()
    memory = io.StringIO()
    with (tmp_path / "out").open("w") as file:
        for out in (file, memory):
            writer = Writer(out, lost)
            for number in range(100):
                writer.write(f"é {number}")
            await writer.close()
            assert writer.error is None
    assert memory.getvalue() == (tmp_path / "out").read_text()
    assert memory.getvalue().splitlines() == [f"é {number}" for number in range(100)]
    assert lost.errors == []


async def test_a_reader_that_pauses_holds_up_nothing_and_misses_nothing() -> None:
    reader, writing = os.pipe()
    with os.fdopen(reader) as lines, os.fdopen(writing, "w") as file:
        writer = Writer(file, Lost())
        for _ in range(module.MOST // 2):
            writer.write("x" * 100)  # more than a pipe holds
        reading = asyncio.create_task(asyncio.to_thread(lines.read, 101 * module.MOST // 2))
        await writer.close()
        assert writer.error is None
        assert (await reading).count("\n") == module.MOST // 2


async def test_a_reader_that_never_reads_is_given_up_and_not_waited_for(monkeypatch) -> None:
    monkeypatch.setattr(module, "MOST", 10)
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    lost = Lost()
    reader, writing = os.pipe()
    with os.fdopen(reader), os.fdopen(writing, "w") as file:
        writer = Writer(file, lost)
        began = time.monotonic()
        for _ in range(30):
            writer.write("x" * 10_000)
            await asyncio.sleep(0.001)
        await writer.close()
        assert time.monotonic() - began < 30  # it would be forever
        assert [type(error) for error in lost.errors] == [TimeoutError]


async def test_what_is_not_read_at_the_end_is_told(monkeypatch) -> None:
    monkeypatch.setattr(module, "MOST", 10)
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    for lines in 2, 10:  # fewer than may wait, and as many
        reader, writing = os.pipe()
        with os.fdopen(reader), os.fdopen(writing, "w") as file:
            lost = Lost()
            writer = Writer(file, lost)
            writer.write("x" * 100_000)  # more than a pipe holds
            await asyncio.sleep(0.01)
            for _ in range(lines):
                writer.write("y")
            assert writer.error is None
            await writer.close()
            assert [type(error) for error in lost.errors] == [TimeoutError]


async def test_a_reader_that_is_gone_and_a_full_disk_are_told_once() -> None:
    reader, writing = os.pipe()
    os.close(reader)
    with os.fdopen(writing, "w") as pipe, Path("/dev/full").open("w") as full:
        for file, kind in ((pipe, BrokenPipeError), (full, OSError)):
            lost = Lost()
            writer = Writer(file, lost)
            writer.write("x")
            await lost.told.wait()
            writer.write("y")
            await writer.close()
            assert len(lost.errors) == 1
            assert isinstance(writer.error, kind)


async def test_what_a_reader_cannot_spell_is_written_all_the_same(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as binary, io.TextIOWrapper(binary) as file:
        writer = Writer(file, Lost(), encoding="ascii")
        writer.write("Zoë")
        await writer.close()
    assert (tmp_path / "out").read_bytes() == b"Zo?\n"
