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
    `title`: what the person calls the room, if it is saved. `name` and `key`: as whom we go there.
    """

    server: str
    host_key: str
    host: str = ""
    host_state: KeyState = "new"
    own: bool = False
    title: str = ""
    name: str = ""
    key: str = ""


def destination(
    link: Link, people: KnownPeople, own_key: bytes, *, name: str, title: str = ""
) -> Destination:
    """Return where a link leads; `own_key` is our identity blob."""
    host, state, key = _host(link.host_hash, people)
    own = host_hash(own_key) == link.host_hash
    mine = fingerprint(own_key)
    return Destination(link.server, mine if own else key, host, state, own, title, name, mine)


def _host(link_hash: bytes, people: KnownPeople) -> tuple[str, KeyState, str]:
    """Return the name of a link's host, how well we know the key, and what to call that."""
    for pin in people.pins:
        if host_hash(pin.public_blob) == link_hash:
            return pin.name, "verified" if pin.verified else "known", pin.fingerprint
    return "", "new", f"{UNSEEN}{link_hash.hex()[:FINGERPRINT_SHOWN]}"
