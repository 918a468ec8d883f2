"""The server: a `Hall` behind WebSockets, and an engine that does what it says about media.

No name, address or id is logged: what the server need not know, its log does not keep.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import time
from collections.abc import Callable, Sequence
from typing import Final

from websockets.asyncio.server import Server, ServerConnection
from websockets.exceptions import ConnectionClosed

from media.engine.ports import EngineAdmin, MediaAnswer
from media.errors import MediaError
from rooms import wire
from rooms.accepting import AcceptingSocket, Crowd
from rooms.certificate import ServerCertificate
from rooms.errors import UnansweredError
from rooms.hall import Hall
from rooms.limits import Limits, source_of
from rooms.listening import bind, listen
from rooms.media_actions import JoinMedia, LeaveMedia, MediaAction
from rooms.outgoing import Outgoing, Pool
from rooms.served import ServedRoom
from rooms.states import State

FIRST_MESSAGE_TIMEOUT: Final = 10.0
"""Seconds a connection has to say what it wants."""
STOP_GRACE: Final = 3.0
"""Seconds connections have to close when the server stops. One that is open does by then
(`listening.CLOSE_TIMEOUT`); a stranger's whose handshake is not over is not waited for: it gets to
no room any more, and ends by itself (`listening.HANDSHAKE_TIMEOUT`)."""

_log = logging.getLogger(__name__)


class RoomServer:
    """Rooms on one TCP port, by TLS only. `admin` is started and closed with the server.

    Connections are entered in `served`, if whoever runs it has a ledger to read.
    """

    def __init__(
        self,
        addresses: Sequence[str],
        port: int,
        admin: EngineAdmin,
        certificate: ServerCertificate,
        *,
        clock: Callable[[], float] = time.monotonic,
        limits: Limits | None = None,
        served: ServedRoom | None = None,
    ) -> None:
        self._addresses = addresses
        self._port = port
        self._admin = admin
        self._certificate = certificate
        self._clock = clock
        self._limits = limits or Limits()
        self._served = served
        self._hall = Hall(self._limits)
        self._numbers = itertools.count(1)
        self._outgoing: dict[int, Outgoing] = {}
        self._pool = Pool(self._limits.chunk_backlog_of_all)
        self._media: dict[tuple[str, int], asyncio.Task[None]] = {}
        self._servers: list[Server] = []

    @property
    def port(self) -> int:
        """The port listened on; the one asked for until `start` returns."""
        return self._port

    async def start(self) -> None:
        """Listen. Raises `NetworkError` or `TransportError` if a port cannot be had."""
        await self._admin.start()
        sockets: list[AcceptingSocket] = []
        try:
            crowd = Crowd(self._limits.source_sockets)
            bound = bind(self._addresses, self._port)
            sockets = [AcceptingSocket(sock, crowd, self._served) for sock in bound]
            context = self._certificate.context()
            self._servers = [await listen(self._serve, sock, context) for sock in sockets]
        except BaseException:
            for sock in sockets:
                sock.close()
            await self._admin.close()
            raise
        self._port = sockets[0].getsockname()[1]
        _log.info("listening on port %d", self._port)

    async def stop(self) -> None:
        """Close every connection and socket, then the engine, whatever peers do; idempotent."""
        for server in self._servers:
            server.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_GRACE):
                for server in self._servers:
                    await server.wait_closed()
        self._servers.clear()
        if self._media:
            await asyncio.wait(self._media.values())
        await self._admin.close()

    # --- one connection ---

    async def _serve(self, connection: ServerConnection) -> None:
        conn = next(self._numbers)
        backlogs = self._limits.backlog, self._limits.chunk_backlog
        outgoing = self._outgoing[conn] = Outgoing(connection, *backlogs, self._pool)
        try:
            peer = connection.remote_address
            source = source_of(peer[0]) if peer else ""
            self._hall.connected(conn, self._clock(), source)
            self._drain()
            await self._read(conn, connection)
        except (ConnectionClosed, TimeoutError):
            pass
        except Exception:
            # The end of one connection, not of the server; the library's own log is off.
            _log.exception("a connection failed by a mistake of the server")
        finally:
            del self._outgoing[conn]
            self._hall.disconnected(conn, self._clock())
            self._drain()
            await outgoing.stop()

    async def _read(self, conn: int, connection: ServerConnection) -> None:
        async with asyncio.timeout(FIRST_MESSAGE_TIMEOUT):
            self._received(conn, await connection.recv())
        seconds = self._limits.waiting_seconds
        waiting = asyncio.get_running_loop().call_later(seconds, self._waited, conn)
        try:
            async for data in connection:
                self._received(conn, data)
        finally:
            waiting.cancel()

    def _waited(self, conn: int) -> None:
        """End a connection that has not got into a room in the time there is for it."""
        connection = self._hall.connections.get(conn)
        if connection is None or connection.state is State.MEMBER:
            return
        self._hall.disconnected(conn, self._clock())
        text = f"nobody let you in for {self._limits.waiting_seconds / 60:.0f} minutes"
        self._outgoing[conn].push(wire.encode(wire.ServerError(UnansweredError.code, text)))
        self._outgoing[conn].finish()
        self._drain()

    def _received(self, conn: int, data: str | bytes) -> None:
        # A text message is no message of ours whatever it says: pass on what never decodes.
        self._hall.received(conn, data if isinstance(data, bytes) else b"", self._clock())
        self._drain()

    # --- what the hall wants done ---

    def _drain(self) -> None:
        outbox, self._hall.outbox = self._hall.outbox, []
        closings, self._hall.closings = self._hall.closings, []
        actions, self._hall.media = self._hall.media, []
        taken, self._hall.taken = self._hall.taken, []
        encoded: tuple[wire.ServerMessage | None, bytes] = None, b""
        for conn, message in outbox:
            if encoded[0] is not message:  # a fan-out is encoded once
                encoded = message, wire.encode(message)
            if (outgoing := self._outgoing.get(conn)) is None:
                continue
            if isinstance(message, wire.ChunkDelivered):
                outgoing.push_chunk(encoded[1])
            else:
                outgoing.push(encoded[1])
        for conn in closings:
            if conn in self._outgoing:
                self._outgoing[conn].finish()
        for action in actions:
            self._act(action)
        for conn in taken:
            if conn in self._outgoing:
                self._outgoing[conn].chunk_taken()
        if outbox or closings:
            _log.debug("%d connections, %d rooms", len(self._outgoing), len(self._hall.rooms))

    def _act(self, action: MediaAction) -> None:
        """Have the engine do something, after what it still does for the same participant."""
        key = action.room, action.participant
        task = asyncio.create_task(self._perform(action, self._media.get(key)))
        self._media[key] = task

        def done(_task: asyncio.Task[None]) -> None:
            if self._media.get(key) is task:
                del self._media[key]

        task.add_done_callback(done)

    async def _perform(self, action: MediaAction, previous: asyncio.Task[None] | None) -> None:
        if previous is not None:
            await asyncio.wait([previous])
        match action:
            case JoinMedia():
                self._hall.media_answered(action.conn, await self._join(action))
                self._drain()
            case LeaveMedia():
                with contextlib.suppress(MediaError):
                    await self._admin.leave(action.room, action.participant)

    async def _join(self, action: JoinMedia) -> MediaAnswer | None:
        try:
            return await self._admin.join(
                action.room, action.participant, action.offer, leaf=action.leaf
            )
        except MediaError as error:
            _log.warning("the engine refused a media offer (%s)", error.code)
        except Exception:
            _log.exception("the engine failed by a mistake on a media offer")
        return None
