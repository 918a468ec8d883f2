"""Completion for fish: a line an option, each for the command it belongs to and no other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tui.reference.tree import Command, Value

_HEAD: Final = """\
# Completion for fish, made by `sotto completion fish`.
function __sotto_at --description 'Whether the words so far lead to this command'
    set -l path sotto
    for word in (commandline -opc)[2..-1]
        if contains -- $path/$word {paths}
            set path $path/$word
        end
    end
    test $path = $argv[1]
end
complete -c sotto -f
"""


def script(program: Command) -> str:
    """Return the script."""
    every = list(program.all())
    paths = " ".join(_path(command) for command in every[1:])
    return "\n".join([_HEAD.format(paths=paths), *(line for one in every for line in _lines(one))])


def _path(command: Command) -> str:
    return "/".join(command.path)


def _lines(command: Command) -> Iterator[str]:
    start = f"complete -c sotto -n '__sotto_at {_path(command)}'"
    for below in command.commands:
        yield f"{start} -a {below.name} -d {_quoted(below.summary)}"
    for value in command.arguments:
        if value.words or value.files:
            yield f"{start}{_completed(value)}"
    for option in command.options:
        takes = f" -r{_completed(option.value)}" if option.value is not None else ""
        yield f"{start}{_flags(option.flags)}{takes} -d {_quoted(option.help)}"
        if option.negated:
            off = option.all_flags[option.negated[0]]
            yield f"{start}{_flags(option.negated)} -d {_quoted(off)}"
    yield ""


def _flags(flags: tuple[str, ...]) -> str:
    kinds = {True: "-l", False: "-s"}
    return "".join(f" {kinds[flag.startswith('--')]} {flag.lstrip('-')}" for flag in flags)


def _completed(value: Value) -> str:
    words = f" -a {_quoted(' '.join(value.words))}" if value.words else ""
    return f" {'-F' if value.files else '-f'}{words}"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
