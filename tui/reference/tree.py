"""The commands as values: names, options, arguments, and what a shell may complete of them.

Read from the commands themselves, so that nothing made of it can say anything else. What a shell
completes are names, choices and files: never a room, a link or a person, of which a screen that
others see would tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, get_args

import click

from tui.cli import commands
from tui.cli.group import group

_FILES: Final = {"FILE", "DIR", "PATH"}
"""Words of a metavar that stand for something in the file system."""


@dataclass(frozen=True)
class Value:
    """What is given to an option, or as an argument: how it is written, and what it may be."""

    metavar: str
    words: tuple[str, ...] = ()
    files: bool = False


@dataclass(frozen=True)
class Option:
    """One option; without a value it is a flag. `negated`: the flags that turn it off."""

    flags: tuple[str, ...]
    help: str
    value: Value | None = None
    negated: tuple[str, ...] = ()
    many: bool = False

    @property
    def all_flags(self) -> dict[str, str]:
        """Every flag, with a line of help of its own."""
        off = f"Not {self.flags[0]}."
        return {**dict.fromkeys(self.flags, self.help), **dict.fromkeys(self.negated, off)}


@dataclass(frozen=True)
class Command:
    """One command. `path` begins with the program; `text` are the paragraphs of its help."""

    path: tuple[str, ...]
    text: tuple[str, ...]
    usage: str
    options: tuple[Option, ...]
    arguments: tuple[Value, ...] = ()
    commands: tuple[Command, ...] = ()

    @property
    def name(self) -> str:
        """Its last word."""
        return self.path[-1]

    @property
    def summary(self) -> str:
        """One line of help."""
        return self.text[0]

    def all(self) -> Iterator[Command]:
        """Yield this and all commands below it."""
        yield self
        for command in self.commands:
            yield from command.all()


def program() -> Command:
    """Return `sotto` with all its commands that are not hidden. Imports every one of them."""
    version = Option(("--version",), "Show the version and end; with --json, all versions as JSON.")
    root = _command(group, _context(group, None, commands.PROGRAM))
    return Command(
        root.path,
        (commands.SUMMARY,),
        f"{commands.PROGRAM} COMMAND [OPTIONS]",
        (version, *root.options),
        (),
        root.commands,
    )


def _command(command: click.Command, context: click.Context) -> Command:
    below = []
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            if found is not None and not found.hidden:
                below.append(_command(found, _context(found, context, name)))
    parameters = [one for one in command.get_params(context) if not getattr(one, "hidden", False)]
    return Command(
        tuple(context.command_path.split()),
        _paragraphs(command.help or ""),
        f"{context.command_path} {' '.join(command.collect_usage_pieces(context))}",
        tuple(_option(one, context) for one in parameters if isinstance(one, click.Option)),
        tuple(_value(one, context) for one in parameters if isinstance(one, click.Argument)),
        tuple(below),
    )


def _context(command: click.Command, parent: click.Context | None, name: str) -> click.Context:
    return click.Context(command, parent, info_name=name, **command.context_settings)


def _option(option: click.Option, context: click.Context) -> Option:
    value = None if option.is_flag or option.count else _value(option, context)
    return Option(
        tuple(sorted(option.opts, key=len, reverse=True)),
        option.help or "",
        value,
        tuple(option.secondary_opts),
        option.multiple or (value is not None and value.metavar.endswith("...")),
    )


def _value(parameter: click.Parameter, context: click.Context) -> Value:
    metavar = parameter.metavar or parameter.make_metavar(context).strip("[]{}").rstrip(".")
    if isinstance(parameter.type, click.Choice):
        return Value(metavar, tuple(map(str, parameter.type.choices)))
    words = re.findall(r"[\w-]+", metavar)
    files = isinstance(parameter.type, click.Path) or not _FILES.isdisjoint(words)
    named = [name for word in words for name in _NAMES.get(word, tuple)()]
    return Value(metavar, (*named, *(word for word in words if word.islower())), files)


def event_names() -> tuple[str, ...]:
    """Return the names of all events."""
    from rooms.events import AnyEvent

    return tuple(str(event.__struct_config__.tag) for event in get_args(AnyEvent))


def property_names() -> tuple[str, ...]:
    """Return the names of what can be observed of a call."""
    from tui.ctl.schema import Properties

    return Properties.__struct_fields__


def rule_names() -> tuple[str, ...]:
    """Return the names of the rules of a room."""
    from rooms.roles import RULES

    return RULES


_NAMES: Final = {
    "EVENT": event_names,
    "KIND": event_names,
    "PROPERTY": property_names,
    "RULE": rule_names,
}
"""Words of a metavar that stand for one of several names."""


def _paragraphs(text: str) -> tuple[str, ...]:
    """Return the paragraphs of a help text, each in one line."""
    return tuple(" ".join(part.split()) for part in text.split("\n\n")) or ("",)
