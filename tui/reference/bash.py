"""Completion for bash: one function, and what it may say of each command written out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from tui.reference.tree import Command, Value

_SCRIPT: Final = """\
# Completion for bash, made by `sotto completion bash`.
_sotto() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}} path=sotto
    local words= options= files= i
    # Readline takes --option=value apart: three words.
    if [[ $word == = ]]; then
        word=
    elif [[ $before == = ]]; then
        before=${{COMP_WORDS[COMP_CWORD - 2]}}
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        case $path/${{COMP_WORDS[i]}} in
            {paths}) path+=/${{COMP_WORDS[i]}} ;;
        esac
    done
    case $path:$before in
{values}
        *)
            case $path in
{commands}
            esac
            ;;
    esac
    [[ $word == -* || -z $words$files ]] && words=$options files=
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word"; [[ $files ]] && compgen -f -- "$word")
    [[ -z $files ]] || compopt -o filenames 2>/dev/null
}}
complete -F _sotto sotto
"""


def script(program: Command) -> str:
    """Return the script."""
    every = list(program.all())
    return _SCRIPT.format(
        paths="|".join(_path(command) for command in every[1:]),
        values="\n".join(_values(every)),
        commands="\n".join(_offered(command) for command in every),
    )


def _path(command: Command) -> str:
    return "/".join(command.path)


def _values(every: Sequence[Command]) -> Iterator[str]:
    """Yield what may follow the options that take a value, the options of one kind together."""
    options = [
        (f"{_path(command)}:{flag}", option.value)
        for command in every
        for option in command.options
        if option.value is not None
        for flag in option.flags
    ]
    for does in dict.fromkeys(_follows(value) for _, value in options):
        where = "|".join(name for name, value in options if _follows(value) == does)
        yield f"        {where}) {does} ;;"


def _follows(value: Value) -> str:
    return _assigned([value]) if value.words or value.files else "return"


def _offered(command: Command) -> str:
    """Return what may come in the place of arguments, and what after a dash."""
    names = " ".join(below.name for below in command.commands)
    words = f"words='{names}'" if names else _assigned(command.arguments)
    flags = " ".join(flag for option in command.options for flag in option.all_flags)
    return f"                {_path(command)}) {words} options='{flags}' ;;"


def _assigned(values: Sequence[Value]) -> str:
    words = " ".join(word for value in values for word in value.words)
    return f"words='{words}'" + (" files=1" if any(value.files for value in values) else "")
