"""How many people a room's messages can carry, said before one of them would not fit.

The largest messages of a room are the Welcome, which carries the whole ratchet tree, and a Commit
that renews the path in a tree without inner keys, which is encrypted to every single leaf. A room
may take in nobody with whom either could become larger than the server takes: a host that cannot
remove somebody any more is worse than one that cannot admit. Pure; all sizes are bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from e2ee.mls.cipher_suite import CLASSIC, CipherSuite
from rooms import bounds, wire

_HPKE: Final = {"classic": (32, 32), "post-quantum": (1216, 1120)}
"""Length of a public key, and of what a secret sealed to one begins with, by suite."""
_LEAF: Final = 256
"""Of a leaf, more than all that is neither the identity nor the encryption key."""
_NODE: Final = 128
"""Of an inner node, more than all that is not its key, with its share of unmerged leaves."""
_SEALED: Final = 256
"""Of a secret for one joiner, more than all that is not the KEM's."""
_SEALED_PATH: Final = 64
"""The same of a path secret for one leaf."""
_REST: Final = 16 * 1024
"""More than the room's state, the own leaf, the longest path's keys and the padding take."""
_PATH: Final = 12
"""Longest path of a tree of `rooms.bounds.Leaf` leaves, nodes."""


def largest_credential(public_blob: bytes) -> int:
    """Return how long a credential of an identity can be: it holds the blob twice, a signature
    that is not much longer than it, and a name.
    """
    return 3 * len(public_blob) + 256


def largest_messages(suite: CipherSuite, identities: Sequence[int]) -> tuple[int, int]:
    """Return how large a Welcome and a removing Commit can get, given the members' credentials."""
    key, sealed = _HPKE[suite.name]
    people = len(identities)
    tree = sum(identities) + people * (key + _LEAF + key + _NODE)
    welcome = tree + bounds.MAX_JOINERS * (sealed + _SEALED) + _REST
    commit = people * (sealed + _SEALED_PATH) + _PATH * (key + _NODE) + _REST
    return welcome, commit


def room_for(suite: CipherSuite, members: Sequence[int], joiners: Sequence[int]) -> int:
    """Return how many of `joiners`, the first first, a group of `members` can take in.

    Both are the lengths of credentials.
    """
    for count in range(len(joiners), 0, -1):
        sizes = largest_messages(suite, [*members, *joiners[:count]])
        if max(sizes) <= wire.MAX_HANDSHAKE:
            return count
    return 0


def largest_room(suite: CipherSuite = CLASSIC, credential: int = 300) -> int:
    """Return how many people a room can have whose credentials are all of one length."""
    people = 1
    while max(largest_messages(suite, [credential] * (people + 1))) <= wire.MAX_HANDSHAKE:
        people += 1
    return people


def fits_a_message(commit: bytes, welcome: bytes | None) -> bool:
    """Whether a Commit and its Welcome can be sent, each and both together."""
    sizes = len(commit), len(welcome or b"")
    return max(sizes) <= wire.MAX_HANDSHAKE and sum(sizes) <= wire.MAX_MESSAGE - _REST
