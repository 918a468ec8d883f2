"""How much one connection, one room and one server may take up: constants and their accounting.

Pure: time is a parameter. The numbers are tuning, not protocol: an honest client stays far below.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Final

from media.limits import KeyedLimiter, TokenBucket

TOO_FAST: Final = "wire.too_fast"
"""The code of the error that ends whoever sends more than this."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a server allows. Rates are a second, sizes in bytes.

    A message may be 1 MiB (`rooms.wire.MAX_MESSAGE`), so `byte_burst` has to be more than that.
    """

    connections: int = 1024
    rooms: int = 256
    participants: int = 128
    """Members and knockers of one room together, so a Commit never admits one too many."""
    knocks: int = 64
    """Knocks waiting in one room."""
    names: int = 256
    """Names of rooms; a connection has one at most."""
    tries: int = 16
    """Connections that try passcodes of one name at once."""
    try_seconds: float = 60.0
    """Seconds one of them may take while others would like its place."""
    waiting_seconds: float = 900.0
    """Seconds from the first message on in which a knock or a passcode has to lead into a room: a
    person may be slow, but whoever is gone without a word of theirs keeps no place."""
    message_rate: float = 50.0
    message_burst: float = 300.0
    byte_rate: float = 512 * 1024.0
    byte_burst: float = 4 * 1024 * 1024.0
    application_rate: float = 10.0
    application_burst: float = 150.0
    """Application messages: each goes out once for every member, so who sends them fast spends the
    bandwidth of all. The burst, at its largest, is below `backlog`."""
    chunk_rate: float = 32.0
    chunk_burst: float = 384.0
    """Pieces of files, of 32 kB each, counted apart from everything else: the largest file goes as
    fast as it can, and what follows it at 1 MiB a second."""
    commit_rate: float = 0.1
    commit_burst: float = 3.0
    alone_commit_rate: float = 1.0
    alone_commit_burst: float = 10.0
    """Commits of a member that keeps no door, while somebody does and while nobody does: each one
    counts, good or not, and makes a doorkeeper's that is under way lose."""
    proposal_rate: float = 0.2
    proposal_burst: float = 5.0
    """Proposals: a member makes one after joining, one an hour and one on leaving, and makes it
    again when a Commit came between."""
    heartbeat_rate: float = 0.25
    heartbeat_burst: float = 5.0
    """Heartbeats: a member sends one every ten seconds, or more seldom."""
    media_rate: float = 0.5
    media_burst: float = 5.0
    """Media offers: each makes the engine set up a transport, the dearest thing one can ask for."""
    backlog: int = 4 * 1024 * 1024
    """Bytes that may wait for one reader."""
    chunk_backlog: int = 12 * 1024 * 1024
    """Bytes of files that may wait for one reader, besides: a whole file for one that is slow. What
    is more does not reach it, and others do not notice."""
    chunk_backlog_of_all: int = 256 * 1024 * 1024
    """Bytes of files that may wait for all readers together: twenty that are slow at once."""
    source_connections: int = 256
    """Connections from one source: a whole room behind one address, twice."""
    source_sockets: int = 320
    """TCP connections from one source, with those whose TLS or WebSocket is not there yet."""
    source_room_rate: float = 0.5
    source_room_burst: float = 30.0
    source_knock_rate: float = 2.0
    source_knock_burst: float = 256.0
    """Rooms opened and knocks made from one source. This machine is one like any other."""
    source_count_rate: float = 2.0
    source_count_burst: float = 256.0
    """Rooms whose heads are counted, from one source: as many as knocks, and at no cost to them."""
    source_name_rate: float = 0.2
    source_name_burst: float = 30.0
    source_try_rate: float = 0.2
    source_try_burst: float = 20.0
    """Rooms named and passcodes tried from one source. What a passcode is worth rests on what its
    host counts; this only keeps hosts from having to count much."""


