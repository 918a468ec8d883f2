"""`--on EVENT COMMAND...`: words that are a command's, taken out before click sees the arguments.

They go up to a lone `;`, as those of `find -exec` do, or up to the end.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from tui.hooks import Hook

OPTION: Final = "--on"
END: Final = ";"
_META: Final = "sotto.hooks"


ON = click.option(
    OPTION,
    metavar="EVENT[=VALUE] COMMAND...",
    callback=lambda ctx, _option, _value: ctx.meta.get(_META, ()),
    help="Headless: run COMMAND, all words up to a lone ; or the end, at each such event, which is "
    "on its standard input as JSON, and in its environment (SOTTO_EVENT, SOTTO_NAME ...).",
)
"""Adds `--on` to a command's options; its value is a tuple of `Hook`."""


class CommandWithHooks(click.Command):
    """A click command whose `--on` options take any number of words."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the hooks out, and leave the rest to click."""
        rest, ctx.meta[_META] = split(args)
        return super().parse_args(ctx, rest)


def split(arguments: Sequence[str]) -> tuple[list[str], tuple[Hook, ...]]:
    """Return the other arguments, and the hooks. Raises `click.UsageError`."""
    rest: list[str] = []
    hooks: list[Hook] = []
    waiting = list(arguments)
    while waiting and waiting[0] != "--":
        word = waiting.pop(0)
        if word != OPTION:
            rest.append(word)
            continue
        end = waiting.index(END) if END in waiting else len(waiting)
        hooks.append(_hook(waiting[:end]))
        del waiting[: end + 1]
    return rest + waiting, tuple(hooks)


def _hook(words: Sequence[str]) -> Hook:
    if len(words) < 2:
        raise click.UsageError(f"{OPTION} needs an event and a command")
    from tui.conditions import Condition
    from tui.hooks import Hook

    event, *command = words
    try:
        condition = Condition.parse(event)
    except ValueError as error:
        raise click.UsageError(f"{OPTION}: {error}") from error
    if shutil.which(command[0]) is None:
        raise click.UsageError(
            f"{OPTION} {event}: there is no program {command[0]!r}; install it, or give its path"
        )
    return Hook(condition, tuple(command))
