"""The secret tree: one key for each message, used once (RFC 9420 section 9).

An immutable value. Taking a key returns the tree that no longer has it; the caller keeps that one
only when the message proved authentic, so nobody can use up keys with forged messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

from e2ee.errors import InvalidError, ReplayError, UnknownKeyError
from e2ee.mls import tree_math
from e2ee.mls.constants import HASH_LENGTH, KEY_LENGTH, NONCE_LENGTH
from e2ee.mls.crypto import derive_tree_secret, expand_with_label
from e2ee.mls.limits import FORWARD_WINDOW, SKIPPED_KEYS

MAX_GENERATION = (1 << 32) - 1
"""A generation travels as a uint32 (section 6.3.2)."""


class RatchetKind(StrEnum):
    """A member has one ratchet for Proposals and Commits, and one for application messages."""

    HANDSHAKE = "handshake"
    APPLICATION = "application"


class MessageKey(NamedTuple):
    """Key and nonce of one message; the nonce is mixed with the reuse guard first."""

    key: bytes
    nonce: bytes

    def __repr__(self) -> str:
        return "MessageKey()"


@dataclass(frozen=True)
class Ratchet:
    """One sender's chain of message keys; `skipped` are those a later message went past."""

    generation: int
    secret: bytes = field(repr=False)
    skipped: Mapping[int, MessageKey] = field(default_factory=dict, repr=False)

    def take(self, generation: int) -> tuple[MessageKey, Ratchet]:
        """Return the key of a generation, and the ratchet without it.

        Raises `ReplayError` if it was used or fell out of the window, `UnknownKeyError` if it is
        too far ahead.
        """
        if generation < self.generation:
            return self._take_skipped(generation)
        if generation - self.generation > FORWARD_WINDOW:
            raise UnknownKeyError("a message is too far ahead of its sender's last one")
        ratchet, skipped = self, dict(self.skipped)
        while ratchet.generation < generation:
            skipped[ratchet.generation], ratchet = ratchet._next()
        key, ratchet = ratchet._next()
        kept = dict(sorted(skipped.items())[-SKIPPED_KEYS:])
        return key, replace(ratchet, skipped=kept)

    def _take_skipped(self, generation: int) -> tuple[MessageKey, Ratchet]:
        skipped = dict(self.skipped)
        key = skipped.pop(generation, None)
        if key is None:
            raise ReplayError("a message was received before, or is too old")
        return key, replace(self, skipped=skipped)

    def _next(self) -> tuple[MessageKey, Ratchet]:
        secret, generation = self.secret, self.generation
        key = MessageKey(
            derive_tree_secret(secret, "key", generation, KEY_LENGTH),
            derive_tree_secret(secret, "nonce", generation, NONCE_LENGTH),
        )
        following = derive_tree_secret(secret, "secret", generation, HASH_LENGTH)
        return key, Ratchet(generation + 1, following)


@dataclass(frozen=True)
class SecretTree:
    """The secrets not used yet: of inner nodes, and of the ratchets that were begun."""

    width: int
    secrets: Mapping[int, bytes] = field(repr=False)
    ratchets: Mapping[tuple[int, RatchetKind], Ratchet] = field(default_factory=dict, repr=False)

    @classmethod
    def start(cls, encryption_secret: bytes, width: int) -> SecretTree:
        """Return the tree of a new epoch for `width` leaves."""
        return cls(width, {tree_math.root(width): encryption_secret})

    def take(self, leaf: int, kind: RatchetKind, generation: int) -> tuple[MessageKey, SecretTree]:
        """Return the key of a message, and the tree without it.

        Raises `ReplayError`, `UnknownKeyError`, or `InvalidError` for a leaf outside the tree.
        """
        tree = self._with_ratchets_of(leaf)
        key, ratchet = tree.ratchets[leaf, kind].take(generation)
        return key, replace(tree, ratchets={**tree.ratchets, (leaf, kind): ratchet})

    def take_next(self, leaf: int, kind: RatchetKind) -> tuple[int, MessageKey, SecretTree]:
        """Return generation and key of the next message we send, and the tree without it.

        Raises `InvalidError` once all generations are used.
        """
        tree = self._with_ratchets_of(leaf)
        generation = tree.ratchets[leaf, kind].generation
        if generation > MAX_GENERATION:
            raise InvalidError("a sender has used all message keys of an epoch")
        key, tree = tree.take(leaf, kind, generation)
        return generation, key, tree

    def _with_ratchets_of(self, leaf: int) -> SecretTree:
        """Begin the ratchets of a leaf; every secret they come from is let go."""
        if (leaf, RatchetKind.HANDSHAKE) in self.ratchets:
            return self
        if not 0 <= leaf < self.width:
            raise InvalidError("a message names a member who is not in the group")
        held, node = dict(self.secrets), 2 * leaf
        path = [node, *tree_math.direct_path(node, self.width)]
        at = next(i for i, above in enumerate(path) if above in held)
        for above in reversed(path[1 : at + 1]):
            secret = held.pop(above)
            left, right = tree_math.left(above), tree_math.right(above)
            held[left] = expand_with_label(secret, "tree", b"left", HASH_LENGTH)
            held[right] = expand_with_label(secret, "tree", b"right", HASH_LENGTH)
        secret = held.pop(node)
        begun = {
            (leaf, kind): Ratchet(0, expand_with_label(secret, kind, b"", HASH_LENGTH))
            for kind in RatchetKind
        }
        return replace(self, secrets=held, ratchets={**self.ratchets, **begun})
