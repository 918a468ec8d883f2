from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator

import pytest

from tui.lines import CHUNK, MAX_LINE, lines, read_line, read_wrapped


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    yield reader, writer
    os.close(reader)


def test_one_line_is_read_and_what_follows_stays(pipe) -> None:
    reader, writer = pipe
    os.write(writer, b" the link \nhello")
    os.close(writer)
    assert read_line(reader) == "the link"
    assert os.read(reader, 10) == b"hello"
    assert read_line(reader) == ""


@pytest.mark.parametrize(
    ("written", "read", "left"),
    [
        (b"abcdef\n.ghi\nhello\n", "abcdef.ghi", b"hello\n"),
        (b"abc\ndef\n.", "abcdef.", b""),
        (b"abc\ndef\nhello\n", "abcdef", b"hello\n"),
        (b"abcdef\nhello\n", "abcdef", b"hello\n"),
        (b"abc\n\nhello\n", "abc", b"hello\n"),
        (b"abc\nde", "abcde", b""),
        (b"\nhello\n", "", b"hello\n"),
        (b"", "", b""),
    ],
)
async def test_a_wrapped_text_is_read_to_its_end_and_no_further(
    pipe, written: bytes, read: str, left: bytes
) -> None:
    reader, writer = pipe
    os.write(writer, written)
    os.close(writer)

    def continuation(text: str) -> str | None:
        return "" if len(text) < 6 else "." if len(text) == 6 else None

    assert read_wrapped(continuation, reader) == read
    assert [line async for line in lines(reader)] == left.decode().splitlines()


async def test_lines_come_as_they_are_written(pipe) -> None:
    reader, writer = pipe
    coming = lines(reader)
    os.write(writer, "grüße\nand".encode())
    assert await anext(coming) == "grüße"
    os.write(writer, b" more\nrest\xff")
    assert await anext(coming) == "and more"
    os.close(writer)
    assert [line async for line in coming] == ["rest\ufffd"]


async def test_an_endless_line_is_cut(pipe) -> None:
    reader, writer = pipe
    coming = lines(reader)
    os.set_blocking(writer, False)
    sent = 0
    while sent < MAX_LINE:
        try:
            sent += os.write(writer, b"x" * 4096)
        except BlockingIOError:
            break
    os.close(writer)
    assert sum([len(line) async for line in coming]) == sent


async def test_a_closed_descriptor_is_the_end() -> None:
    reader, writer = os.pipe()
    os.close(writer)
    assert [line async for line in lines(reader)] == []
    os.close(reader)


async def test_no_more_is_read_than_is_taken(pipe) -> None:
    reader, writer = pipe
    os.set_blocking(writer, False)
    coming = lines(reader)

    def fill() -> int:
        sent = 0
        try:
            while True:
                sent += os.write(writer, b"y\n" * 2048)
        except BlockingIOError:
            return sent

    assert fill()
    assert await anext(coming) == "y"
    taken, sent = 1, 0
    for _ in range(20):  # whatever a thread that reads on had read by then
        await asyncio.sleep(0.01)
        sent += fill()
    assert sent <= 2 * CHUNK
    while taken < CHUNK:
        assert await anext(coming) == "y"
        taken += 1
    assert fill()
    os.close(writer)
