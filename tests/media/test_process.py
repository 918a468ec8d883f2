"""The media process from inside: it serves one pipe and ends with it."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from pathlib import Path

import msgspec

from media import control
from media.pipe import CROWDED, Pipe
from media.process import pass_on, serve

ROOT = Path(__file__).resolve().parents[2]
events: msgspec.msgpack.Decoder[control.Event] = msgspec.msgpack.Decoder(control.Event)


def test_a_client_loads_nothing_of_the_server() -> None:
    code = "import sys, media.process; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "media.engine.embedded_session" in loaded
    assert loaded.isdisjoint({"media.engine.embedded_admin", "media.transport.ice_lite"})


async def served() -> tuple[Pipe, asyncio.Task[None]]:
    left, right = socket.socketpair()
    return await Pipe.open(left), asyncio.create_task(serve(await Pipe.open(right)))


async def test_it_ends_with_closed_after_shutdown() -> None:
    ours, task = await served()
    ours.send(control.Configure("none", "none"))
    ours.send(control.Shutdown())
    received = []
    while (event := await ours.receive(events)) is not None:
        received.append(type(event))
    assert received[0] is control.Offered
    assert received[-1] is control.Closed
    await task
    await ours.close()


async def test_it_ends_when_the_pipe_does() -> None:
    ours, task = await served()
    ours.send(control.Configure("speech:1", "none", "testsrc:1"))
    assert isinstance(await ours.receive(events), control.Offered)
    await ours.close()
    await asyncio.wait_for(task, 5)


async def test_it_ends_on_bytes_that_are_no_command() -> None:
    left, right = socket.socketpair()
    task = asyncio.create_task(serve(await Pipe.open(right)))
    left.sendall(b"\0\0\0\1\xff")
    await asyncio.wait_for(task, 5)
    left.close()


async def test_pictures_are_left_out_while_the_session_is_slow() -> None:
    left, right = socket.socketpair()
    theirs, ours = await Pipe.open(right), await Pipe.open(left)
    for _ in range(100):
        pass_on(theirs, control.Picture(0, 1, 1, bytes(CROWDED // 4)))
    pass_on(theirs, control.Closed())
    received = []
    while not received or received[-1] != control.Closed():
        received.append(await ours.receive(events))
    assert 4 <= len(received) < 50
    await ours.close()
    await theirs.close()
