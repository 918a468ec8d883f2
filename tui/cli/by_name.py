"""Joining a room by its name: the passcode is asked for, and the room's host gives the link."""

from __future__ import annotations

import asyncio
import re
import sys

from e2ee.errors import SottovoceError
from e2ee.link import Link
from e2ee.passcode import Passcode, PasscodeError, completions, parse_passcode
from rooms.own_ledger import own_ledger
from rooms.passcode_client import take_link
from rooms.passcode_desk import TRIES_EACH
from rooms.settings import Settings
from tui.cli import hidden_line, report
from tui.cli.address import parse_server
from tui.lines import read_line

_WORDS = re.compile(r"[\s\-_.,]*[^\W\d_]+(?:[\s\-_.,]+[^\W\d_]+)*[\s\-_.,]*")
"""Nothing but words: no link looks so."""


class SecretArgumentError(PasscodeError):
    """A passcode stands where everybody on the machine can read it."""

    def __init__(self) -> None:
        super().__init__(
            "a passcode is a secret, and other people on this machine can see arguments",
            hint="give the first word alone, then you are asked for the others; "
            "the host can make a new passcode: /passcode new",
        )


class ServerUnknownError(SottovoceError):
    """A room is called by a name, and nobody said at which server."""

    code = "link.server_unknown"


def room_named(argument: str) -> str | None:
    """Return the room that is named instead of a link; None if it may be a link.

    Raises `SecretArgumentError`, `PasscodeError`; neither repeats the argument.
    """
    if _WORDS.fullmatch(argument) is None:
        return None
    words = re.findall(r"[^\W\d_]+", argument.casefold())
    if len(words) > 1:
        raise SecretArgumentError
    found = words if words[0] in completions(words[0]) else completions(words[0])
    if len(found) != 1:
        raise PasscodeError(
            "this is neither a link nor the name of a room",
            hint="links begin with https://, rooms are called by the first word of their passcode; "
            "quote a text with spaces in it",
        )
    return found[0]


def link_of(room: str, server: str | None, timeout: float | None) -> str:
    """Ask for the passcode of a room; return the link its host gives for it.

    `timeout`: seconds for all of it; `TimeoutError` then. Raises `ServerUnknownError`, what
    `parse_server` and `take_link` raise, and `PasscodeError`.
    """
    where = server or Settings.load().server
    if not where:
        raise ServerUnknownError(
            "which server is the room at?",
            hint=f"sotto join {room} --server HOST:PORT, as the host says it, "
            'or server = "HOST:PORT" in settings.toml',
        )
    address = parse_server(where)
    terminal = sys.stdin is not None and sys.stdin.isatty()
    asking = _Asking(room, terminal=terminal)

    async def take() -> Link:
        async with asyncio.timeout(timeout):
            tries = TRIES_EACH if terminal else 1
            return await take_link(address, asking.ask, own_ledger(), tries=tries)

    return asyncio.run(take()).to_text()


async def link_for(room: str, server: str, words: str) -> str:
    """Return the link the host of a room gives for a passcode, of which `room` is the first word.

    Raises what `parse_server`, `parse_passcode` and `take_link` raise.
    """
    passcode = parse_passcode(f"{room} {words}")

    async def ask() -> Passcode:
        return passcode

    return (await take_link(parse_server(server), ask, own_ledger())).to_text()


class _Asking:
    """Asks for the passcode, on the terminal or from standard input."""

    def __init__(self, room: str, *, terminal: bool) -> None:
        self._room = room
        self._terminal = terminal
        self._asked = 0

    async def ask(self) -> Passcode:
        """Ask until there are words; on a terminal, say what is wrong and ask again."""
        if not self._terminal:
            return parse_passcode(read_line(), self._room)
        if self._asked:
            report.complain("the passcode is wrong", "ask for it again; it may be a new one")
        self._asked += 1
        while True:
            try:
                typed = await hidden_line.ask(
                    f"Passcode of {self._room}, its other three words "
                    "(not shown; four letters each do): "
                )
            except (EOFError, OSError) as error:
                raise PasscodeError("no passcode was given") from error
            try:
                return parse_passcode(typed, self._room)
            except PasscodeError as error:
                report.complain(error.message, error.hint)
