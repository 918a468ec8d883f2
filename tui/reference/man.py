"""Manual pages (man(7)) out of the commands themselves: `python -m tui.reference.man DIR`.

They are kept in `docs/man`, so that what is built needs nothing but them; a test says when they
are to be made again.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tui.cli.commands import EXITS, PROGRAM, SUMMARY
from tui.reference.surroundings import ENVIRONMENT, FILES
from tui.reference.tree import Command, Option, Value, program

SECTION: Final = 1
UNAUDITED: Final = (
    "Everything is end-to-end encrypted, always; the server forwards what it cannot open. "
    "Nobody independent has audited it yet."
)


def pages(root: Command) -> Mapping[str, str]:
    """Return the pages by file name: one of the program, and one of each command."""
    commands = {
        _file(command): _page(command, list(_of_command(command))) for command in root.commands
    }
    return {_file(root): _page(root, list(_of_program(root))), **commands}


def _file(command: Command) -> str:
    return f"{'-'.join(command.path)}.{SECTION}"


def _page(command: Command, body: list[str]) -> str:
    name = "-".join(command.path)
    summary = command.summary.rstrip(".")
    head = [
        '.\\" Made by python -m tui.reference.man out of the command itself.',
        f'.TH {_text(name.upper())} {SECTION} "" sottovoce "User Commands"',
        ".SH NAME",
        f"{_text(name)} \\- {_text(summary[0].lower() + summary[1:])}",
        ".SH SYNOPSIS",
        *_synopsis(command),
    ]
    return "\n".join([*head, *body]) + "\n"


def _of_program(root: Command) -> Iterator[str]:
    yield from _section("DESCRIPTION", f"{_text(SUMMARY)}\n{_text(UNAUDITED)}")
    yield ".PP"
    yield _text(f"{PROGRAM} alone shows your rooms, where a screen can be drawn.")
    yield ".SH COMMANDS"
    for command in root.commands:
        yield from _item(f"\\fB{_text('-'.join(command.path))}\\fR({SECTION})", command.summary)
    yield from _options(root)
    yield from _exits()
    yield from _table("ENVIRONMENT", ENVIRONMENT)
    yield from _table("FILES", FILES)
    others = (f".BR {_text('-'.join(command.path))} ({SECTION})" for command in root.commands)
    yield from _section("SEE ALSO", " ,\n".join(others))


def _of_command(command: Command) -> Iterator[str]:
    yield ".SH DESCRIPTION"
    yield from _paragraphs(command.text)
    for below in command.commands:
        yield f".SS {_text(' '.join(below.path))}"
        yield from _synopsis(below)
        yield ".PP"
        yield from _paragraphs(below.text)
        for option in _own(below):
            yield from _option(option)
    yield from _options(command)
    yield from _exits()
    yield from _section("SEE ALSO", f".BR {PROGRAM} ({SECTION})")


def _synopsis(command: Command) -> Iterator[str]:
    yield f".B {_text(' '.join(command.path))}"
    words = command.usage.removeprefix(" ".join(command.path)).split()
    yield _text(" ".join(words))


def _paragraphs(paragraphs: tuple[str, ...]) -> Iterator[str]:
    for number, text in enumerate(paragraphs):
        if number:
            yield ".PP"
        yield _text(text)


def _own(command: Command) -> list[Option]:
    return [option for option in command.options if "--help" not in option.flags]


def _options(command: Command) -> Iterator[str]:
    yield ".SH OPTIONS"
    for option in command.options:
        yield from _option(option)


def _option(option: Option) -> Iterator[str]:
    flags = [*option.flags, *option.negated]
    tag = ", ".join(f"\\fB{_text(flag)}\\fR{_given(option.value)}" for flag in flags)
    yield from _item(tag, option.help)


def _given(value: Value | None) -> str:
    return f" \\fI{_text(value.metavar)}\\fR" if value is not None else ""


def _exits() -> Iterator[str]:
    yield from _table("EXIT STATUS", {str(code): f"{text}." for code, text in EXITS.items()})


def _table(title: str, rows: Mapping[str, str]) -> Iterator[str]:
    yield f".SH {title}"
    for name, text in rows.items():
        yield from _item(f"\\fB{_text(name)}\\fR", text[0].upper() + text[1:])


def _section(title: str, text: str) -> Iterator[str]:
    yield f".SH {title}"
    yield text


def _item(tag: str, text: str) -> Iterator[str]:
    yield ".TP"
    yield tag
    yield _text(text)


def _text(text: str) -> str:
    """Return a text that roff prints as it is: no line of it is a request."""
    escaped = (
        text.replace("\\", "\\e").replace("-", "\\-").replace("~", "\\(ti").replace("^", "\\(ha")
    )
    escaped = escaped.replace("`", "\\(ga").replace("'", "\\(aq")
    return re.sub(r"^\.", r"\\&.", escaped)


def write(folder: Path) -> None:
    """Write all pages into a folder, and take out those of commands that are no more."""
    folder.mkdir(parents=True, exist_ok=True)
    made = pages(program())
    for path in folder.glob(f"{PROGRAM}*.{SECTION}"):
        if path.name not in made:
            path.unlink()
    for name, text in made.items():
        (folder / name).write_text(text)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
