"""Asks running calls from another process. Light to import: a command waits for it."""

from __future__ import annotations

import contextlib
import json
import select
import socket
from collections.abc import Iterator

from tui.ctl.errors import NoCallError, SilentCallError, WhichCallError, error_of
from tui.ctl.seats import is_own, running_calls

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

VERSION = 1
PATIENCE = 10.0
"""Seconds a call has to answer; it may be busy, as when a code is stretched."""
MAX_ANSWER = 1 << 20


class Line:
    """A connection to one running call."""

    def __init__(self, number: int, connection: socket.socket) -> None:
        self.number = number
        self._connection = connection
        self._received = bytearray()
        connection.settimeout(PATIENCE)

    def ask(self, verb: str, **fields: object) -> dict[str, Any]:
        """Ask one thing; return the `result`. Raises `ControlError`, also what the call says."""
        request = {"v": VERSION, "request_id": 1, "verb": verb, **fields}
        line = json.dumps(request, ensure_ascii=False).encode(errors="replace")
        with self._understood():
            if not is_own(self._connection):
                raise PermissionError
            with contextlib.suppress(ConnectionError):  # it may have said why before it hung up
                self._connection.sendall(line + b"\n")
            return self._read("result")

    def follow(self, verb: str, output: int, **fields: object) -> Iterator[dict[str, Any]]:
        """Ask to be told; yield what is told until the call ends or nobody reads `output`.

        `output`: the descriptor it is written to. Raises `ControlError`.
        """
        result = self.ask(verb, **fields)
        kind = "change" if "properties" in result else "event"
        if kind == "change":
            yield result["properties"]
        self._connection.settimeout(None)
        waiting = select.poll()
        waiting.register(self._connection, select.POLLIN)
        waiting.register(output, 0)  # wakes when its reader is gone
        while b"\n" in self._received or all(fd != output for fd, _ in waiting.poll()):
            with self._understood():
                try:
                    told = self._read(kind)
                except EOFError:
                    return
            yield told

    @contextlib.contextmanager
    def _understood(self) -> Iterator[None]:
        try:
            yield
        except (OSError, EOFError, ValueError, LookupError, TypeError, RecursionError) as error:
            raise SilentCallError(
                f"call {self.number} does not answer", hint="is it stopped, or just ending?"
            ) from error

    def _read(self, key: str) -> dict[str, Any]:
        """Read a line; return what it holds. Raises what `_understood` explains."""
        told = json.loads(self._receive())
        if "error" in told:
            raise error_of(told["error"])
        if not isinstance(told[key], dict):
            raise TypeError(key)
        return dict(told[key])

    def _receive(self) -> bytes:
        """Receive one line. Raises `OSError`, `EOFError`, and `ValueError` if it is too long."""
        while (end := self._received.find(b"\n") + 1) == 0:
            piece = self._connection.recv(65536)
            if not piece:
                raise EOFError
            self._received += piece
            if len(self._received) > MAX_ANSWER:
                raise ValueError("no whole answer")
        line = bytes(self._received[:end])
        del self._received[:end]
        return line


def choose(which: str | None) -> Line:
    """Return the only call there is; or the one of this number, or in which we have this name.

    Raises `NoCallError`, `WhichCallError`, `NoSocketError`, `SilentCallError`.
    """
    lines = [Line(number, connection) for number, connection in running_calls().items()]
    if not lines:
        raise NoCallError(
            "no call of yours is running here", hint="start one: sotto call, or sotto join"
        )
    if not which:
        if len(lines) > 1:
            raise WhichCallError(f"{len(lines)} calls are running: say which", hint=_listed(lines))
        return lines[0]
    found = [line for line in lines if which == str(line.number)]
    found = found or [line for line in lines if which == _own_name(line)]
    if not found:
        raise NoCallError(f"there is no call {which!r}", hint=_listed(lines))
    if len(found) > 1:
        raise WhichCallError(f"several calls are called {which!r}", hint=_listed(found))
    return found[0]


def _listed(lines: list[Line]) -> str:
    """Say which calls there are, by number, by our name in them, and by whom we are with."""
    return "; ".join(f"{line.number} {_company(line)}" for line in lines)


def _own_name(line: Line) -> object:
    """Return what we are called in a call; None if it does not answer."""
    try:
        return line.ask("status").get("name")
    except SilentCallError:
        return None


def _company(line: Line) -> str:
    try:
        status = line.ask("status")
        own = f"as {status['name']}"
        names = [person["name"] for person in status["participants"] if not person["me"]]
    except (SilentCallError, LookupError, TypeError):
        return "does not answer"
    if len(names) > 3:
        return f"{own} with {', '.join(names[:2])} and {len(names) - 2} others"
    return f"{own} with {' and '.join(names)}" if names else f"{own}, alone"
