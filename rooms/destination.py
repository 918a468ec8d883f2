"""Where a link leads, and how well we know who hosts there: said before anybody is asked. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from e2ee.link import Link, host_hash
from e2ee.sshsig import fingerprint
from rooms.events import KeyState
from rooms.known_people import KnownPeople
from rooms.text import FINGERPRINT_SHOWN

UNSEEN: Final = "link "
"""What stands before the name of a key that nobody has shown us: a piece of its hash in the link.
"""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a link leads. No secret is in it.

    `host_key`: the fingerprint of the host's key, or, while we do not have the key, what the link
    says of it; `host`: the name we know it by, empty for nobody we know. `own`: we are the host.
    `title`: what the person calls the room, if it is saved.
    """

    server: str
    host_key: str
    host: str = ""
    host_state: KeyState = "new"
    own: bool = False
    title: str = ""


def destination(link: Link, people: KnownPeople, own_key: bytes, title: str = "") -> Destination:
    """Return where a link leads; `own_key` is our identity blob."""
    if host_hash(own_key) == link.host_hash:
        return Destination(link.server, fingerprint(own_key), "", "verified", True, title)
    for pin in people.pins:
        if host_hash(pin.public_blob) == link.host_hash:
            state: KeyState = "verified" if pin.verified else "known"
            return Destination(link.server, pin.fingerprint, pin.name, state, False, title)
    unseen = f"{UNSEEN}{link.host_hash.hex()[:FINGERPRINT_SHOWN]}"
    return Destination(link.server, unseen, title=title)
