"""The one TCP port: sockets, TLS, and what is answered before a WebSocket is open."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Final

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.frames import DATA_OPCODES, CloseCode, Frame
from websockets.http11 import Request, Response
from websockets.protocol import Event

from rooms import page, wire
from rooms.errors import NetworkError

HANDSHAKE_TIMEOUT: Final = 5.0
PING_INTERVAL: Final = 3.0
PING_TIMEOUT: Final = 5.0
CLOSE_TIMEOUT: Final = 2.0
"""A peer that is gone without closing is noticed after at most the sum of the three, seconds."""
MESSAGE_TIMEOUT: Final = 10.0
"""Seconds from the first frame of a message to its last. A single one has to be there even sooner:
as long as it is under way, no pong can be."""
BIND_ATTEMPTS: Final = 16
WEBSOCKET_PATH: Final = "/ws"

# The library's log names addresses, headers and sometimes contents.
_silent = logging.getLogger(f"{__name__}.websockets")
_silent.disabled = True


async def listen(
    handler: Callable[[ServerConnection], Awaitable[None]],
    sock: socket.socket,
    context: ssl.SSLContext,
) -> Server:
    """Serve WebSockets (and the page) on a bound socket, which the server then owns."""
    return await serve(
        handler,
        sock=sock,
        ssl=context,
        create_connection=BoundedConnection,
        origins=[None],  # none of our clients is a page in somebody's browser
        compression=None,  # sizes of what is compressed together would tell of its contents
        process_request=_answer,
        server_header=None,
        open_timeout=HANDSHAKE_TIMEOUT,
        ping_interval=PING_INTERVAL,
        ping_timeout=PING_TIMEOUT,
        close_timeout=CLOSE_TIMEOUT,
        max_size=wire.MAX_MESSAGE,
        logger=_silent,
    )


class BoundedConnection(ServerConnection):
    """A connection that is broken off when its peer takes up memory for nothing.

    By not reading: the library answers pings at once and without flow control, so a flood of them
    would fill our buffer. What `Outgoing` sends waits for the buffer instead. And by not coming to
    the end of a message: its frames are kept, and the answers to our pings may go in between.
    """

    _unfinished: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.transport.get_write_buffer_size() > 2 * wire.MAX_MESSAGE:
            self.transport.abort()

    def process_event(self, event: Event) -> None:
        super().process_event(event)
        if not isinstance(event, Frame) or event.opcode not in DATA_OPCODES:
            return
        if event.fin:
            self._finished()
        elif self._unfinished is None:
            self._unfinished = self.loop.call_later(MESSAGE_TIMEOUT, self.transport.abort)

    async def close(
        self, code: CloseCode | int = CloseCode.NORMAL_CLOSURE, reason: str = ""
    ) -> None:
        """Close, in the time there is for it also if the peer reads no more.

        The library would first wait for its buffer, for as long as the peer likes.
        """
        deadline = self.loop.call_later(CLOSE_TIMEOUT, self.transport.abort)
        try:
            await super().close(code, reason)
        finally:
            deadline.cancel()

    def connection_lost(self, exc: Exception | None) -> None:
        self._finished()
        super().connection_lost(exc)

    def _finished(self) -> None:
        if self._unfinished is not None:
            self._unfinished.cancel()
            self._unfinished = None


def bind(addresses: Sequence[str], port: int) -> list[socket.socket]:
    """Bind one TCP port on every address; 0 picks one that is free on all of them.

    Raises `NetworkError` if it cannot be had.
    """
    attempts = 1 if port else BIND_ATTEMPTS
    while True:
        attempts -= 1
        try:
            return _bind_all(addresses, port)
        except OSError as error:
            # A port that was free on the first address may be taken on another one.
            if error.errno != errno.EADDRINUSE or not attempts:
                raise _cannot_listen(port, error) from error


def _bind_all(addresses: Sequence[str], port: int) -> list[socket.socket]:
    with contextlib.ExitStack() as opened:
        sockets: list[socket.socket] = []
        for address in addresses:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            sock = socket.create_server((address, port), family=family)
            sockets.append(opened.enter_context(sock))
            # Accepted sockets inherit it. asyncio sets it only on sockets made with a protocol
            # number, which these are not; without, each round trip may wait 40 ms for an ACK.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            port = sock.getsockname()[1]
        opened.pop_all()
        return sockets


def _cannot_listen(port: int, error: OSError) -> NetworkError:
    reason = error.strerror or "the address is not one of this machine"
    if port == 0:  # the system chooses a free one, so it is not the port
        return NetworkError(
            f"cannot listen: {reason}", hint="is the address to listen on one of this machine?"
        )
    return NetworkError(
        f"cannot listen on TCP port {port}: {reason}",
        hint="another server may be running there; choose another port or address",
    )


def _answer(_connection: ServerConnection, request: Request) -> Response | None:
    """Answer what is no WebSocket; None lets the handshake go on."""
    if request.path == WEBSOCKET_PATH:
        return None
    answer = page.answer(request.path)
    status = HTTPStatus(answer.status)
    return Response(status, status.phrase, Headers(answer.headers), answer.body)
