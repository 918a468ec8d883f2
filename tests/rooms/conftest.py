"""What the tests of the server's side share: a hall one talks to in transcripts, media values."""

from __future__ import annotations

from typing import Any

import pytest

from media.engine.ports import IceCandidate, MediaAnswer, MediaOffer, TransportParameters
from rooms import wire
from rooms.hall import Hall, MediaAction
from rooms.limits import Limits


class Transcript:
    """Plays steps against a hall and fails at the first that is not as written.

    (">>", who, message)  a client sends        (a message may be raw bytes)
    ("xx", who)           its connection breaks
    ("<<", who, message)  the server sends
    ("--", who)           the server closes the connection
    ("**", action)        the server has the engine do something

    What the server does has to be written completely and in order, except that closings come
    after what is sent and engine actions come last. Whoever is named first time is connected.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.hall = Hall(limits)
        self.now = 0.0
        self.numbers: dict[str, int] = {}

    def number(self, who: str) -> int:
        """The connection number of somebody, connecting it if need be."""
        if who not in self.numbers:
            self.numbers[who] = len(self.numbers) + 1
            self.hall.connected(self.numbers[who], self.now)
        return self.numbers[who]

    def play(self, *steps: tuple[Any, ...]) -> None:
        """Play a transcript."""
        seen: list[tuple[Any, ...]] = []
        for step in steps:
            match step:
                case (">>", who, message):
                    assert seen == [], f"before {step}"
                    data = message if isinstance(message, bytes) else wire.encode(message)
                    self.hall.received(self.number(who), data, self.now)
                    seen = self.drain()
                case ("xx", who):
                    assert seen == [], f"before {step}"
                    self.hall.disconnected(self.number(who), self.now)
                    seen = self.drain()
                case _:
                    assert seen[:1] == [step], f"expected {step}, then {seen}"
                    seen = seen[1:]
        assert seen == []

    def drain(self) -> list[tuple[Any, ...]]:
        """Take what the hall did, as steps."""
        names = {number: who for who, number in self.numbers.items()}
        sent = [("<<", names[conn], message) for conn, message in self.hall.outbox]
        closed = [("--", names[conn]) for conn in self.hall.closings]
        actions: list[MediaAction] = list(self.hall.media)
        self.hall.outbox.clear()
        self.hall.closings.clear()
        self.hall.media.clear()
        return [*sent, *closed, *(("**", action) for action in actions)]


@pytest.fixture
def talk() -> Transcript:
    """A fresh hall."""
    return Transcript()


def _transport() -> TransportParameters:
    candidate = IceCandidate("1", 1, 2130706431, "127.0.0.1", 9, "host")
    return TransportParameters("ufrag", "password", [candidate], bytes(32))


@pytest.fixture
def offer() -> MediaOffer:
    """A media offer that is well-formed and leads nowhere."""
    return MediaOffer(_transport(), audio_ssrc=1, video_ssrc=2)


@pytest.fixture
def answer() -> MediaAnswer:
    """A media answer that is well-formed and leads nowhere."""
    return MediaAnswer(_transport(), audio_slots=[1, 2, 3, 4], video_slots=list(range(5, 14)))
