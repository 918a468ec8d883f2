"""The face without a screen: events as JSON lines on standard output, words on standard error.

Lines on standard input are what one would type in the chat, /commands included.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import TextIO

import msgspec

from rooms.events import AnyEvent, ChatReceived, Hosting, Joined, Knocking, PasscodeShown
from tui import keys
from tui.cli.exits import Exit
from tui.cli.report import OutputError
from tui.conduct import Limits, Opener, Outcome, RunningCall, Stop, conduct
from tui.hooks import Hooks
from tui.narrator import Narrator
from tui.writer import Writer

_encode = msgspec.json.Encoder().encode


def always(_event: AnyEvent) -> bool:
    """Say yes to every event."""
    return True


@dataclass
class Headless:
    """Where a headless call reads and writes.

    `events` gets JSON lines; `link` gets the link and the passcode of a room we host, when no JSON
    lines are wanted; `log` gets words for people, never these. `typed` are lines for the chat.
    `wanted`: which events become JSON lines. `quiet`: no words but for how it ends, if not well,
    and on a terminal for whom it waits.
    `hooks` are commands to run, until the call and all it needs are gone. `levels`: tell how loud
    it is as well.
    """

    log: TextIO
    events: TextIO | None = None
    link: TextIO | None = None
    typed: AsyncIterator[str] | None = None
    extra: list[Callable[[AnyEvent], None]] = field(default_factory=list)
    wanted: Callable[[AnyEvent], bool] = always
    quiet: bool = False
    hooks: Hooks = field(default_factory=Hooks)
    levels: bool = False

    async def run(self, opener: Opener, limits: Limits, stop: Stop) -> Outcome:
        """Hold the call; return how it ended. Raises what `opener` and the call raise."""
        async with self.hooks, opener() as call:
            printer = _Printer(self, stop)
            for listener in (printer.on_event, *self.extra, self.hooks.on_event):
                call.listen(listener)
            if self.levels:
                call.set_meters(True)
            typing = asyncio.ensure_future(self._type(call, printer))
            try:
                outcome = await conduct(call, limits, stop)
            finally:
                typing.cancel()
                await asyncio.wait([typing])
                await printer.close()
            if not typing.cancelled():
                typing.result()
        if outcome.code == Exit.DONE and printer.failure is not None:
            return printer.failure
        told = outcome.message and outcome.message == printer.narrator.last_error
        return Outcome(outcome.code) if told else outcome

    async def _type(self, call: RunningCall, printer: _Printer) -> None:
        if self.typed is None:
            return
        joined = asyncio.Event()
        call.listen(lambda event: joined.set() if isinstance(event, Joined) else None)
        await joined.wait()  # nobody reads what is written before
        any_typed = False
        async for line in self.typed:
            any_typed = True
            self._perform(call, line, printer)
        if any_typed:  # an empty input, /dev/null for one, was none
            call.end_input("lines")

    def _perform(self, call: RunningCall, line: str, printer: _Printer) -> None:
        answer = keys.perform(call, line)
        if not keys.is_secret(line):
            printer.say(answer)
        elif self.link is None or self.events is not None:
            printer.say("That is secret: it is not written into a log.")
        else:
            printer.write(answer)


class _Printer:
    """Writes events; when they cannot be written any more, that asks for the end of the call.

    `failure`: how the call ended for it, if not well.
    """

    def __init__(self, face: Headless, stop: Stop) -> None:
        self.face = face
        self.stop = stop
        self.narrator = Narrator(stop)
        self.failure: Outcome | None = None
        out = face.events or face.link
        self._writer = Writer(out, self._lost) if out is not None else None
        # The call goes on without those who read words.
        self._log = Writer(face.log, lambda _error: None, encoding=face.log.encoding or "utf-8")

    def on_event(self, event: AnyEvent) -> None:
        """Write one event."""
        waits = isinstance(event, Knocking) and self.face.log.isatty()  # a person, who wonders
        if waits or not self.face.quiet:
            self.say(self._words(event))
        self.write(self._line(event))

    def write(self, line: str) -> None:
        """Write a line, unless it is empty, where the events go, or else where the link goes."""
        if self._writer is not None and line:
            self._writer.write(line)

    def say(self, words: str) -> None:
        """Write words, if there are any, where people read them."""
        if words:
            self._log.write(words)

    async def close(self) -> None:
        """Return when all that can be written is."""
        if self._writer is not None:
            await self._writer.close()
        await self._log.close()

    def _lost(self, error: Exception) -> None:
        if not isinstance(error, BrokenPipeError):  # else whoever reads has enough
            self.failure = Outcome(Exit.PERSON, OutputError().message)
        self.stop.ask(self.failure or Outcome())

    def _line(self, event: AnyEvent) -> str:
        """Return what is written of an event where the events go, or else where the link goes."""
        if self.face.events is not None:
            return _encode(event).decode() if self.face.wanted(event) else ""
        match event:
            case Hosting():
                return event.link
            case PasscodeShown():
                return event.passcode
            case _:
                return ""

    def _words(self, event: AnyEvent) -> str:
        """Return what people are told of an event."""
        written = isinstance(event, ChatReceived) and self.face.events is not None
        return "" if written else self.narrator.line(event)