class Allowance:
    """What one connection may still send."""

    __slots__ = (
        "_alone_commits",
        "_applications",
        "_bytes",
        "_chunks",
        "_commits",
        "_heartbeats",
        "_media",
        "_messages",
        "_proposals",
    )

    def __init__(self, limits: Limits) -> None:
        self._messages = TokenBucket(limits.message_rate, limits.message_burst)
        self._bytes = TokenBucket(limits.byte_rate, limits.byte_burst)
        self._applications = TokenBucket(limits.application_rate, limits.application_burst)
        self._chunks = TokenBucket(limits.chunk_rate, limits.chunk_burst)
        self._commits = TokenBucket(limits.commit_rate, limits.commit_burst)
        self._alone_commits = TokenBucket(limits.alone_commit_rate, limits.alone_commit_burst)
        self._proposals = TokenBucket(limits.proposal_rate, limits.proposal_burst)
        self._heartbeats = TokenBucket(limits.heartbeat_rate, limits.heartbeat_burst)
        self._media = TokenBucket(limits.media_rate, limits.media_burst)

    def take_message(self, size: int, now: float) -> bool:
        """Account for a message of `size` bytes at `now` seconds; False if it is too much."""
        return self._messages.take(now) and self._bytes.take(now, size)

    def take_application(self, now: float) -> bool:
        """Account for an application message at `now` seconds; False if it is too much."""
        return self._applications.take(now)

    def take_chunk(self, now: float) -> bool:
        """Account for a piece of a file at `now` seconds; False if it is too much."""
        return self._chunks.take(now)

    def take_commit(self, now: float, *, alone: bool) -> bool:
        """Account for a member's Commit at `now` seconds; `alone`: nobody keeps the door."""
        return (self._alone_commits if alone else self._commits).take(now)

    def take_proposal(self, now: float) -> bool:
        """Account for a Proposal at `now` seconds; False if it is too much."""
        return self._proposals.take(now)

    def take_heartbeat(self, now: float) -> bool:
        """Account for a heartbeat at `now` seconds; False if it is too much."""
        return self._heartbeats.take(now)

    def take_media(self, now: float) -> bool:
        """Account for a media offer at `now` seconds; False if it is too much."""
        return self._media.take(now)


class Sources:
    """What may still come from each source; a bounded table, the longest quiet one is forgotten.

    Nobody forges the source of a TCP connection: who wants another one has to have it.
    """

    def __init__(self, limits: Limits) -> None:
        self._rooms = KeyedLimiter(limits.source_room_rate, limits.source_room_burst)
        self._knocks = KeyedLimiter(limits.source_knock_rate, limits.source_knock_burst)
        self._counts = KeyedLimiter(limits.source_count_rate, limits.source_count_burst)
        self._names = KeyedLimiter(limits.source_name_rate, limits.source_name_burst)
        self._tries = KeyedLimiter(limits.source_try_rate, limits.source_try_burst)

    def take_room(self, source: str, now: float) -> bool:
        """Account for a room that is opened at `now` seconds; False if it is too much."""
        return self._rooms.take(source, now)

    def take_knock(self, source: str, now: float) -> bool:
        """Account for a knock at `now` seconds; False if it is too much."""
        return self._knocks.take(source, now)

    def take_count(self, source: str, now: float) -> bool:
        """Account for a room whose heads are counted at `now` seconds; False if it is too much."""
        return self._counts.take(source, now)

    def take_name(self, source: str, now: float) -> bool:
        """Account for a room that is named at `now` seconds; False if it is too much."""
        return self._names.take(source, now)

    def take_try(self, source: str, now: float) -> bool:
        """Account for a passcode tried at `now` seconds; False if it is too much."""
        return self._tries.take(source, now)


def source_of(address: str) -> str:
    """Return what counts as one source: an IPv4 address, or the /64 of an IPv6 one.

    A /64 is one network: whoever has one address of it has them all. Anything else is itself.
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(parsed) >> 64 << 64, 64)))
