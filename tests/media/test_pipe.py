"""The pipe: whole messages or none, and an end is an end."""

from __future__ import annotations

import asyncio
import socket

import msgspec
import pytest

from media import control
from media.errors import MediaProcessError
from media.pipe import CROWDED, MAX_MESSAGE, Pipe

commands: msgspec.msgpack.Decoder[control.Command] = msgspec.msgpack.Decoder(control.Command)


@pytest.fixture
async def pair():
    left, right = socket.socketpair()
    ours, theirs = await Pipe.open(left), await Pipe.open(right)
    yield ours, theirs
    await ours.close()
    await theirs.close()


async def test_messages_come_whole_and_in_order(pair) -> None:
    ours, theirs = pair
    sent = [
        control.InstallKey(1, bytes(16), 0, frozenset({0, 1}), 0.5),
        control.SetVolume(1, 0.5),
        control.Shutdown(),
    ]
    for command in sent:
        ours.send(command)
    assert [await theirs.receive(commands) for _ in sent] == sent


async def test_the_other_end_gone_is_none(pair) -> None:
    ours, theirs = pair
    await ours.close()
    assert await theirs.receive(commands) is None
    theirs.send(control.Shutdown())
    ours.send(control.Shutdown())


@pytest.mark.parametrize(
    "garbage", [b"\0\0\0\1\xff", b"\0\0\0\0", (MAX_MESSAGE + 1).to_bytes(4, "big")]
)
async def test_bytes_that_are_no_message_are_refused(garbage: bytes) -> None:
    left, right = socket.socketpair()
    theirs = await Pipe.open(right)
    left.sendall(garbage)
    with pytest.raises(MediaProcessError):
        await theirs.receive(commands)
    left.close()
    await theirs.close()


async def test_half_a_message_is_the_end() -> None:
    left, right = socket.socketpair()
    theirs = await Pipe.open(right)
    left.sendall(b"\0\0\0\x10half")
    left.close()
    assert await theirs.receive(commands) is None
    await theirs.close()


async def test_a_slow_reader_crowds_the_pipe() -> None:
    left, right = socket.socketpair()
    ours = await Pipe.open(left)
    picture = control.Picture(0, 100, 100, bytes(30_000))
    assert not ours.is_crowded
    for _ in range(2 * CROWDED // 30_000):
        ours.send(picture)
    assert ours.is_crowded
    right.close()
    await asyncio.wait_for(ours.close(), 5)
