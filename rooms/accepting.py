"""A listening socket that takes no more than so many connections from one source, before TLS.

Until a WebSocket is open the hall knows nothing of a connection, which costs a file descriptor all
the same, and a handshake. What is refused here is closed at once and costs neither.
"""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Callable

from rooms.limits import source_of


class Crowd:
    """How many connections there are from each source: on all addresses of a server together."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._here: Counter[str] = Counter()

    def enter(self, source: str) -> bool:
        """Count a connection that begins; False, and not counted, if it is one too many."""
        if self._here[source] >= self._most:
            return False
        self._here[source] += 1
        return True

    def leave(self, source: str) -> None:
        """Count a connection that ended."""
        self._here[source] -= 1
        if not self._here[source]:
            del self._here[source]  # a source that is gone takes up nothing


class AcceptingSocket(socket.socket):
    """A listening socket, which it takes over, whose connections are counted in a crowd."""

    def __init__(self, listening: socket.socket, crowd: Crowd) -> None:
        family, kind, protocol = listening.family, listening.type, listening.proto
        super().__init__(family, kind, protocol, fileno=listening.detach())
        self._crowd = crowd

    def accept(self) -> tuple[socket.socket, tuple[str, int]]:
        """Accept a connection.

        Raises `ConnectionAbortedError` if it was one too many from its source: the event loop takes
        it for one that was given up before it was accepted, and goes on.
        """
        accepted, address = super().accept()
        source = source_of(address[0])
        if not self._crowd.enter(source):
            accepted.close()
            raise ConnectionAbortedError
        return _Counted(accepted, lambda: self._crowd.leave(source)), address


class _Counted(socket.socket):
    """An accepted socket, which it takes over, whose end is told once."""

    def __init__(self, accepted: socket.socket, ended: Callable[[], None]) -> None:
        family, kind, protocol = accepted.family, accepted.type, accepted.proto
        super().__init__(family, kind, protocol, fileno=accepted.detach())
        self._ended = ended

    def close(self) -> None:
        """Close it; idempotent."""
        if self.fileno() >= 0:
            self._ended()
        super().close()
