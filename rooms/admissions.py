"""Which of those who were admitted can really be let in, and why the others cannot. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from e2ee.errors import SottovoceError
from rooms.errors import RoomFullError, RoomLockedError
from rooms.knocks import Knocker, Knocks
from rooms.membership import Membership
from rooms.room_size import largest_credential, room_for

Dropped = tuple[Knocker, SottovoceError]


def settle(
    adds: Sequence[Knocker], membership: Membership, knocks: Knocks, *, locked: bool, now: float
) -> tuple[list[Knocker], list[Dropped]]:
    """Return who can be added now, and who not; `locked` is what the room is to be.

    A group that has no members yet begins again in another suite if they need it.
    """
    kept, kept_out = _without_strangers(adds, membership) if locked else (list(adds), [])
    kept, lacking = _with_one_suite(kept, membership, knocks, now)
    kept, too_many = _that_fit(kept, membership)
    return kept, [*kept_out, *lacking, *too_many]


def room_full(membership: Membership) -> RoomFullError:
    """Return why nobody more can be let in."""
    keys, people = membership.group.suite.name, len(membership.roster)
    return RoomFullError(
        f"the room is full: its messages cannot carry the {keys} keys of more than {people}"
    )


def _without_strangers(
    adds: Sequence[Knocker], membership: Membership
) -> tuple[list[Knocker], list[Dropped]]:
    """Give up those that a lock keeps out: all but hosts that come back."""
    role = membership.roster.state.role
    strangers = [who for who in adds if role(who.credential.public_blob) != "host"]
    error = RoomLockedError("the room is locked", hint="unlock it first")
    return [who for who in adds if who not in strangers], [(who, error) for who in strangers]


def _with_one_suite(
    adds: list[Knocker], membership: Membership, knocks: Knocks, now: float
) -> tuple[list[Knocker], list[Dropped]]:
    """See to it that all who are to be added offer the group's suite.

    Only what a person admitted lowers it: a knock that is refused changes nothing. It is the
    best again as soon as all who lack it are gone.
    """
    if not adds:
        return adds, []
    for suite in knocks.possible_suites():
        if all(suite.id in who.offers for who in adds):
            if suite is not membership.group.suite:
                membership.restart(suite, now=now)
            return adds, []
    lacking = [who for who in adds if membership.group.suite.id not in who.offers]
    kept = [who for who in adds if who not in lacking]
    return kept, [(who, knocks.suite_error(who)) for who in lacking]


def _that_fit(adds: list[Knocker], membership: Membership) -> tuple[list[Knocker], list[Dropped]]:
    """Give up those with whom the group's messages could become too large to be sent."""
    members = [len(member.identity) for member in membership.group.members]
    joining = [largest_credential(who.credential.public_blob) for who in adds]
    fit = room_for(membership.group.suite, members, joining)
    return adds[:fit], [(who, room_full(membership)) for who in adds[fit:]]
