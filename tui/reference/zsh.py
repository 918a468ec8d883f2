"""Completion for zsh: a function a command, in the terms of its own `_arguments`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tui.reference.tree import Command, Option, Value

_HEAD: Final = """\
#compdef sotto
# Completion for zsh, made by `sotto completion zsh`.
"""
_GROUP: Final = """\
{name}() {{
    local curcontext=$curcontext state line
    local -a below=({below})
    _arguments -C {options} '1:command:->command' '*::argument:->rest'
    case $state in
        command) _describe command below ;;
        rest)
            # The name of what is meant may come before a command.
            if (( ! ${{below[(I)$words[1]:*]}} )); then shift words; (( CURRENT -= 1 )); fi
            if (( CURRENT < 2 )); then _describe command below; return; fi
            case $words[1] in
{cases}
            esac
            ;;
    esac
}}
"""
_COMMAND: Final = """\
{name}() {{
    _arguments {specs}
}}
"""
_TAIL: Final = """\
if [[ $funcstack[1] == _sotto ]]; then _sotto "$@"; else compdef _sotto sotto; fi
"""


def script(program: Command) -> str:
    """Return the script; it works in a folder of `fpath`, and when it is sourced."""
    return "\n".join([_HEAD, *map(_function, program.all()), _TAIL])


def _name(command: Command) -> str:
    return "_" + "_".join(command.path)


def _function(command: Command) -> str:
    options = " ".join(spec for option in command.options for spec in _specs(option))
    if not command.commands:
        arguments = " ".join(map(_positional, command.arguments))
        return _COMMAND.format(name=_name(command), specs=f"{options} {arguments}".rstrip())
    below = command.commands
    return _GROUP.format(
        name=_name(command),
        below=" ".join(_quoted(f"{one.name}:{one.summary}") for one in below),
        options=options,
        cases="\n".join(f"                {one.name}) {_name(one)} ;;" for one in below),
    )


def _specs(option: Option) -> Iterator[str]:
    """Yield what `_arguments` is told of each flag of an option."""
    before = "*" if option.many else f"({' '.join(option.all_flags)})"
    for flag, told in option.all_flags.items():
        words = re.sub(r"([\\\[\]])", r"\\\1", told)
        equals = "=" if flag.startswith("--") else ""
        value = f"{equals}[{words}]:{_argument(option.value)}" if option.value else f"[{words}]"
        yield _quoted(f"{before}{flag}{value}")


def _positional(value: Value) -> str:
    many = "..." in value.metavar or " " in value.metavar
    return _quoted(f"{'*' if many else ''}:{_argument(value)}")


def _argument(value: Value) -> str:
    """Return what a value is called, and how it is completed; a space is: not at all."""
    words = " ".join(value.words)
    if value.files:
        how = f"{{_files; compadd -- {words}}}" if words else "_files"
    else:
        how = f"({words})" if words else " "
    return f"{value.metavar.replace(':', ' ')}:{how}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
