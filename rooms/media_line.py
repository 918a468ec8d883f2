"""Our media transport as the server knows it: offered, answered, and offered anew. Pure."""

from __future__ import annotations

from typing import Final

from media.control import Connect, Renew
from media.engine.ports import MediaAnswer, MediaOffer
from rooms import wire
from rooms.errors import WireError
from rooms.out import Out

RENEW_APART: Final = 10.0
"""Seconds between two transports that broke while the connection to the server did not."""


class MediaLine:
    """One offer at a time is with the server, and only while we are in the room."""

    def __init__(self, out: Out) -> None:
        self._out = out
        self._inside = False
        self._offer: MediaOffer | None = None
        self._asked: MediaOffer | None = None
        """What the server has not answered yet."""
        self._renewed = 0.0

    def enter(self) -> None:
        """Note that we are in the room: what the media offers goes out."""
        self._inside = True
        self._ask()

    def offered(self, offer: MediaOffer) -> None:
        """Take the media plane's offer; it goes out once we are in the room."""
        self._offer = offer
        self._ask()

    def started(self, answer: MediaAnswer) -> None:
        """Take one answer to an offer: each names addresses that we enter, keep and contact.

        Raises `WireError` if there was none. An answer to what is not offered any more is dropped.
        """
        asked, self._asked = self._asked, None
        if asked is None:
            raise WireError("the server answers a media offer that was not made")
        if asked is self._offer:
            self._out.commands.append(Connect(answer))
        else:
            self._ask()

    def refused(self) -> None:
        """Take the server's word that it cannot do with the offer; another one may do."""
        asked, self._asked = self._asked, None
        if asked is not self._offer:
            self._ask()

    def broke(self, now: float) -> None:
        """Have another transport offered if this one ended by itself, Unix seconds."""
        if self._inside and now - self._renewed >= RENEW_APART:
            self._renewed = now
            self._out.commands.append(Renew())

    def break_off(self) -> None:
        """Note that the connection to the server ended, and the transport with it."""
        self._inside, self._offer, self._asked = False, None, None
        self._out.commands.append(Renew())

    def _ask(self) -> None:
        if self._inside and self._offer is not None and self._asked is None:
            self._asked = self._offer
            self._out.outbox.append(wire.StartMedia(self._offer))
