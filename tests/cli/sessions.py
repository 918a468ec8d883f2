"""Scripted terminal sessions as values: what stands in a `.txt` file, line by line. Pure."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

ANY = "..."
Variables = Mapping[str, str]
_LINE = re.compile(r"(?P<who>[a-z0-9]*)(?P<sign>[$<>!?])(?: (?P<rest>.*))?")
_TOKEN = re.compile(r"\.\.\.|\$([A-Z][A-Z_]*)")


@dataclass
class Run:
    """A command, and how it ends: in the foreground, unless `process` names it."""

    line: int
    who: str
    words: list[str]
    process: str = ""
    typed: list[str] = field(default_factory=list)
    out: list[str] = field(default_factory=list)
    err: list[str] = field(default_factory=list)
    code: int = 0


@dataclass
class Talk:
    """One line to (`<`) or from (`>`, `!`) a process in the background, or its exit code (`?`)."""

    line: int
    process: str
    sign: str
    text: str


@dataclass
class Order:
    """A word of the harness's own: `env`, `kill`, `close` or `needs`."""

    line: int
    word: str
    arguments: list[str]


Step = Run | Talk | Order
ORDERS = ("env", "kill", "close", "needs", "slow")


class SessionError(ValueError):
    """A line that is none of a session."""


def parse(text: str) -> list[Step]:
    """Return the steps of a session. Raises `SessionError`."""
    steps: list[Step] = []
    for number, line in enumerate(text.splitlines(), 1):
        word = line.partition(" ")[0]
        if not line.strip() or line.startswith("#"):
            continue
        if word in ORDERS:
            steps.append(Order(number, word, line.split(" ")[1:]))
        elif found := _LINE.fullmatch(line):
            _add(steps, number, found["who"], found["sign"], found["rest"] or "")
        else:
            raise SessionError(f"line {number} is none of a session: {line}")
    return steps


def _add(steps: list[Step], number: int, who: str, sign: str, rest: str) -> None:
    last = steps[-1] if steps else None
    if sign == "$":
        words = shlex.split(rest)
        process = words.pop()[1:] if words[-1].startswith("&") else ""
        steps.append(Run(number, who or "me", words, process))
    elif who:
        steps.append(Talk(number, who, sign, rest))
    elif isinstance(last, Run) and not last.process:
        if sign == "?":
            last.code = int(rest)
        else:
            {"<": last.typed, ">": last.out, "!": last.err}[sign].append(rest)
    else:
        raise SessionError(f"line {number} belongs to no command")


def is_slow(steps: Sequence[Step]) -> bool:
    """Return whether a session says that it is slow."""
    return any(isinstance(step, Order) and step.word == "slow" for step in steps)


def filled(text: str, variables: Variables) -> str:
    """Return a text with what is known in place of its variables."""
    return _TOKEN.sub(lambda token: variables.get(token[1] or "", token[0]), text)


def agree(
    expected: Sequence[str], printed: Sequence[str], variables: Variables
) -> Variables | None:
    """Return the variables as they are if all lines are as expected, None if they are not.

    A line that is `...` stands for any lines.
    """
    if not expected:
        return None if printed else variables
    if expected[0] == ANY:
        tries = (agree(expected[1:], printed[n:], variables) for n in range(len(printed) + 1))
        return next((found for found in tries if found is not None), None)
    if not printed or (found := fits(expected[0], printed[0], variables)) is None:
        return None
    return agree(expected[1:], printed[1:], found)


def fits(expected: Any, printed: Any, variables: Variables) -> Variables | None:
    """Return the variables as they are if one thing is as expected, None if it is not.

    An expected JSON object fits one that has at least its fields; in texts, `...` stands for any
    text, and `$NAME` for what it stood for before, or, the first time, for what is there.
    """
    if isinstance(expected, str) and isinstance(printed, str):
        objects = _object(expected), _object(printed)
        return fits(*objects, variables) if all(objects) else _text(expected, printed, variables)
    if isinstance(expected, dict) and isinstance(printed, dict):
        pairs = [(value, printed.get(name)) for name, value in expected.items()]
    elif isinstance(expected, list) and isinstance(printed, list):
        pairs = list(zip(expected, printed)) if len(expected) == len(printed) else [(0, 1)]
    else:
        same = expected == printed and type(expected) is type(printed)
        return variables if same else None
    found: Variables | None = variables
    for one, other in pairs:
        found = None if found is None else fits(one, other, found)
    return found


def _object(line: str) -> dict[str, Any] | None:
    try:
        return json.loads(line) if line.startswith("{") else None
    except ValueError:
        return None


def _text(expected: str, printed: str, variables: Variables) -> Variables | None:
    pattern, end = "", 0
    for token in _TOKEN.finditer(expected):
        pattern += re.escape(expected[end : token.start()])
        name, end = token[1], token.end()
        if name is None:
            pattern += ".*"
        elif name in variables:
            pattern += re.escape(variables[name])
        else:
            pattern += f"(?P={name})" if f"(?P<{name}>" in pattern else f"(?P<{name}>.+)"
    match = re.fullmatch(pattern + re.escape(expected[end:]), printed)
    return {**variables, **match.groupdict()} if match else None
