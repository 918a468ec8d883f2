"""Changes one value in a TOML text, and leaves comments, order and everything else as they are.

Which lines are keys and which are the inside of some text, only a parser knows. So every change
that may be the right one is offered, and whoever asks takes the first one after which the parser
reads what it should. Pure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Final

Value = str | bool

_VALUE: Final = r""""(?:[^"\\\n]|\\.)*"|'[^'\n]*'|true|false"""
_END: Final = r"[ \t]*(?:#.*)?\r?(?:\n|\Z)"
_FIRST_TABLE: Final = re.compile(r"^(?:[ \t]*(?:#.*)?\r?\n)*[ \t]*\[", re.MULTILINE)
"""A table's head, with the comments and empty lines that lead to it."""


def changes(text: str, path: tuple[str, ...], value: Value | None) -> Iterator[str]:
    """Yield texts in which the key at `path` (tables, then its name) may have the value, or none.

    Each differs from `text` in one place. There may be none: the key is written in a way that is
    not looked for, such as a text of several lines.
    """
    for line in _lines_of(text, path):
        if value is None:
            yield text[: line.start()] + text[line.end() :]
        else:
            yield text[: line.start("value")] + written(value) + text[line.end("value") :]
    if value is not None:
        yield from _insertions(text, path, written(value))


def written(value: Value) -> str:
    """Return a value as TOML has it: what JSON has, but for DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", r"\u007f")


def _lines_of(text: str, path: tuple[str, ...]) -> Iterator[re.Match[str]]:
    """Find the lines that may set a key: by its name below its table, or by its whole path."""
    for key in dict.fromkeys((path[-1:], path)):
        line = rf"^[ \t]*{_spelt(key)}[ \t]*=[ \t]*(?P<value>{_VALUE}){_END}"
        yield from re.finditer(line, text, re.MULTILINE)


def _insertions(text: str, path: tuple[str, ...], value: str) -> Iterator[str]:
    text = text if not text or text.endswith("\n") else text + "\n"
    *tables, name = path
    if tables:
        head = rf"^[ \t]*\[[ \t]*{_spelt(tables)}[ \t]*\]{_END}"
        for table in re.finditer(head, text, re.MULTILINE):
            yield f"{text[: table.end()]}{name} = {value}\n{text[table.end() :]}"
        space = "\n" if text else ""
        yield f"{text}{space}[{'.'.join(tables)}]\n{name} = {value}\n"
    for place in [*(table.start() for table in _FIRST_TABLE.finditer(text)), len(text)]:
        yield f"{text[:place]}{'.'.join(path)} = {value}\n{text[place:]}"


def _spelt(names: Sequence[str]) -> str:
    """Return a pattern for a dotted key, each name of it quoted or not."""
    escaped = map(re.escape, names)
    return r"[ \t]*\.[ \t]*".join(rf"(?:{name}|\"{name}\"|'{name}')" for name in escaped)
