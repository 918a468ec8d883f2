"""Proofs made ahead, beside the event loop: whoever signs may wait for a person.

An agent may ask for a confirmation or a touch, which takes longer than a server waits for a sign
of life. So the proof for a room is made before the server is reached.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from e2ee.identity import Identity
from e2ee.mls.signing_key import SigningKey

T = TypeVar("T")


class PreparedIdentity(Identity):
    """An identity whose next proof can be made ahead, once each."""

    __slots__ = ("_identity", "_ready")

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._ready: dict[tuple[bytes, str], tuple[SigningKey, bytes]] = {}

    @property
    def public_blob(self) -> bytes:
        """The public key as an SSH wire blob."""
        return self._identity.public_blob

    def sign(self, data: bytes) -> bytes:
        """Return an SSH signature, as the identity itself does."""
        return self._identity.sign(data)

    async def prepare(self, room_id: bytes, name: str) -> None:
        """Make a proof for a room without blocking, unless there is one that was not used.

        Raises what `Identity.prove` raises.
        """
        if (room_id, name) in self._ready:
            return
        made = await _beside(lambda: self._identity.proven_key(room_id, name))
        self._ready[room_id, name] = made

    def proven_key(self, room_id: bytes, name: str) -> tuple[SigningKey, bytes]:
        """Return the key and proof made ahead, else make them now."""
        ready = self._ready.pop((room_id, name), None)
        return ready or self._identity.proven_key(room_id, name)


async def _beside(work: Callable[[], T]) -> T:
    """Run work in a thread of its own, which nobody waits for once it is not wanted any more."""
    done: Future[T] = Future()
    done.set_running_or_notify_cancel()

    def run() -> None:
        try:
            done.set_result(work())
        except Exception as error:  # told to whoever waits
            done.set_exception(error)

    threading.Thread(target=run, name="signing", daemon=True).start()
    return await asyncio.wrap_future(done)
