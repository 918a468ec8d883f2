"""The ledger: every address this machine talked to, why, what it can read there, and how much.

Pure: whoever opens a socket enters it here and counts. It is kept in memory only. Media counts all
bytes of every UDP datagram; connections to a room server count the messages, to which TLS, the
WebSocket and its pings add some 30 bytes each, and 3 kB at the start; connections of guests to a
server of our own (`rooms.served`) count all they carry. What never leaves this
machine is no line: the Unix sockets of ssh-agent, of `sotto ctl` and of the media process.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec

from media.engine.ports import TransportParameters, TransportStats

MEDIA_PURPOSE: Final = "media"
MEDIA_READS: Final = "who sends when and how much, and loudness in four steps if shared"


class LedgerLine(msgspec.Struct, frozen=True):
    """What went to one address for one purpose; bytes. A line of the JSON export."""

    address: str
    purpose: str
    reads: str
    sent: int
    received: int
    live: bool = False
    """Whether one of its sockets is still open."""


@dataclass(slots=True, eq=False)
class LedgerEntry:
    """One socket. Its owner keeps `sent` and `received` (bytes) up to date."""

    address: str
    purpose: str
    reads: str
    """What the other end can read of it, in words for a person."""
    sent: int = 0
    received: int = 0
    live: bool = True

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two sockets the same line."""
        return self.address, self.purpose, self.reads


class Ledger:
    """All sockets of one process."""

    def __init__(self) -> None:
        self._entries: list[LedgerEntry] = []

    def open(self, address: str, purpose: str, reads: str) -> LedgerEntry:
        """Enter a socket before its first byte leaves; closed ones stay entered."""
        entry = LedgerEntry(address, purpose, reads)
        self._entries.append(entry)
        return entry

    def snapshot(self) -> tuple[LedgerLine, ...]:
        """Return what happened so far: a line for each address and purpose, oldest first."""
        totals: dict[tuple[str, str, str], tuple[int, int, bool]] = {}
        for entry in self._entries:
            sent, received, live = totals.get(entry.key, (0, 0, False))
            total = sent + entry.sent, received + entry.received, live or entry.live
            totals[entry.key] = total
        return tuple(LedgerLine(*key, *total) for key, total in totals.items())

    def to_json(self) -> bytes:
        """Return the snapshot as a JSON array."""
        return msgspec.json.encode(self.snapshot())


class MediaAccount:
    """The addresses the media of one call may go to, entered into a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._entries: dict[str, LedgerEntry] = {}

    def reaches(self, transport: TransportParameters) -> None:
        """Enter every address that connection checks go to, before they do."""
        for candidate in transport.candidates:
            address = f"{candidate.ip}:{candidate.port}"
            if address not in self._entries:
                entry = self._ledger.open(address, MEDIA_PURPOSE, MEDIA_READS)
                self._entries[address] = entry

    def carried(self, stats: TransportStats) -> None:
        """Note all that went to each address so far, and came from it."""
        for address, (sent, received) in stats.traffic.items():
            entry = self._entries.get(address)
            if entry is not None:
                entry.sent, entry.received = sent, received

    def close(self) -> None:
        """Note that nothing is sent to, or comes from, any of them any more."""
        for entry in self._entries.values():
            entry.live = False


def in_words(count: int) -> str:
    """Return a number of bytes for people: `512 B`, `1.5 kB`, `20.0 MB`."""
    if count < 1000:
        return f"{count} B"
    size = float(count)
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 999.95:
            return f"{size:.1f} {unit}"
    return f"{size / 1000:.1f} TB"
