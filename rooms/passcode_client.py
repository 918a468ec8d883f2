"""From a passcode to a link: one connection to a room server, before there is a call."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from e2ee.link import Link
from e2ee.passcode import Passcode
from rooms import wire
from rooms.client import RoomClient, ServerAddress
from rooms.errors import (
    NetworkError,
    PasscodeTriesError,
    PasscodeWrongError,
    RoomMissingError,
    WireError,
)
from rooms.ledger import Ledger
from rooms.passcode_join import PasscodeAsking
from rooms.phases import EXPECTED, Phase
from rooms.server_errors import error_of

PURPOSE: Final = "passcode lookup"
READS: Final = "the first word of the passcode, times and sizes; not the other words, nor the link"
REPLY_TIMEOUT: Final = 15.0
"""Seconds a host has for a reply."""

Ask = Callable[[], Awaitable[Passcode]]


async def take_link(server: ServerAddress, ask: Ask, ledger: Ledger, *, tries: int = 1) -> Link:
    """Prove a passcode to a room's host; return the link the host gives for it.

    `ask` is asked again after a wrong passcode, for the same room, `tries` times in all. Without
    a pin, any certificate is taken: the link that comes through has to name this one.
    Raises `PasscodeWrongError`, `PasscodeTriesError`, `NetworkError`, `ServerIdentityError`,
    `WireError`, `RoomMissingError` and other `RoomsError`s, `KeysError`, and what `ask` does.
    """
    passcode = await ask()
    asking = await asyncio.to_thread(PasscodeAsking, passcode)
    client = await RoomClient.connect(
        server, ledger, any_key=server.pin is None, purpose=PURPOSE, reads=READS
    )
    try:
        for _ in range(tries - 1):
            try:
                return await _try(client, passcode.room, asking, server)
            except PasscodeWrongError:
                passcode = await ask()
                asking = await asyncio.to_thread(PasscodeAsking, passcode)
        return await _try(client, passcode.room, asking, server)
    finally:
        await client.close()


async def _try(
    client: RoomClient, room: str, asking: PasscodeAsking, server: ServerAddress
) -> Link:
    await client.send(wire.TryPasscode(room, asking.share))
    confirmation = asking.answered(await _reply(client))
    await client.send(wire.ConfirmPasscode(confirmation))
    link = asking.delivered(await _reply(client), client.seen_pin, server.text)
    await client.send(wire.Leave())
    return link


async def _reply(client: RoomClient) -> bytes:
    try:
        async with asyncio.timeout(REPLY_TIMEOUT):
            message = await client.receive()
    except TimeoutError as error:
        raise NetworkError("the host does not answer", hint="try again in a moment") from error
    if isinstance(message, wire.ServerError):
        told = error_of(message)
        if isinstance(told, RoomMissingError):
            told.hint = "is the name right, and is the host's call still on?"
        raise told
    if type(message) not in EXPECTED[Phase.TRYING]:
        raise WireError("the server says something that does not belong here")
    if not isinstance(message, wire.PasscodeReplied):
        raise PasscodeTriesError(
            "no more passcodes may be tried now", hint="wait, then ask the host for the passcode"
        )
    return message.reply
