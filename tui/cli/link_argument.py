"""Which room a command goes to: a link, or the first word of a passcode. The same everywhere.

A link comes as an argument, from standard input (`-`) or from the environment (`SOTTO_LINK`).
"""

from __future__ import annotations

import functools
import os
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import click

from e2ee.errors import Fault, SottovoceError
from tui.cli.options import STANDARD

VARIABLE = "SOTTO_LINK"
LINK_HELP = f"""NAME is the first word of a passcode: you are asked for the others, or they are read
    from standard input where that is no terminal.

    LINK is a secret, and other people on this machine can see arguments: give - to read it from
    standard input, or put it into {VARIABLE}. Quote it, it contains a #."""
"""What `--help` of a command with this argument says about it."""
NO_LINK = f"there is no LINK: give it as an argument, as - on standard input, or in {VARIABLE}"

_LINK = re.compile(r"://.*/r/?#")


class LateError(SottovoceError):
    """Time was up before there was a link."""

    code = "call.late"
    fault = Fault.PERSON


class NoLinkError(SottovoceError):
    """Standard input was to give a link, and had none."""

    code = "link.missing"
    fault = Fault.PERSON

    def __init__(self) -> None:
        super().__init__(
            "there is no link on standard input",
            hint="is the file empty it should come from? whoever opens the room has the link",
        )


@dataclass(frozen=True)
class WayIn:
    """Where the link of a room is to be had. `argument` may be the link itself: a secret."""

    argument: str = field(repr=False)
    server: str | None = None
    room: str | None = None

    @classmethod
    def of(cls, argument: str, server: str | None = None) -> WayIn:
        """Return the way an argument means. Raises `click.UsageError`, `PasscodeError`."""
        room = None if argument == STANDARD else _room_named(argument)
        if server and room is None:
            raise click.UsageError("--server goes with the name of a room; a link has its server")
        return cls(argument, server, room)

    @property
    def reads_input(self) -> bool:
        """Whether standard input is needed for it, and so is for nothing else before."""
        return self.argument == STANDARD or self.room is not None

    def link(self, timeout: float | None = None) -> str:
        """Return the link, having asked for it or for the passcode. Blocks.

        `timeout`: seconds that a room called by name may take; raises `LateError` then. Raises
        `NoLinkError`, and what `by_name.link_of` raises.
        """
        if self.room is not None:
            from tui.cli import by_name

            try:
                return by_name.link_of(self.room, self.server, timeout)
            except TimeoutError as error:
                raise LateError(
                    f"not in the room after {timeout:g} s", hint="is a host there?"
                ) from error
        return _read() if self.argument == STANDARD else self.argument


def _server(function: Callable[..., int]) -> Callable[..., int]:
    return click.option(
        "--server",
        metavar="ADDRESS",
        help="Where the room of this NAME is: HOST:PORT. Default: the setting `server`.",
    )(function)


def link_argument(function: Callable[..., int]) -> Callable[..., int]:
    """Add LINK|NAME and `--server`; the command gets them as `way`, a `WayIn`.

    The variable is taken out of the environment: it is for us, not for the processes we start.
    """

    @functools.wraps(function)
    def wrapper(link: str | None, server: str | None, **values: Any) -> int:
        link = link or os.environ.get(VARIABLE)
        os.environ.pop(VARIABLE, None)
        if not link:
            raise click.UsageError(NO_LINK)
        return function(way=WayIn.of(link, server), **values)

    return click.argument("link", required=False, metavar="LINK|NAME")(_server(wrapper))


def link_and(other: str, metavar: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Add LINK|NAME as `link_argument` does, and one argument behind it that may be left out."""

    def decorate(function: Callable[..., int]) -> Callable[..., int]:
        @functools.wraps(function)
        def wrapper(words: tuple[str, ...], server: str | None, **values: Any) -> int:
            link, behind = _apart(words, os.environ.pop(VARIABLE, ""))
            return function(way=WayIn.of(link, server), **{other: behind}, **values)

        argument = click.argument("words", nargs=-1, metavar=f"LINK|NAME [{metavar}]")
        return argument(_server(wrapper))

    return decorate


def _apart(words: Sequence[str], in_environment: str) -> tuple[str, str | None]:
    """Return the link and what else was given, if anything.

    With a link in the environment a single argument is the other one, unless it is a link, too: a
    secret is never taken for words. Raises `click.UsageError`.
    """
    match words:
        case () if in_environment:
            return in_environment, None
        case (word,) if in_environment and not _LINK.search(word):
            return in_environment, word
        case (link,):
            return link, None
        case (link, word):
            return link, word
        case ():
            raise click.UsageError(NO_LINK)
    raise click.UsageError("There are too many arguments; quote what has spaces in it.")


def _read() -> str:
    from e2ee.link import continuation
    from tui.lines import read_wrapped

    if sys.stdin.isatty():
        print("Link: ", end="", file=sys.stderr, flush=True)
    link = read_wrapped(continuation)
    if not link:
        raise NoLinkError
    return link


def _room_named(argument: str) -> str | None:
    """Return the room that is named instead of a link, if it is; nothing is loaded for links."""
    if ":" in argument:
        return None
    from tui.cli import by_name

    return by_name.room_named(argument)
