"""Tries a server out: its key, its protocol, and whether media gets there and back.

A room nobody else knows is opened for it and left at once.
"""

from __future__ import annotations

import asyncio
from typing import Final

from e2ee.link import new_secret, room_keys
from rooms import wire
from rooms.client import RoomClient, ServerAddress
from rooms.errors import OTHER_VERSION, WireError
from rooms.ledger import Ledger, MediaAccount
from rooms.server_errors import Answer, expect

PURPOSE: Final = "trying the server"
READS: Final = "that somebody tries whether a call would work, and when"
PATIENCE: Final = 10.0
"""Seconds for each of its answers."""
MEDIA_PATIENCE: Final = 6.0
"""Seconds for the media's way: a call waits longer, but somebody waits here."""


async def try_server(server: ServerAddress, ledger: Ledger) -> bool:
    """Return whether media gets through to a server, which otherwise is as it should be.

    Raises `NetworkError`, `ServerIdentityError`, `WireError` and what else the server reports.
    """
    client = await RoomClient.connect(server, ledger, purpose=PURPOSE, reads=READS)
    try:
        await client.send(wire.OpenRoom(room_keys(new_secret()).room_id))
        await _answer(client, wire.RoomOpened)
        through = await _try_media(client, ledger)
        await client.send(wire.Leave())
        return through
    finally:
        await client.close()


async def _try_media(client: RoomClient, ledger: Ledger) -> bool:
    """Return whether ICE and DTLS come about with where the server says its media is."""
    from media.engine.embedded_session import EmbeddedSession
    from media.errors import TransportError

    engine = EmbeddedSession()
    account = MediaAccount(ledger)
    try:
        await client.send(wire.StartMedia(await engine.offer()))
        answer = (await _answer(client, wire.MediaStarted)).answer
        account.reaches(answer.transport)
        async with asyncio.timeout(MEDIA_PATIENCE):
            await engine.connect(answer)
    except (TransportError, TimeoutError):
        return False
    else:
        return True
    finally:
        await engine.close()
        account.carried(engine.stats())
        account.close()


async def _answer(client: RoomClient, kind: type[Answer]) -> Answer:
    """Return the next message, which has to be of a kind. Raises as `try_server`."""
    try:
        async with asyncio.timeout(PATIENCE):
            message = await client.receive()
    except TimeoutError as error:
        raise WireError("the server does not answer", hint=OTHER_VERSION) from error
    return expect(kind, message)
