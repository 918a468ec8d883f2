"""What the server is told about who keeps the door: hosts and cohosts, by their numbers. Pure.

The server tells knocks to those, and takes their Commits; roles it knows nothing of.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rooms import bounds, wire
from rooms.policy import RoomState
from rooms.roles import keepers
from rooms.roster import Roster


class Doorkeeping:
    """One host's or cohost's part in it; others may say the same, or more than we know."""

    def __init__(self) -> None:
        self._named: set[int] = set()
        self._keepers: set[int] = set()
        self._dismissed: set[int] = set()

    def to_say(
        self,
        roster: Roster,
        states: Sequence[RoomState],
        coming: Iterable[int] = (),
        *,
        first: bool,
        committing: bool,
    ) -> wire.NameDoorkeepers | None:
        """Return what the server has to be told now, if it is ours to say and there is anything.

        `states` are those of the room that there are, are under way and are intended, `coming`
        the numbers of those with a role that are about to be let in. With `committing`, a Commit
        of ours follows: the server has to take the Commits of those that it makes host or cohost
        at once. Else it is for who is `first` of those that keep the door to say what it knows.
        """
        now = doorkeepers(roster, states, coming)
        # Whoever dismissed somebody may be gone before it said so: then the next one does.
        others = (self._dismissed | self._keepers).difference(now)
        self._dismissed = {number for number in others if _is_here(roster, number)}
        self._keepers = set(now)
        if not first:
            self._named.clear()
            before = doorkeepers(roster, states[:1])
            new = [number for number in now if number not in before] if committing else []
            return wire.NameDoorkeepers(new[: bounds.MAX_DOORKEEPERS]) if new else None
        new = [number for number in now if number not in self._named][: bounds.MAX_DOORKEEPERS]
        dismissed = sorted(self._dismissed)[: bounds.MAX_DOORKEEPERS]
        self._named = self._named.intersection(now).union(new)
        self._dismissed.difference_update(dismissed)
        return wire.NameDoorkeepers(new, dismissed) if new or dismissed else None


def doorkeepers(
    roster: Roster, states: Iterable[RoomState], coming: Iterable[int] = ()
) -> list[int]:
    """Return the server's numbers of all who keep the door besides us, as far as known.

    These are the hosts and cohosts of any of `states`; `coming` are about to be let in.
    """
    leaves = sorted(set[int]().union(*(keepers(roster, state) for state in states)))
    here = [roster[leaf].participant for leaf in leaves if leaf != roster.me]
    return list(dict.fromkeys([*coming, *(number for number in here if number is not None)]))


def _is_here(roster: Roster, number: int) -> bool:
    leaf = roster.leaf_of(number)
    return leaf is not None and not roster[leaf].is_gone
