"""Proofs made ahead: nothing waits for a slow signer, and none is used twice or elsewhere."""

from __future__ import annotations

import asyncio
import threading

import pytest

from e2ee.identity import DeviceIdentity, Identity, read_credential
from rooms.errors import AgentRefusedError
from rooms.signing import PreparedIdentity

ROOM = bytes(16)
KEY = DeviceIdentity.generate()


class Slow(Identity):
    """Signs when it is let, or does not."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.may_sign = threading.Event()
        self.refuses = refuses
        self.signed = 0

    @property
    def public_blob(self) -> bytes:
        return KEY.public_blob

    def sign(self, data: bytes) -> bytes:
        self.may_sign.wait()
        self.signed += 1
        if self.refuses:
            raise AgentRefusedError("no")
        return KEY.sign(data)


async def test_a_proof_is_made_ahead_while_others_go_on() -> None:
    slow = Slow()
    mine = PreparedIdentity(slow)
    preparing = asyncio.create_task(mine.prepare(ROOM, "Ada"))
    await asyncio.sleep(0)  # the loop goes on
    assert not preparing.done()
    slow.may_sign.set()
    await preparing
    key, proof = mine.proven_key(ROOM, "Ada")
    assert slow.signed == 1
    credential = read_credential(proof, signature_key=key.public, room_id=ROOM)
    assert credential.public_blob == mine.public_blob


async def test_a_proof_made_ahead_is_used_once_and_in_its_room_only() -> None:
    mine = PreparedIdentity(KEY)
    await mine.prepare(ROOM, "Ada")
    elsewhere, _ = mine.proven_key(bytes(15) + b"\1", "Ada")
    renamed, _ = mine.proven_key(ROOM, "Eve")
    first, _ = mine.proven_key(ROOM, "Ada")
    second, _ = mine.proven_key(ROOM, "Ada")
    assert len({key.public for key in (elsewhere, renamed, first, second)}) == 4


async def test_a_refusal_reaches_who_waits() -> None:
    slow = Slow(refuses=True)
    slow.may_sign.set()
    with pytest.raises(AgentRefusedError):
        await PreparedIdentity(slow).prepare(ROOM, "Ada")


async def test_who_leaves_does_not_wait_for_the_signer() -> None:
    slow = Slow()
    preparing = asyncio.create_task(PreparedIdentity(slow).prepare(ROOM, "Ada"))
    await asyncio.sleep(0)
    preparing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await preparing
    slow.may_sign.set()


async def test_a_person_is_asked_for_one_proof_until_it_is_used() -> None:
    slow = Slow()
    slow.may_sign.set()
    mine = PreparedIdentity(slow)
    for _ in range(3):  # three attempts to reach a server
        await mine.prepare(ROOM, "Ada")
    mine.proven_key(ROOM, "Ada")
    assert slow.signed == 1
