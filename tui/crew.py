"""The robots of a demo: processes of their own that end with us, whatever ends us.

A robot reads the link from its standard input and ends when that is closed, which the system
does even for a parent that was killed. Arguments carry no secret.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from rooms.events import AnyEvent

END_GRACE = 3.0
"""Seconds a robot has to leave the call before it is killed."""
MAX_EVENT = 1 << 20
_decode = msgspec.json.Decoder(AnyEvent).decode


class RobotProcess:
    """One robot; its events go to `on_event`."""

    def __init__(self, name: str, seed: int, on_event: Callable[[AnyEvent], None]) -> None:
        self.name = name
        self.last_words: deque[str] = deque(maxlen=5)
        self._seed = seed
        self._on_event = on_event
        self._process: asyncio.subprocess.Process | None = None
        self._readers: list[asyncio.Task[None]] = []

    async def start(self, link: str) -> None:
        """Start the process and hand it the link."""
        command = ["-P", "-m", "tui.cli", "robot", "--name", self.name, "--seed", str(self._seed)]
        self._process = process = await asyncio.create_subprocess_exec(
            sys.executable,
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=_environment(),
            limit=MAX_EVENT,
            start_new_session=True,  # Ctrl-C is for us; we say goodbye to it
        )
        assert process.stdin is not None
        process.stdin.write(f"{link}\n".encode())
        self._readers = [
            asyncio.create_task(self._read_events(process)),
            asyncio.create_task(self._read_words(process)),
        ]

    async def _read_events(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            with contextlib.suppress(msgspec.MsgspecError):
                self._on_event(_decode(line))

    async def _read_words(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        async for line in process.stderr:
            self.last_words.append(line.decode(errors="replace").rstrip())

    async def end(self) -> None:
        """Close its input, wait for it, kill it if it stays. Idempotent."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), END_GRACE)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        await asyncio.wait(self._readers)


class Crew:
    """All robots of a demo, by name; their events go to the callback of each."""

    def __init__(self, listeners: Mapping[str, Callable[[AnyEvent], None]]) -> None:
        self.robots = [
            RobotProcess(name, seed, on_event)
            for seed, (name, on_event) in enumerate(listeners.items(), 1)
        ]
        self._starting: list[asyncio.Task[None]] = []

    def invite(self, link: str) -> None:
        """Start every robot."""
        self._starting = [asyncio.create_task(robot.start(link)) for robot in self.robots]

    async def end(self) -> None:
        """End every robot, those that have hardly started as well."""
        if self._starting:
            await asyncio.wait(self._starting)
        await asyncio.gather(*(robot.end() for robot in self.robots))


def _environment() -> dict[str, str]:
    """Return our environment, able to find the packages we run from wherever we were started."""
    home = str(Path(__file__).resolve().parent.parent)
    path = os.environ.get("PYTHONPATH", "")
    return {**os.environ, "PYTHONPATH": f"{home}{os.pathsep}{path}" if path else home}
