"""Who is seen, in which place and how large: the cast of a call. Pure; `now` is in seconds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from rooms.events import Participant

MAX_TILES: Final = 9
"""Video slots a client is given."""
HOLD: Final = 2.0
"""Seconds of silence before somebody else who speaks takes the large tile."""
DIGITS: Final = range(1, 10)
"""What marks people from the keyboard; the first ones to come have them."""


@dataclass(frozen=True)
class Seen:
    """A participant as drawn: with the digit that marks them (0 for none), and how loud."""

    person: Participant
    digit: int = 0
    volume: float = 1.0

    @property
    def speaks(self) -> bool:
        """Whether they are heard right now."""
        return self.person.speaking and not self.person.muted


@dataclass(frozen=True)
class Scene:
    """Everybody, who of them has a tile, and the leaf of who leads: `large` where it is set."""

    everybody: tuple[Seen, ...] = ()
    tiles: tuple[Seen, ...] = ()
    lead: int | None = None
    large: bool = False


class Cast:
    """Remembers who spoke when, who is pinned, and the digit and the place each one has.

    `next_look`: when the scene changes although nothing happens; None for never.
    """

    def __init__(self) -> None:
        self.pinned: int | None = None
        self.next_look: float | None = None
        self._large = False
        self._digits: dict[tuple[int, str], int] = {}
        self._heard: dict[int, float] = {}
        self._speaking: set[int] = set()
        self._active: int | None = None
        self._places: list[int] = []

    def turn(self) -> None:
        """Go from the grid to the speaker, or back to it from whoever is large."""
        self._large = not (self._large or self.pinned is not None)
        self.pinned = None

    def pin(self, leaf: int) -> None:
        """Keep somebody large whoever speaks, or no more."""
        self.pinned = None if self.pinned == leaf else leaf

    def look(
        self, people: Sequence[Participant], now: float, volume: Callable[[int], float]
    ) -> Scene:
        """Return what is to be seen of these people."""
        self._forget(people)
        self._listen(people, now)
        lead = self._lead(people)
        self._number(people)
        everybody = tuple(
            Seen(person, self._digits.get(_key(person), 0), volume(person.leaf))
            for person in people
        )
        self._place(everybody, lead)
        by_leaf = {one.person.leaf: one for one in everybody}
        tiles = sorted((by_leaf[leaf] for leaf in self._places), key=lambda one: one.person.me)
        return Scene(everybody, tuple(tiles), lead, self._large or self.pinned is not None)

    def _forget(self, people: Sequence[Participant]) -> None:
        leaves = {person.leaf for person in people}
        self._heard = {leaf: when for leaf, when in self._heard.items() if leaf in leaves}
        self._active = self._active if self._active in leaves else None
        self.pinned = self.pinned if self.pinned in leaves else None

    def _listen(self, people: Sequence[Participant], now: float) -> None:
        """Take in who speaks; whoever has just fallen silent was heard until now."""
        speaking = {p.leaf for p in people if p.speaking and not p.muted and not p.me}
        leaves = {person.leaf for person in people}
        self._heard |= dict.fromkeys((speaking | self._speaking) & leaves, now)
        self._speaking = speaking
        self.next_look = None
        if self._active in speaking or not speaking:
            return
        until = self._heard[self._active] + HOLD if self._active is not None else now
        if now >= until:
            self._active = min(speaking)
        else:
            self.next_look = until

    def _lead(self, people: Sequence[Participant]) -> int | None:
        if self.pinned is not None or self._active is not None:
            return self.pinned if self.pinned is not None else self._active
        first = min(people, key=lambda p: (p.me, not p.camera, p.leaf), default=None)
        return first.leaf if first is not None else None

    def _number(self, people: Sequence[Participant]) -> None:
        """Give digits that are free to those who have none; nobody's changes while they stay."""
        others = [_key(person) for person in people if not person.me]
        self._digits = {key: self._digits[key] for key in others if key in self._digits}
        free = iter(sorted(set(DIGITS) - set(self._digits.values())))
        waiting = (key for key in others if key not in self._digits)
        self._digits |= dict(zip(waiting, free, strict=False))

    def _place(self, everybody: Sequence[Seen], lead: int | None) -> None:
        """Choose who has a tile: who leads, cameras, others before us, who spoke last.

        Our own initials show us nothing: without a camera we have no tile.
        Whoever is new takes the place of somebody who goes; the others stay where they are.
        """
        shown = [p for p in (one.person for one in everybody) if p.camera or not p.me]
        ranked = sorted(shown, key=lambda p: self._rank(p, lead))
        chosen = [person.leaf for person in ranked[:MAX_TILES]]
        new = iter(sorted(set(chosen) - set(self._places)))
        kept = [leaf if leaf in chosen else next(new, None) for leaf in self._places]
        self._places = [leaf for leaf in kept if leaf is not None] + list(new)

    def _rank(self, person: Participant, lead: int | None) -> tuple[bool, bool, bool, float, int]:
        silent = -self._heard.get(person.leaf, float("-inf"))
        return person.leaf != lead, not person.camera, person.me, silent, person.leaf


def _key(person: Participant) -> tuple[int, str]:
    """Return what tells a participant from another one who came to the same leaf."""
    return person.leaf, person.fingerprint
