"""One call from start to end, the same for every face: limits in time, signals, a clean leave."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from rooms.events import AnyEvent, Ended, ErrorEvent, Joined
from tui.cli.exits import Exit, exit_for
from tui.conditions import Condition
from tui.ports import CallPort

LEAVE_GRACE = 3.0
"""Seconds a call has to say goodbye and close before it is ended for it."""
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class RunningCall(CallPort, Protocol):
    """A call that can be run to its end."""

    async def run(self) -> Ended:
        """Run until the call is over; `leave` ends it."""


Opener = Callable[[], AbstractAsyncContextManager[RunningCall]]
"""Sets up whatever a call needs (a server, robots), gives the call, and takes all of it down."""


@dataclass(frozen=True)
class Limits:
    """When a call is ended for whoever runs it.

    `timeout`: seconds to wait for being in the room; `stay`: seconds to stay in it; None is no
    limit. `until`: the first of these events ends it well; without one of them nothing else does.
    """

    timeout: float | None = None
    stay: float | None = None
    until: Sequence[Condition] = ()

    @property
    def awaited(self) -> str:
        """What is waited for, in words."""
        return " or ".join(map(str, self.until))


@dataclass(frozen=True)
class Outcome:
    """How a call ended: the exit code, and why if there is something to say."""

    code: int = Exit.DONE
    message: str = ""
    hint: str = ""


class Stop:
    """Asks a call to end, from a signal, a key or a limit; the first reason counts.

    What ends `outer` ends this, too.
    """

    def __init__(self, outer: Stop | None = None) -> None:
        self.outcome: Outcome | None = None
        self._asked = asyncio.Event()
        self._inner: Stop | None = None
        if outer is not None:
            outer._hold(self)

    def ask(self, outcome: Outcome) -> None:
        """Ask for the end."""
        if self.outcome is None:
            self.outcome = outcome
        self._asked.set()
        if self._inner is not None:
            self._inner.ask(outcome)

    def interrupt(self) -> None:
        """Ask for the end as Ctrl-C does."""
        self.ask(Outcome(Exit.INTERRUPTED))

    async def wait(self) -> None:
        """Return once the end was asked for."""
        await self._asked.wait()

    def _hold(self, inner: Stop) -> None:
        self._inner = inner  # there is one call at a time
        if self.outcome is not None:
            inner.ask(self.outcome)

    @contextlib.contextmanager
    def on_signals(self, *, at_once: bool = False) -> Iterator[None]:
        """Let SIGINT, SIGTERM and SIGHUP ask for the end while the context is open.

        `at_once`: one that comes after the end was asked for ends the process there and then; for
        faces that have no terminal to put back. A SIGHUP that is ignored (nohup) stays so.
        """
        loop = asyncio.get_running_loop()
        again = False

        def take(_number: int, _frame: object) -> None:
            nonlocal again
            if at_once and (again or self.outcome is not None):
                os._exit(Exit.INTERRUPTED)  # even if the event loop hangs
            again = True
            loop.call_soon_threadsafe(self.interrupt)

        before = {number: signal.getsignal(number) for number in SIGNALS}
        if before[signal.SIGHUP] is signal.SIG_IGN:
            del before[signal.SIGHUP]
        for number in before:
            signal.signal(number, take)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class _Watch:
    """Follows the events that decide about limits and about the last words."""

    def __init__(self, limits: Limits, stop: Stop) -> None:
        self.joined = asyncio.Event()
        self.hints: dict[str, str] = {}
        self.met = False
        self._limits = limits
        self._stop = stop

    def on_event(self, event: AnyEvent) -> None:
        if any(condition.met_by(event) for condition in self._limits.until):
            self.met = True
            self._stop.ask(Outcome())
        match event:
            case Joined():
                self.joined.set()
            case ErrorEvent():
                self.hints[event.code] = event.hint
            case _:
                pass


async def conduct(call: RunningCall, limits: Limits, stop: Stop) -> Outcome:
    """Run a call until it is over, a limit is reached or `stop` is asked; then leave it cleanly.

    Raises what `call.run` raises.
    """
    if stop.outcome is not None:
        return stop.outcome
    watch = _Watch(limits, stop)
    call.listen(watch.on_event)
    running = asyncio.ensure_future(call.run())
    helpers = [
        asyncio.ensure_future(stop.wait()),
        asyncio.ensure_future(_keep_limits(watch, limits, stop)),
    ]
    try:
        await asyncio.wait([running, helpers[0]], return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            call.leave()
            await asyncio.wait([running], timeout=LEAVE_GRACE)
    finally:
        await _cancel(*helpers, running)
    outcome = _outcome(running, watch, stop)
    if limits.until and not watch.met and outcome.code == Exit.DONE:
        return Outcome(Exit.PERSON, f"the call ended before {limits.awaited}")
    return outcome


async def _keep_limits(watch: _Watch, limits: Limits, stop: Stop) -> None:
    try:
        await asyncio.wait_for(watch.joined.wait(), limits.timeout)
    except TimeoutError:
        stop.ask(
            Outcome(Exit.TIMEOUT, f"not in the room after {limits.timeout:g} s", "is a host there?")
        )
        return
    if limits.stay is not None:
        await asyncio.sleep(limits.stay)
        late = Outcome(Exit.TIMEOUT, f"no {limits.awaited} in {limits.stay:g} s")
        stop.ask(late if limits.until else Outcome())


async def _cancel(*tasks: asyncio.Future[None] | asyncio.Future[Ended]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


def _outcome(running: asyncio.Future[Ended], watch: _Watch, stop: Stop) -> Outcome:
    if stop.outcome is not None and (running.cancelled() or running.exception() is None):
        return stop.outcome
    ended = running.result()
    code = exit_for(ended.code)
    if code == Exit.DONE:
        return Outcome()
    return Outcome(code, ended.reason, watch.hints.get(ended.code, ""))
