"""Commands that run when something happens in a call (`--on`). No shell ever sees a word of them.

A command gets the event as JSON on its standard input, and its plain fields in the environment.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

import msgspec

from rooms.events import AnyEvent, Participant
from tui.cli.report import complain
from tui.conditions import KINDS, Condition
from tui.process_group import ProcessGroup

AT_ONCE: Final = 8
WAITING: Final = 64
"""Events that wait for a command to end; more are dropped."""
GRACE: Final = 5.0
"""Seconds commands have after the end of the call."""
LAST_WORDS: Final = 1.0
"""Seconds between asking them to end and ending them."""
PREFIX: Final = "SOTTO_"
SECRET: Final = frozenset({"link", "passcode", "digits", "words"})
"""Fields that are on standard input only: an environment is inherited, and printed by some."""
_KINDS: Final = (*KINDS.values(), Participant)
_FIELDS: Final = {name for kind in _KINDS for name in kind.__struct_fields__} | {"event", "call"}


@dataclass(frozen=True)
class Hook:
    """A command, as a program and its arguments, and when to run it."""

    condition: Condition
    command: tuple[str, ...]


def environment(event: AnyEvent, call: int | None) -> dict[str, str]:
    """Return our environment and what there is to know: `SOTTO_EVENT`, `SOTTO_CALL`, `SOTTO_NAME`.

    Lists are left out, a participant's fields stand for themselves. `call`: for `sotto ctl`.
    """
    told = msgspec.to_builtins(event)
    told |= told.pop("participant", {}) | ({} if call is None else {"call": call})
    stale = {PREFIX + name.upper() for name in _FIELDS}
    kept = {name: value for name, value in os.environ.items() if name not in stale}
    plain = {name: value for name, value in told.items() if not isinstance(value, list | dict)}
    return kept | {PREFIX + name.upper(): _spelled(plain[name]) for name in plain.keys() - SECRET}


def _spelled(value: object) -> str:
    """Return a value as JSON has it, but texts without quotes, and nothing for null."""
    if value is None or isinstance(value, str):
        return value or ""
    return msgspec.json.encode(value).decode()


class Hooks:
    """A context that runs commands on events; at its end they get a moment, and are ended.

    `call`: the number of the call; `complain`: says a line to the person.
    """

    def __init__(
        self,
        hooks: Sequence[Hook] = (),
        call: int | None = None,
        complain: Callable[[str], None] = complain,
    ) -> None:
        self._hooks = hooks
        self._call = call
        self._complain = complain
        self._stack = AsyncExitStack()
        self._group = ProcessGroup()
        self._running: set[asyncio.Task[None]] = set()
        self._waiting: deque[tuple[Hook, AnyEvent]] = deque()
        self._dropping = False

    async def __aenter__(self) -> Self:
        if self._hooks:
            await self._stack.enter_async_context(self._group)
        return self

    def on_event(self, event: AnyEvent) -> None:
        """Run what is to be run at an event; beyond the bounds, drop it and say so once."""
        for hook in self._hooks:
            if not hook.condition.met_by(event):
                continue
            if len(self._running) < AT_ONCE:
                self._start(hook, event)
            elif len(self._waiting) < WAITING:
                self._waiting.append((hook, event))
            elif not self._dropping:
                self._dropping = True
                self._complain("events come faster than --on commands end: some are dropped")

    def _start(self, hook: Hook, event: AnyEvent) -> None:
        task = asyncio.create_task(self._run(hook, event))
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if self._waiting:
            self._start(*self._waiting.popleft())
        else:
            self._dropping = False

    async def _run(self, hook: Hook, event: AnyEvent) -> None:
        what, data = f"--on {hook.condition.event}: {hook.command[0]}", msgspec.json.encode(event)
        env: Mapping[str, str] = environment(event, self._call)
        try:
            code = await self._group.run(hook.command, data + b"\n", env)
        except (OSError, ValueError) as error:
            self._complain(f"{what} cannot be run: {getattr(error, 'strerror', None) or error}")
        else:
            if code > 0:
                self._complain(f"{what} ended with exit code {code}")

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if not await self._are_done(GRACE):
            self._waiting.clear()
            self._group.terminate()
            await self._are_done(LAST_WORDS)
        await self._stack.aclose()
        await self._are_done(LAST_WORDS)

    async def _are_done(self, patience: float) -> bool:
        """Wait until none runs or waits, so many seconds at most."""
        deadline = asyncio.get_running_loop().time() + patience
        while self._running and (left := deadline - asyncio.get_running_loop().time()) > 0:
            await asyncio.wait(self._running, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(0)  # those that waited begin
        return not self._running
