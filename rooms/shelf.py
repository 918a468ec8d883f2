"""The files others sent us, in memory, until there are too many: none is on the disk. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from rooms.download import Download

MAX_FILES: Final = 5
MAX_BYTES: Final = 32 * 1024 * 1024
"""Kept at once, of all senders together; what is coming counts with all of its announced size."""


@dataclass(frozen=True, slots=True)
class _Place:
    sender: bytes
    download: Download


class Shelf:
    """By file id, oldest first. Senders are identity blobs."""

    def __init__(self) -> None:
        self._places: dict[bytes, _Place] = {}

    def get(self, file: bytes) -> Download | None:
        """Return a file that is here or coming."""
        place = self._places.get(file)
        return place.download if place is not None else None

    def coming(self) -> dict[bytes, Download]:
        """Return those that are not whole."""
        return {
            file: place.download
            for file, place in self._places.items()
            if not place.download.is_whole
        }

    def put(self, file: bytes, sender: bytes, download: Download) -> bool:
        """Make a place for a file; False if what is coming leaves none.

        Whole ones go for it, first those of whoever has most here, the oldest first; others' only
        of who has more than the sender. So nobody can send away all that another one sent.
        """
        while not self._fits(download.size):
            if (oldest := self._first_to_go(sender)) is None:
                return False
            del self._places[oldest]
        self._places[file] = _Place(sender, download)
        return True

    def drop(self, file: bytes) -> None:
        """Give up a file that is not coming any more."""
        self._places.pop(file, None)

    def _fits(self, size: int) -> bool:
        used = sum(place.download.size for place in self._places.values())
        return len(self._places) < MAX_FILES and used + size <= MAX_BYTES

    def _first_to_go(self, sender: bytes) -> bytes | None:
        """Return what makes place for a file of `sender`."""
        held = Counter(place.sender for place in self._places.values())
        may_go = [
            file
            for file, place in self._places.items()
            if place.download.is_whole
            and (place.sender == sender or held[place.sender] > held[sender])
        ]
        return max(may_go, key=lambda file: held[self._places[file].sender], default=None)
