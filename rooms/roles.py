"""What hosts and cohosts change in a room, and who of them acts first.

A change is an edit of the room state, made again on whatever state its Commit follows. Pure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import msgspec

from e2ee.sshsig import fingerprint
from rooms import events
from rooms.errors import PolicyError
from rooms.membership import Change, Membership
from rooms.policy import MAX_COHOSTS, Appointment, Policy, RoomState, is_link_host
from rooms.roster import Roster

TURN: Final = 2.0
"""Seconds that whoever comes later in rank leaves to each one before it."""
RULES: Final = Policy.__struct_fields__
"""The names of what plain members may be allowed."""


@dataclass(frozen=True, slots=True)
class Lock:
    """Let nobody in any more, or again."""

    on: bool


@dataclass(frozen=True, slots=True)
class SetPolicy:
    """Allow plain members something, or not; `rule` is one of `RULES`."""

    rule: str
    on: bool


@dataclass(frozen=True, slots=True)
class Appoint:
    """Make a member a cohost."""

    leaf: int


@dataclass(frozen=True, slots=True)
class Dismiss:
    """Take a cohost its role, be it here or not; `fingerprint` is that of its identity key."""

    fingerprint: str


RoomChange = Lock | SetPolicy | Appoint | Dismiss
Edit = Callable[[RoomState], RoomState]
"""Returns the state as it is to be. Raises `PolicyError` if that cannot be."""


def edit_of(change: RoomChange, membership: Membership) -> Edit:
    """Return what a change does to a room state. Raises `PolicyError` if we may not, or it cannot.

    Whoever asks is a host or cohost.
    """
    match change:
        case Lock(on):
            return lambda state: msgspec.structs.replace(state, locked=on)
        case SetPolicy(rule, on):
            return _policy(rule, on)
        case Appoint(leaf):
            return _appoint(leaf, membership)
        case Dismiss(key):
            _check_appoints(membership.roster)
            return _dismiss(key)


def appoints(roster: Roster) -> bool:
    """Whether we are the host of the link, who alone appoints and dismisses."""
    return is_link_host(roster.credentials[roster.me].public_blob, roster.link_host)


# --- who acts ---


def rank(roster: Roster, leaf: int) -> int:
    """Return how many come before a member when something has to be done.

    First hosts, then cohosts, both in the order of the state and be they here or not, then the
    others by leaf.
    """
    state = roster.state
    order = [*state.hosts, *(cohost.blob for cohost in state.cohosts)]
    blob = roster[leaf].credential.public_blob
    if blob in order:
        return order.index(blob)
    return len(order) + sum(other < leaf and roster.role(other) == "member" for other in roster)


def acting(roster: Roster) -> int | None:
    """Return the first host or cohost in rank that is connected; None if there is none."""
    return min(
        keepers(roster, roster.state), key=lambda leaf: (rank(roster, leaf), leaf), default=None
    )


def keepers(roster: Roster, state: RoomState) -> set[int]:
    """The leaves of hosts and cohosts that are connected."""
    blobs = [*state.hosts, *(cohost.blob for cohost in state.cohosts)]
    return {leaf for blob in blobs for leaf in roster.leaves_of(blob) if not roster[leaf].is_gone}


# --- what faces are told ---


def as_event(roster: Roster, change: Change | None = None) -> events.RoomState:
    """Return the room's state as faces see it, and what an epoch changed in it."""
    state = roster.state
    return events.RoomState(
        locked=state.locked,
        policy=msgspec.structs.asdict(state.policy),
        hosts=[fingerprint(blob) for blob in state.hosts],
        cohosts=[fingerprint(cohost.blob) for cohost in state.cohosts],
        name=roster.name(change.by) if change is not None else "",
        mine=change is not None and change.by == roster.me,
        changed=_changes(change, roster) if change is not None else [],
    )


def _changes(change: Change, roster: Roster) -> list[events.StateChange]:
    before, after = change.before, roster.state
    left = {person.credential.public_blob: name for _, name, person in change.left}
    changes: list[events.StateChange] = []
    if before.locked != after.locked:
        changes.append(events.StateChange(what="locked" if after.locked else "unlocked"))
    for rule in RULES:
        allowed = getattr(after.policy, rule)
        if allowed != getattr(before.policy, rule):
            changes.append(events.StateChange(what="allowed" if allowed else "forbidden", of=rule))
    old, new = ([cohost.blob for cohost in state.cohosts] for state in (before, after))
    whats: tuple[events.ChangeKind, events.ChangeKind] = ("appointed", "dismissed")
    for what, blobs, others in zip(whats, (new, old), (old, new)):
        for blob in (blob for blob in blobs if blob not in others):
            here = roster.leaves_of(blob)
            name = roster.name(min(here)) if here else left.get(blob, fingerprint(blob))
            changes.append(events.StateChange(what=what, of=name, me=roster.me in here))
    return changes


# --- edits ---


def _policy(rule: str, on: bool) -> Edit:
    if rule not in RULES:
        raise PolicyError("there is no such rule", hint=f"one of {', '.join(RULES)}")
    return lambda state: msgspec.structs.replace(
        state, policy=msgspec.structs.replace(state.policy, **{rule: on})
    )


def _appoint(leaf: int, membership: Membership) -> Edit:
    roster = membership.roster
    _check_appoints(roster)
    if leaf not in roster:
        raise PolicyError("nobody of that number is here")
    if roster[leaf].participant is None:
        # The server has to know whom to let commit; it would end the connection of anybody else.
        raise PolicyError(f"{roster.name(leaf)} is still coming in", hint="try again in a moment")
    blob, name = roster[leaf].credential.public_blob, roster.name(leaf)
    proof = membership.appoint(blob)

    def edit(state: RoomState) -> RoomState:
        if state.role(blob) != "member":
            raise PolicyError(f"{name} is a {state.role(blob)} already")
        if len(state.cohosts) >= MAX_COHOSTS:
            raise PolicyError("the room has too many cohosts", hint="dismiss one first")
        cohosts = (*state.cohosts, Appointment(blob, proof))
        return msgspec.structs.replace(state, cohosts=cohosts)

    return edit


def _check_appoints(roster: Roster) -> None:
    if not appoints(roster):
        raise PolicyError("only the host of the link appoints and dismisses cohosts")


def _dismiss(key: str) -> Edit:
    def edit(state: RoomState) -> RoomState:
        rest = tuple(cohost for cohost in state.cohosts if fingerprint(cohost.blob) != key)
        if len(rest) == len(state.cohosts):
            raise PolicyError("this is no cohost")
        return msgspec.structs.replace(state, cohosts=rest)

    return edit
