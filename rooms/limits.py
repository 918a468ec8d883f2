"""How much one connection, one room and one server may take up: constants and their accounting.

Pure: time is a parameter. The numbers are tuning, not protocol: an honest client stays far below.
"""

from __future__ import annotations

from dataclasses import dataclass

from media.limits import TokenBucket


@dataclass(frozen=True, slots=True)
class Limits:
    """What a server allows. Rates are a second, sizes in bytes.

    A message may be 1 MiB (`rooms.wire.MAX_MESSAGE`), so `byte_burst` has to be more than that.
    """

    connections: int = 1024
    rooms: int = 256
    participants: int = 128
    """Members and knockers of one room together, so a Commit never admits one too many."""
    knocks: int = 32
    """Knocks waiting in one room."""
    message_rate: float = 50.0
    message_burst: float = 300.0
    byte_rate: float = 512 * 1024.0
    byte_burst: float = 4 * 1024 * 1024.0
    application_rate: float = 10.0
    application_burst: float = 150.0
    """Application messages: each goes out once for every member, so who sends them fast spends the
    bandwidth of all. The burst, at its largest, is below `backlog`."""
    media_rate: float = 0.5
    media_burst: float = 5.0
    """Media offers: each makes the engine set up a transport, the dearest thing one can ask for."""
    backlog: int = 4 * 1024 * 1024
    """Bytes that may wait for one reader."""


class Allowance:
    """What one connection may still send."""

    __slots__ = ("_applications", "_bytes", "_media", "_messages")

    def __init__(self, limits: Limits) -> None:
        self._messages = TokenBucket(limits.message_rate, limits.message_burst)
        self._bytes = TokenBucket(limits.byte_rate, limits.byte_burst)
        self._applications = TokenBucket(limits.application_rate, limits.application_burst)
        self._media = TokenBucket(limits.media_rate, limits.media_burst)

    def take_message(self, size: int, now: float) -> bool:
        """Account for a message of `size` bytes at `now` seconds; False if it is too much."""
        return self._messages.take(now) and self._bytes.take(now, size)

    def take_application(self, now: float) -> bool:
        """Account for an application message at `now` seconds; False if it is too much."""
        return self._applications.take(now)

    def take_media(self, now: float) -> bool:
        """Account for a media offer at `now` seconds; False if it is too much."""
        return self._media.take(now)
