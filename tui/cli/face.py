"""Holds a call on the face that was asked for, and turns its end into an exit code."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from e2ee.errors import SottovoceError
from tui.cli import report
from tui.cli.options import STANDARD, CallOptions
from tui.coalescing import CoalescingSelector, while_in_room
from tui.conduct import Limits, Opener, Outcome, Stop
from tui.lines import lines
from tui.terminal import Terminal, dumb
from tui.unread import while_read

STDOUT = 1

if TYPE_CHECKING:
    from e2ee.identity import Identity
    from rooms.events import AnyEvent
    from tui.headless import Headless
    from tui.plain import Plain


async def load(*modules: str) -> None:
    """Import what a call needs, beside the event loop, so that a screen stays alive."""
    for module in modules:
        await asyncio.to_thread(import_module, f"tui.cli.{module}")


def hold(
    opener: Opener,
    options: CallOptions,
    *,
    limits: Limits | None = None,
    listeners: Sequence[Callable[[AnyEvent], None]] = (),
    announce: bool = True,
    code: bool = False,
    identity: Identity | None = None,
) -> int:
    """Hold a call; return the exit code, having said on standard error why it is not 0.

    `announce`: print the link of a room we host, also where a screen is drawn;
    `code`: show it as a QR code as well; `identity`: we take part with, if not this device's own.
    Raises what the opener and the call raise, once the terminal is as it was.
    """
    limits = limits or options.limits()
    with _reachable(opener) as (reachable, number):
        if options.headless:
            face = _headless(options, [*listeners, *([_print_code] if code else [])], number)
            face.link = face.link if announce else None
            writes = options.jsonl or options.plays_out
            opened = while_read(reachable, STDOUT) if writes else reachable
            outcome = run(face, opened, limits)
        elif options.plain or (dumb() and sys.stdout.isatty()):
            outcome = run(_plain(announce=announce), reachable, limits, at_once=False)
        else:
            mine = options, identity
            outcome = _screen(reachable, limits, *mine, show_code=code, announce=announce)
    return end(outcome)


def end(outcome: Outcome) -> int:
    """Say on standard error why a call did not end well, if so; return the exit code."""
    if outcome.message:
        report.complain(outcome.message, outcome.hint)
    return int(outcome.code)


def dwell(identity: Identity | None) -> int:
    """Show the person's rooms, and hold the calls that are chosen there; return the exit code.

    Raises `NoTerminalError`, `SettingsError`.
    """
    return int(_screen(None, Limits(), CallOptions(), identity).code)


@contextlib.contextmanager
def _reachable(opener: Opener) -> Iterator[tuple[Opener, int | None]]:
    """Let other terminals of the person reach the call by its number, if there is a place for it.

    If there is none, say so before a screen is drawn.
    """
    from tui.ctl.errors import NoSocketError
    from tui.ctl.seats import Seat
    from tui.ctl.serving import reachable

    try:
        seat = Seat.take()
    except NoSocketError as error:
        report.complain(error.message, error.hint)
        yield opener, None
        return
    with contextlib.closing(seat):
        yield reachable(opener, seat), seat.number


def _screen(
    opener: Opener | None,
    limits: Limits,
    options: CallOptions,
    identity: Identity | None,
    *,
    show_code: bool = False,
    announce: bool = False,
) -> Outcome:
    _take_terminal()
    terminal = Terminal.here()
    os.environ.update(terminal.for_textual)
    from tui.app import SottoApp
    from tui.cli.own import own

    app = SottoApp(
        opener,
        limits,
        terminal=terminal,
        own=own(options, identity),
        show_code=show_code,
        announce=announce,
    )
    outcome = app.run()
    if app.failure is not None:
        raise app.failure
    return outcome or Outcome()


def _take_terminal() -> None:
    """Make the terminal standard input, also after a link came through a pipe.

    Raises `NoTerminalError`.
    """
    if not sys.stdout.isatty():
        raise NoTerminalError
    if not sys.stdin.isatty():
        try:
            os.dup2(os.open("/dev/tty", os.O_RDWR), 0)
        except OSError as error:
            raise NoTerminalError from error


def _headless(
    options: CallOptions, listeners: Sequence[Callable[[AnyEvent], None]], number: int | None
) -> Headless:
    from tui.headless import Headless
    from tui.hooks import Hooks

    return Headless(
        log=sys.stderr,
        events=sys.stdout if options.jsonl else None,
        link=sys.stderr if options.plays_out else sys.stdout,
        typed=_typed(options),
        extra=list(listeners),
        hooks=Hooks(options.on, number),
        levels=options.levels,
    )


def run(
    face: Headless | Plain,
    opener: Opener,
    limits: Limits,
    *,
    at_once: bool = True,
    hurried: bool = True,
) -> Outcome:
    """Hold a call on a face that is lines, until it is over or a signal comes.

    `at_once`: as `Stop.on_signals` takes it. `hurried`: whether somebody waits for what is done in
    the room; if not, it is done with fewer wake-ups, some hundredths of a second later.
    """
    new_loop: Callable[[], asyncio.AbstractEventLoop] | None = None
    if not hurried:
        selector = CoalescingSelector()
        new_loop = partial(asyncio.SelectorEventLoop, selector)
        opener = while_in_room(opener, selector)

    async def held() -> Outcome:
        stop = Stop()
        with stop.on_signals(at_once=at_once):
            return await face.run(opener, limits, stop)

    try:
        with asyncio.Runner(loop_factory=new_loop) as runner:
            return runner.run(held())
    finally:
        report.seal_output()


def _plain(*, announce: bool) -> Plain:
    from tui import tty
    from tui.cli.own import own
    from tui.plain import Plain

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # names know no bounds, encodings do
    at_terminal = sys.stdin is not None and sys.stdin.isatty()
    whole = at_terminal and tty.echoes(0, sys.stdout.fileno())
    return Plain(
        sys.stdout,
        own(CallOptions()),
        announce=announce,
        terminal=0 if whole else None,
        leaves=at_terminal,
    )


def _typed(options: CallOptions) -> AsyncIterator[str] | None:
    """Return lines from standard input, if they are not sound and not a terminal's.

    Reading a terminal would stop a program that was put in the background.
    """
    if options.audio_in == STANDARD or sys.stdin is None or sys.stdin.isatty():
        return None
    return lines()


def _print_code(event: AnyEvent) -> None:
    """Print the QR code of a room's link where people read."""
    from rooms.events import Hosting
    from tui.qr import printed

    if isinstance(event, Hosting):
        print(printed(event.link), file=sys.stderr, flush=True)


class NoTerminalError(SottovoceError):
    """A screen was asked for where there is no terminal."""

    code = "face.no_terminal"

    def __init__(self) -> None:
        super().__init__(
            "there is no terminal to draw on",
            hint="--plain writes lines; --headless is for scripts",
        )
