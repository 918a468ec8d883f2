"""What `send`, `listen`, `speak` and `tail` have in common: a headless call with one purpose."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from tui.cli.link_argument import VARIABLE, WayIn
from tui.cli.options import CallOptions
from tui.cli.report import OutputError
from tui.errand import Work, on_errand

if TYPE_CHECKING:
    from rooms.events import AnyEvent
    from tui.conduct import RunningCall

STDOUT = 1


@dataclass(frozen=True)
class Errand:
    """A call, and what is done in it.

    `wanted`: which events are written on standard output as JSON lines, if any. `writes`: the call
    is over when nobody reads standard output any more. `hurried`: as `tui.cli.face.run` takes it.
    """

    way: WayIn
    options: CallOptions
    work: Work | None = None
    wanted: Callable[[AnyEvent], bool] | None = None
    writes: bool = False
    hurried: bool = True


def check_input(way: WayIn, what: str, *, typed: bool = False) -> None:
    """Raise `click.UsageError` unless `what` can come through standard input.

    `typed`: a person who asks for it may type it.
    """
    if way.reads_input:
        raise click.UsageError(
            f"the link and the {what} both come from standard input: put the link into {VARIABLE}"
        )
    if sys.stdin is None:
        raise click.UsageError(f"there is no {what}, and standard input is closed")
    if sys.stdin.isatty() and not typed:
        raise click.UsageError(f"there is no {what}, and standard input is a terminal")


def hold(errand: Errand) -> int:
    """Hold the call; return the exit code, having said on standard error why it is not 0.

    Nothing else is said there: a script that is well is quiet. The others see that it is a program.
    Raises what the work raises.
    """
    if errand.writes and sys.stdout is None:
        raise OutputError
    from tui.cli import face
    from tui.cli.unlock import unlock
    from tui.headless import Headless, always
    from tui.unread import while_read

    options = replace(errand.options, headless=True, bot=True)
    identity = unlock()
    link = errand.way.link(options.timeout)

    @contextlib.asynccontextmanager
    async def opener() -> AsyncIterator[RunningCall]:
        await face.load("backend")
        from tui.cli import backend

        yield backend.join(link, options, identity)

    headless = Headless(
        log=sys.stderr,
        events=sys.stdout if errand.wanted else None,
        wanted=errand.wanted or always,
        quiet=True,
    )
    opened = while_read(opener, STDOUT) if errand.writes else opener
    if errand.work is not None:
        opened = on_errand(opened, errand.work)
    return face.end(face.run(headless, opened, options.limits(), hurried=errand.hurried))
