"""A server that can part a room: `python hostile_server.py`, then a line `part NUMBER...`.

It is the real one until then, and prints its address as `sotto serve` does. Afterwards connections
of these numbers, counted from 1, are shown an order of their own: whatever either side commits is
accepted, and never reaches the other one. Heartbeats go on reaching everybody.
"""

from __future__ import annotations

import asyncio
import copy
import sys

from media.engine.embedded_admin import EmbeddedAdmin
from media.engine.ports import MediaAnswer
from rooms import wire
from rooms.certificate import ServerCertificate
from rooms.client import ServerAddress
from rooms.hall import Hall
from rooms.media_actions import MediaAction
from rooms.server import RoomServer
from tui.cli.address import format_server
from tui.cli.serving import LOOPBACK


class Parting(Hall):
    """Two halls that look like one."""

    def __init__(self) -> None:
        self.front = Hall()
        self.back = self.front
        self.away: frozenset[int] = frozenset()
        self.outbox: list[tuple[int, wire.ServerMessage]] = []
        self.closings: list[int] = []
        self.media: list[MediaAction] = []
        self.taken: list[int] = []

    @property
    def rooms(self):
        return self.front.rooms

    def part(self, numbers: frozenset[int]) -> None:
        """Begin to lie."""
        self.back, self.away = copy.deepcopy(self.front), numbers

    def connected(self, conn: int, now: float, source: str = "") -> None:
        self.front.connected(conn, now, source)
        self._take()

    def received(self, conn: int, data: bytes, now: float) -> None:
        self._hall(conn).received(conn, data, now)
        self._take()

    def disconnected(self, conn: int, now: float) -> None:
        for hall in {self.front, self.back}:
            hall.disconnected(conn, now)
        self._take()

    def media_answered(self, conn: int, answer: MediaAnswer | None) -> None:
        self._hall(conn).media_answered(conn, answer)
        self._take()

    def _hall(self, conn: int) -> Hall:
        return self.back if conn in self.away else self.front

    def _take(self) -> None:
        for hall in {self.front, self.back}:
            self.outbox += [
                (conn, message)
                for conn, message in hall.outbox
                if self._hall(conn) is hall or isinstance(message, wire.HeartbeatDelivered)
            ]
            self.closings += [conn for conn in hall.closings if self._hall(conn) is hall]
            self.media += hall.media
            self.taken += hall.taken
            for done in (hall.outbox, hall.closings, hall.media, hall.taken):
                done.clear()


async def main() -> None:
    """Serve until standard input ends."""
    certificate = ServerCertificate.ephemeral()
    server = RoomServer([LOOPBACK], 0, EmbeddedAdmin([LOOPBACK]), certificate)
    hall = server._hall = Parting()
    await server.start()
    address = format_server(ServerAddress(LOOPBACK, server.port, certificate.pin))
    print(address, flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        hall.part(frozenset(map(int, line.split()[1:])))
        print("parted", flush=True)
    await server.stop()


if __name__ == "__main__":
    asyncio.run(main())
