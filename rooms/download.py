"""A file somebody sends us: taken in piece by piece, each known to be theirs. Pure."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from e2ee.errors import UnknownKeyError
from e2ee.file_chunks import CHUNK, chunk_count, chunk_key, open_chunk
from e2ee.mls.group import Group
from rooms import wire
from rooms.member_wire import FileOffer

STALL: Final = 20.0
"""Seconds without another piece until no more is expected; one that is late may just be slow."""
SLOWEST: Final = 5.0
"""Seconds a piece may take on average: 27 minutes for the largest file. It takes up the room of
others meanwhile."""
MAX_EPOCHS: Final = 64
"""Epochs whose keys are kept: pieces come behind everything else, so some are of earlier ones."""


class Download:
    """One file, from its announcement in the present epoch of a group on. `now`: when that was."""

    def __init__(self, offer: FileOffer, group: Group, now: float) -> None:
        self.size = offer.size
        self._heard = now
        self._latest = now + STALL + SLOWEST * chunk_count(offer.size)
        self._id = offer.id
        self._file_key = offer.key
        self._expected = offer.first
        self._keys: OrderedDict[int, bytes] = OrderedDict()
        self._parts: list[bytes] = []
        self.next_epoch(group)

    @property
    def done(self) -> int:
        """Bytes there are."""
        return min(len(self._parts) * CHUNK, self.size)

    @property
    def is_whole(self) -> bool:
        """Whether all of it is there."""
        return len(self._parts) == chunk_count(self.size)

    @property
    def due(self) -> float:
        """When no more is expected unless another piece comes, seconds of the clock of `now`."""
        return min(self._heard + STALL, self._latest)

    def next_epoch(self, group: Group) -> None:
        """Be ready for pieces that are sent in a new epoch."""
        self._keys[group.epoch] = chunk_key(self._file_key, self._id, group)
        if len(self._keys) > MAX_EPOCHS:
            self._keys.popitem(last=False)

    def take(self, chunk: wire.ChunkDelivered, now: float) -> None:
        """Take the next piece in.

        Raises `KeysError` for anything else; nothing changes then. Anybody here may have sent that,
        so nothing is concluded from it, not even from a piece that is missing.
        """
        key = self._keys.get(chunk.epoch)
        if key is None:
            raise UnknownKeyError("a piece of a file is of an epoch we have no key of")
        index = len(self._parts)
        following, part = open_chunk(key, self._id, index, self._expected, chunk.sealed)
        self._expected = following
        self._parts.append(part)
        self._heard = now
        if self.is_whole:
            self._keys.clear()

    def read(self) -> bytes:
        """Return what has come."""
        return b"".join(self._parts)[: self.size]
