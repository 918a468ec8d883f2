"""Who came to a server in this process, entered in its ledger: a line for each IP address.

Without ports: a guest has one for each connection, and they say nothing more. Anybody may come
from anywhere, and forge where it is from: so many addresses get a line, all others share one.
"""

from __future__ import annotations

from typing import Final

from rooms.ledger import Ledger, LedgerEntry

ROOM_PURPOSE: Final = "served room"
ROOM_READS: Final = "your IP address, that you run a server, and, once let in, what members read"
MEDIA_PURPOSE: Final = "served media"
MEDIA_READS: Final = "your IP address, and, once let in, what members see and hear"
MAX_LINES: Final = 512
OTHERS: Final = "other addresses"


class _Lines(dict[str, LedgerEntry]):
    """The lines of one purpose; looking an address up enters it."""

    def __init__(self, ledger: Ledger, purpose: str, reads: str) -> None:
        super().__init__()
        self._ledger, self._purpose, self._reads = ledger, purpose, reads

    def __missing__(self, address: str) -> LedgerEntry:
        if len(self) >= MAX_LINES and address != OTHERS:
            return self[OTHERS]
        entry = self[address] = self._ledger.open(address, self._purpose, self._reads)
        return entry


class ServedRoom:
    """The TCP connections to a server of our own; what is counted is all they carry, TLS too."""

    def __init__(self, ledger: Ledger) -> None:
        self._lines = _Lines(ledger, ROOM_PURPOSE, ROOM_READS)
        self._open: dict[str, int] = {}

    def opened(self, address: str) -> LedgerEntry:
        """Enter a connection; return the line its bytes are counted in."""
        entry = self._lines[address]
        self._open[entry.address] = self._open.get(entry.address, 0) + 1
        entry.live = True
        return entry

    def closed(self, entry: LedgerEntry) -> None:
        """Note that one of the connections counted in a line is closed."""
        self._open[entry.address] -= 1
        entry.live = self._open[entry.address] > 0


class ServedMedia:
    """The datagrams of a server of our own. Implements `media.engine.ports.Traffic`.

    An address gets a line when something goes there, which it does to nobody who has not shown
    to be a guest: whoever only sends, from wherever it pretends to be, uses up no lines.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._lines = _Lines(ledger, MEDIA_PURPOSE, MEDIA_READS)

    def sent(self, host: str, size: int) -> None:
        """Count a datagram to an address."""
        self._lines[host].sent += size

    def received(self, host: str, size: int) -> None:
        """Count a datagram from an address, after what it brought about was sent."""
        (self._lines.get(host) or self._lines[OTHERS]).received += size

    def close(self) -> None:
        """Note that nothing goes to, or comes from, any of them any more."""
        for entry in self._lines.values():
            entry.live = False
