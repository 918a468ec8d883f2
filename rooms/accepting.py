"""A listening socket that takes no more than so many connections from one source, before TLS.

Until a WebSocket is open the hall knows nothing of a connection, which costs a file descriptor all
the same, and a handshake. What is refused here is closed at once and costs neither.
"""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from rooms.limits import source_of
from rooms.served import ServedRoom

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer


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
    """A listening socket, which it takes over, whose connections are counted in a crowd.

    With `served`, they are entered in a ledger too.
    """

    def __init__(
        self, listening: socket.socket, crowd: Crowd, served: ServedRoom | None = None
    ) -> None:
        family, kind, protocol = listening.family, listening.type, listening.proto
        super().__init__(family, kind, protocol, fileno=listening.detach())
        self._crowd = crowd
        self._served = served

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

        def leave() -> None:
            self._crowd.leave(source)

        if self._served is None:
            return _Counted(accepted, leave), address
        return _Entered(accepted, leave, self._served, address[0]), address


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


class _Entered(_Counted):
    """An accepted socket whose bytes are counted in a ledger: as the event loop moves them."""

    def __init__(
        self, accepted: socket.socket, ended: Callable[[], None], served: ServedRoom, address: str
    ) -> None:
        super().__init__(accepted, ended)
        self._served = served
        self._entry = served.opened(address)

    def send(self, data: ReadableBuffer, flags: int = 0, /) -> int:
        """Send; count what was taken."""
        sent = super().send(data, flags)
        self._entry.sent += sent
        return sent

    def sendmsg(self, buffers: Iterable[ReadableBuffer], /, *rest: Any) -> int:
        """Send; count what was taken."""
        sent = super().sendmsg(buffers, *rest)
        self._entry.sent += sent
        return sent

    def recv_into(self, buffer: WriteableBuffer, nbytes: int = 0, flags: int = 0) -> int:
        """Receive; count what came."""
        received = super().recv_into(buffer, nbytes, flags)
        self._entry.received += received
        return received

    def close(self) -> None:
        """Close it; idempotent."""
        if self.fileno() >= 0:
            self._served.closed(self._entry)
        super().close()
