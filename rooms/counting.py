"""How many are in a room: one question to its server by whoever has the link, without knocking."""

from __future__ import annotations

import asyncio
from typing import Final

from e2ee.link import Link, room_keys
from rooms import wire
from rooms.client import RoomClient, ServerAddress, explain
from rooms.ledger import Ledger
from rooms.server_errors import expect

PURPOSE: Final = "head count"
READS: Final = "that somebody who has the link asks how many are in the room, and when"
TIMEOUT: Final = 5.0
"""Seconds for everything; a list of rooms should not wait for a server that is gone."""


async def count(link: Link, ledger: Ledger) -> int:
    """Return how many are in the room of a link; 0 if it is not open.

    The server could say anything: this is for a person to look at, and nothing is decided by it.
    Raises `NetworkError`, `ServerIdentityError`, `WireError` and what else the server reports.
    """
    server = ServerAddress.of_link(link)
    try:
        async with asyncio.timeout(TIMEOUT):
            client = await RoomClient.connect(server, ledger, purpose=PURPOSE, reads=READS)
            try:
                await client.send(wire.CountRoom(room_keys(link.secret).room_id))
                return expect(wire.RoomCount, await client.receive()).members
            finally:
                await client.close()
    except TimeoutError as error:
        raise explain(error, server) from error
