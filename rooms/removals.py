"""Those who are to be removed: at once by a person's decision, in time when they are gone. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rooms.membership import Membership
from rooms.roster import Person


@dataclass(frozen=True, slots=True)
class Removal:
    """Somebody to be removed from `due` on, Unix seconds; not whoever gets that leaf later.

    `lost`: only because the connection broke; not if that was not so.
    """

    person: Person
    due: float
    lost: bool = False

    @property
    def is_decided(self) -> bool:
        """Whether a person wants it so; that holds however often somebody comes back meanwhile."""
        return not self.due


class Removals:
    """Whom our next Commits remove, by leaf."""

    def __init__(self, membership: Membership) -> None:
        self._membership = membership
        self._removals: dict[int, Removal] = {}

    @property
    def dues(self) -> list[float]:
        """When they are due, Unix seconds."""
        return [removal.due for removal in self._removals.values()]

    @property
    def decided(self) -> bool:
        """Whether a person decided one of them."""
        return any(not removal.person.is_gone for removal in self._removals.values())

    def add(self, leaf: int, *, due: float = 0.0, lost: bool = False) -> None:
        """Have a member removed from `due` on, Unix seconds.

        `lost`: unless it turns out that it has not lost the connection.
        """
        roster = self._membership.roster
        if leaf in roster and leaf != roster.me:
            before = self._removals.get(leaf)
            if before is not None and before.person is roster[leaf]:
                due, lost = min(due, before.due), lost and before.lost
            self._removals[leaf] = Removal(roster[leaf], due, lost)

    def now_due(self, now: float) -> dict[int, Removal]:
        """Return what is due, having forgotten what is done, not so any more, or not ours to do."""
        roster = self._membership.roster
        self._removals = {
            leaf: removal
            for leaf, removal in map(_followed, self._removals.items())
            if leaf in roster and roster[leaf] is removal.person
            if removal.person.is_gone or not removal.lost
            if self._may(leaf)
        }
        return {leaf: removal for leaf, removal in self._removals.items() if removal.due <= now}

    def puts_out(self, leaf: int) -> bool:
        """Whether a person decided that whoever is at a leaf is to go."""
        removal = self._removals.get(leaf)
        return removal is not None and removal.is_decided

    def _may(self, leaf: int) -> bool:
        """Whether the others will let us (`rooms.policy`).

        A member removes only who proposed to leave, a cohost no host that stays.
        """
        if leaf in self._membership.proposals.leaving:
            return True
        roster = self._membership.roster
        role = roster.role(roster.me)
        return role == "host" or (role == "cohost" and roster.role(leaf) != "host")

    def again(self, removals: Mapping[int, Removal]) -> None:
        """Take back what a Commit was to do that did not win."""
        self._removals = {**removals, **self._removals}

    def forget(self, leaves: Iterable[int]) -> None:
        """Forget some, which a Commit removes."""
        for leaf in leaves:
            self._removals.pop(leaf, None)

    def clear(self) -> None:
        """Forget all."""
        self._removals.clear()


def _followed(item: tuple[int, Removal]) -> tuple[int, Removal]:
    """Return a leaf and a removal for the place that somebody who is to go got back meanwhile."""
    leaf, removal = item
    while removal.is_decided and removal.person.back is not None:
        leaf, person = removal.person.back
        removal = Removal(person, removal.due)
    return leaf, removal
