"""Where a session's media runs: in this process, or in one of its own. Cheap to import.

A media process keeps 20 ms deadlines beside a busy user interface; headless runs need none.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from e2ee.errors import SottovoceError
from media.control import Closed, Command, Event, Failed, Shutdown
from media.errors import MediaProcessError
from media.pipe import Pipe

if TYPE_CHECKING:
    from media.call import MediaCall

CLOSE_TIMEOUT = 3.0
"""Seconds media may take to close before its process is killed."""

_event_decoder: msgspec.msgpack.Decoder[Event] = msgspec.msgpack.Decoder(Event)


class MediaPort(Protocol):
    """A session's media. Events come in the event loop; the last one is `Closed`."""

    def send(self, command: Command) -> None:
        """Pass a command on; the first one starts the media. Commands after the end do nothing."""

    async def close(self) -> None:
        """Shut the media down and return when nothing of it is left; idempotent."""


class LocalMedia:
    """Media in this process and event loop."""

    def __init__(
        self,
        emit: Callable[[Event], None],
        make_call: Callable[[Callable[[Event], None]], MediaCall] | None = None,
    ) -> None:
        self._emit = emit
        self._make_call = make_call or _embedded_call
        self._commands: asyncio.Queue[Command] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def send(self, command: Command) -> None:
        """Pass a command on."""
        self._commands.put_nowait(command)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="media")

    async def close(self) -> None:
        """Shut the media down."""
        if self._task is not None:
            self._commands.put_nowait(Shutdown())
            await self._task

    async def _run(self) -> None:
        call: MediaCall | None = None
        try:
            call = self._make_call(self._emitted)
            while not call.closed:
                await call.handle(await self._commands.get())
        except Exception:
            self._emit(Failed("internal", "the media stopped because of a mistake of ours", ""))
            if call is not None:
                await call.handle(Shutdown())  # above all, the microphone
            else:
                self._emit(Closed())
            raise

    def _emitted(self, event: Event) -> None:
        self._emit(event)
        if isinstance(event, Closed):  # it may have ended by itself: wake up and end too
            self._commands.put_nowait(Shutdown())


class RemoteMedia:
    """Media in a process of its own, which ends when this one does, however it ends."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit
        self._pipe: Pipe | None = None
        self._process: Process | None = None
        self._waiting: list[Command] = []
        self._task: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """Return the id of the media process while there is one."""
        return None if self._process is None else self._process.pid

    def send(self, command: Command) -> None:
        """Pass a command on."""
        if self._pipe is not None:
            self._pipe.send(command)
        else:
            self._waiting.append(command)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="media process")

    async def close(self) -> None:
        """Ask the process to shut down; kill it if it does not."""
        if self._task is None:
            return
        self.send(Shutdown())
        _, pending = await asyncio.wait([self._task], timeout=CLOSE_TIMEOUT)
        if pending and self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        await self._task

    async def _run(self) -> None:
        """Keep the process from its start to its end; whatever happens, `Closed` comes last."""
        failure: SottovoceError | None = None
        try:
            pipe = await self._start()
            if not await self._relay(pipe):
                failure = MediaProcessError("the media process ended unexpectedly")
            await pipe.close()
        except MediaProcessError as error:
            failure = error
        await self._reap()
        if failure is not None:
            self._emit(Failed(failure.code, failure.message, failure.hint))
        self._emit(Closed())

    async def _start(self) -> Pipe:
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                self._process = await asyncio.create_subprocess_exec(
                    *_command(theirs.fileno()),
                    pass_fds=(theirs.fileno(),),
                    env=child_environment(),
                    stdin=DEVNULL,
                    stdout=DEVNULL,
                    stderr=DEVNULL,  # whatever a driver prints would land in the screen
                )
            except OSError as error:
                ours.close()
                raise MediaProcessError("the media process cannot be started") from error
        pipe = self._pipe = await Pipe.open(ours)
        for command in self._waiting:
            pipe.send(command)
        self._waiting.clear()
        return pipe

    async def _relay(self, pipe: Pipe) -> bool:
        """Pass events on; return whether the last one was `Closed`, which is kept back."""
        while (event := await pipe.receive(_event_decoder)) is not None:
            if isinstance(event, Closed):
                return True
            self._emit(event)
        return False

    async def _reap(self) -> None:
        if self._process is None:
            return
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await self._process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()


def _embedded_call(emit: Callable[[Event], None]) -> MediaCall:
    from media.call import MediaCall
    from media.engine.embedded_session import EmbeddedSession

    return MediaCall(EmbeddedSession(), emit)


def _command(descriptor: int) -> list[str]:
    # -P: a file called av.py or numpy.py where the person happens to be is never imported.
    return [sys.executable, "-P", "-m", "media.process", str(descriptor)]


def child_environment() -> dict[str, str]:
    """Return the environment for another process of ours: packages are found where we are."""
    home = str(Path(__file__).resolve().parents[1])
    paths = [home, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
