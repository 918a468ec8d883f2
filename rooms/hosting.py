"""What a host or cohost decided, made into Commits, one at a time.

Decisions taken while a Commit is under way wait and go into the next one together. Pure.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from e2ee.errors import KeysError, SottovoceError
from e2ee.mls.cipher_suite import SUITES, CipherSuite
from e2ee.mls.group import PendingCommit
from rooms import wire
from rooms.errors import PolicyError, RoomFullError, WireError
from rooms.events import Knock
from rooms.knocks import Knocker, Knocks
from rooms.membership import Added, Change, Membership
from rooms.plan import Plan, Removal, edited
from rooms.policy import ROOM_STATE, RoomState
from rooms.roles import Edit
from rooms.room_size import fits_a_message, largest_credential, room_for

MAX_ADDS: Final = wire.MAX_JOINERS
MAX_REMOVES: Final = wire.MAX_JOINERS
GATHER: Final = 0.25
"""Seconds from a Commit to the next one that only adds, or takes out those who are gone."""
GATHER_LARGE: Final = 1.0
"""The same for Adds in a large room: everybody in it has to process each Commit."""
LARGE: Final = 50
"""A room of more people than this is a large one."""
MAX_ATTEMPTS: Final = 8
"""How often a Commit that lost against another one is tried again."""
UPDATES_APART: Final = 10.0
"""Seconds between two Commits that are made for Updates only: each has a path."""
RETRY: Final = 0.2
"""Longest wait before a Commit that lost is made again, seconds; longer each time it loses."""


@dataclass(frozen=True, slots=True)
class _Submitted:
    """A Commit under way, on top of what the server counts as `epoch`; `removes` are all leaves."""

    epoch: int
    plan: Plan
    pending: PendingCommit
    removes: tuple[int, ...]


class Hosting:
    """What a host or cohost keeps besides its membership. Nothing in here is shown to the server.

    `jitter` returns something from 0 to 1, so that those whose Commits collided do not meet again.
    """

    def __init__(
        self,
        membership: Membership,
        suites: Sequence[CipherSuite] = SUITES,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.knocks = Knocks(membership, suites)
        self.dropped: list[tuple[Knocker, SottovoceError]] = []
        """Admitted, but they cannot be added; to be drained, and refused."""
        self.failed: list[SottovoceError] = []
        """Why changes that were asked for are not made; to be drained."""
        self._membership = membership
        self._jitter = jitter
        self._adds: list[Knocker] = []
        self._removes: dict[int, Removal] = {}
        self._edits: list[Edit] = []
        self._submitted: _Submitted | None = None
        self._last_commit = 0.0
        self._renew = False
        self._updates_due = 0.0
        self._withdrawn: set[int] = set()
        # The server counts every Commit, also one that all of us refuse: its count goes ahead of
        # the group's epoch then. Names which Commit ours follows, and nothing else.
        self._counted = 0
        self._attempts = 0
        self._retry_at = 0.0

    # --- what is decided ---

    def withdraw(self, participant: int) -> bool:
        """Forget a knock, decided or not; whether there was an undecided one.

        One whose Commit is under way stays in it: the server says when its Welcome found nobody.
        """
        self._adds = [knocker for knocker in self._adds if knocker.participant != participant]
        if self.knows(participant):
            self._withdrawn.add(participant)
        return self.knocks.take(participant) is not None

    def admit(self, participant: int) -> bool:
        """Have a knocker added by the next Commit; False if nobody knocks with that number."""
        knocker = self.knocks.take(participant)
        if knocker is not None:
            self._adds.append(knocker)
        return knocker is not None

    def remove(self, leaf: int, *, due: float = 0.0) -> None:
        """Have a member removed by the next Commit from `due` on, Unix seconds."""
        roster = self._membership.roster
        if leaf in roster and leaf != roster.me:
            before = self._removes.get(leaf)
            if before is not None and before.person is roster[leaf]:
                due = min(due, before.due)
            self._removes[leaf] = Removal(roster[leaf], due)

    def edit(self, edit: Edit) -> None:
        """Have the next Commit change the state. Raises `PolicyError` if that cannot be."""
        edit(self.intended).encode()
        self._edits.append(edit)

    def renew(self) -> None:
        """Have the next Commit renew our own key."""
        self._renew = True

    def take_updates(self, *, due: float) -> None:
        """Have a Commit made for the Updates that are held, from `due` on, Unix seconds."""
        self._updates_due = max(due, self._updates_due)

    def clear(self) -> None:
        """Forget everything that is not under way: deciding is not ours any more."""
        self.knocks.clear()
        self._adds, self._removes, self._edits, self._renew = [], {}, [], False

    # --- what is to come of it ---

    def knows(self, participant: int) -> bool:
        """Whether a knock with this number waits or is admitted."""
        waiting = participant in self.knocks.waiting
        return waiting or any(knocker.participant == participant for knocker in self.coming)

    @property
    def coming(self) -> list[Knocker]:
        """Those who are admitted, and not in the group yet."""
        under_way = self._submitted.plan.adds if self._submitted is not None else ()
        return [*under_way, *self._adds]

    @property
    def intended(self) -> RoomState:
        """The room's state once all is done that was asked for."""
        submitted, roster = self._submitted, self._membership.roster
        state = submitted.plan.state if submitted is not None else roster.state
        return edited(state, self._edits)[0]

    @property
    def next_tick(self) -> float | None:
        """When `next_commit` may have something, Unix seconds; None: not before news."""
        if self._submitted is not None:
            return None
        dues = [self._removal_due(removal) for removal in self._removes.values()]
        if self._edits or self._renew:
            dues.append(0.0)
        if self._adds:
            dues.append(self._adds_due)
        if self._membership.proposals.updates:
            dues.append(self._updates_due)
        return max(min(dues), self._retry_at) if dues else None

    def next_commit(self, *, now: float) -> list[wire.SubmitCommit]:
        """Return the Commit to submit now: none while one is under way or nothing is due.

        All that is to be done goes with it, also what could have waited.
        Raises `KeysError` if what was asked for cannot be committed; it is dropped then.
        """
        if self._submitted is not None or now < self._retry_at:
            return []
        plan = self._plan(now)
        due = self.next_tick
        if due is None or now < due:
            return []
        self._settle_suite(now)
        self._drop_too_many()
        submitted = self._submitted = self._build(plan, now)
        if submitted is None:
            return []
        self._forget(submitted.plan, submitted.removes)
        self._withdrawn.clear()
        self._updates_due = now + UPDATES_APART
        self._last_commit = now
        return [self._as_message(submitted)]

    # --- what the server says of it ---

    def delivered(self, epoch: int, *, now: float) -> None:
        """Note what the server counts after a foreign Commit, be it a good one or not."""
        self._counted = epoch
        self._last_commit = now

    def accepted(self, epoch: int) -> Change:
        """Merge the Commit under way. Raises `WireError` if the server accepts something else."""
        submitted = self._submitted
        if submitted is None or epoch != submitted.epoch + 1:
            raise WireError("the server accepted a Commit that was not sent")
        self._submitted, self._counted, self._attempts = None, epoch, 0
        added = [Added(who.credential, who.participant) for who in submitted.plan.adds]
        return self._membership.merge(submitted.pending, added, submitted.removes)

    def rejected(self, epoch: int, *, now: float) -> None:
        """Drop the Commit under way because the server counts `epoch`; a later one takes it up.

        The Commit that won was delivered before. If there is none, ours was not to the server's
        liking and never will be: then it is given up.
        Raises `WireError` if there is none under way or it is given up.
        """
        submitted, self._submitted = self._submitted, None
        if submitted is None:
            raise WireError("the server rejected a Commit that was not sent")
        plan = submitted.plan
        self._attempts += 1
        if epoch <= submitted.epoch or self._attempts >= MAX_ATTEMPTS:
            self._attempts = 0
            error = WireError("the server does not take this change of the room")
            self.dropped += [(knocker, error) for knocker in plan.adds]
            raise error
        self._counted = epoch
        hurry = plan.removes or plan.edits or plan.renew
        start = now if hurry else self._adds_due
        self._retry_at = start + RETRY * self._attempts * self._jitter()
        again = (who for who in plan.adds if who.participant not in self._withdrawn)
        self._adds = [*again, *self._adds]
        self._removes = {**plan.removes, **self._removes}
        self._edits = [*plan.edits, *self._edits]

    def knock_event(self, knocker: Knocker) -> Knock:
        """Return a knock as the face sees it."""
        roster = self._membership.roster
        return Knock(
            knock=knocker.participant,
            name=roster.name_of_stranger(knocker.credential),
            fingerprint=knocker.credential.fingerprint,
            key_state=roster.key_state(knocker.credential),
        )

    # --- the next Commit ---

    @property
    def _adds_due(self) -> float:
        """When a Commit may go that only adds: who comes alone does not wait."""
        large = len(self._membership.roster) > LARGE
        return self._last_commit + (GATHER_LARGE if large else GATHER)

    def _removal_due(self, removal: Removal) -> float:
        """When somebody is to be removed: at once if a person wants it so."""
        return max(removal.due, self._last_commit + GATHER) if removal.due else 0.0

    def _plan(self, now: float) -> Plan:
        """Say what is to be done now, having forgotten what others did and what cannot be."""
        roster = self._membership.roster
        self._removes = {
            leaf: removal
            for leaf, removal in self._removes.items()
            if leaf in roster and roster[leaf] is removal.person and self._may_remove(leaf)
        }
        members = {member.signature_key for member in self._membership.group.members}
        self._adds = [knocker for knocker in self._adds if knocker.signature_key not in members]
        due = [leaf for leaf, removal in self._removes.items() if removal.due <= now]
        removes = {leaf: self._removes[leaf] for leaf in due[:MAX_REMOVES]}
        updates = bool(self._membership.proposals.updates) and self._updates_due <= now
        renew = self._renew or updates
        state, self._edits, failed = edited(roster.state, self._edits)
        self.failed += failed
        if state.locked and not roster.state.locked and self._adds:
            # Whoever was let in before comes in first: one Commit cannot do both.
            return Plan(tuple(self._adds), removes, (), roster.state, renew)
        if state.locked:
            self._drop_strangers()
        if state == roster.state:
            self._edits = []
        return Plan(tuple(self._adds), removes, tuple(self._edits), state, renew)

    def _may_remove(self, leaf: int) -> bool:
        """Whether the others will let us (`rooms.policy`): a cohost removes no host that stays."""
        membership = self._membership
        hosts = [membership.roster.role(which) == "host" for which in (leaf, membership.roster.me)]
        return hosts != [True, False] or leaf in membership.proposals.leaving

    def _drop_strangers(self) -> None:
        """Give up those that a lock keeps out: all but hosts that come back."""
        role = self._membership.roster.state.role
        strangers = [who for who in self._adds if role(who.credential.public_blob) != "host"]
        error = PolicyError("the room is locked", hint="unlock it first")
        self.dropped += [(knocker, error) for knocker in strangers]
        self._adds = [knocker for knocker in self._adds if knocker not in strangers]

    def _settle_suite(self, now: float) -> None:
        """See to it that all who are to be added offer the group's suite.

        Only what a person admitted lowers it: a knock that is refused changes nothing. It is the
        best again as soon as all who lack it are gone.
        """
        if not self._adds:
            return
        group = self._membership.group
        for suite in self.knocks.possible_suites():
            if all(suite.id in knocker.offers for knocker in self._adds):
                if suite is not group.suite:
                    self._membership.restart(suite, now=now)
                return
        lacking = [knocker for knocker in self._adds if group.suite.id not in knocker.offers]
        self.dropped += [(knocker, self.knocks.suite_error(knocker)) for knocker in lacking]
        self._adds = [knocker for knocker in self._adds if knocker not in lacking]

    def _drop_too_many(self) -> None:
        """Give up those with whom the group's messages could become too large to be sent."""
        group, suite = self._membership.group, self._membership.group.suite
        members = [len(member.identity) for member in group.members]
        joining = [largest_credential(knocker.credential.public_blob) for knocker in self._adds]
        fit = room_for(suite, members, joining)
        self.dropped += [(knocker, self._full()) for knocker in self._adds[fit:]]
        del self._adds[fit:]

    def _full(self) -> RoomFullError:
        keys, people = self._membership.group.suite.name, len(self._membership.roster)
        return RoomFullError(
            f"the room is full: its messages cannot carry the {keys} keys of more than {people}"
        )

    def _build(self, plan: Plan, now: float) -> _Submitted | None:
        """Build one Commit; a KeyPackage that does not fit is dropped, the others still go."""
        batch = MAX_ADDS
        while self._adds or plan.removes or plan.edits or plan.renew:
            plan = replace(plan, adds=tuple(self._adds[:batch]))
            removes = tuple(dict.fromkeys([*plan.removes, *self._left_behind(plan.adds)]))
            removes = removes[:MAX_REMOVES]
            try:
                pending = self._commit(plan, removes, now)
                if not plan.adds or fits_a_message(pending.message, pending.welcome):
                    return _Submitted(self._counted, plan, pending, removes)
                batch = len(plan.adds) // 2  # the others, or all of them, go with a later Commit
                if not (batch or plan.removes or plan.edits or plan.renew):
                    self.dropped.append((self._adds.pop(0), self._full()))
                    batch = MAX_ADDS
            except KeysError as error:
                if self._membership.proposals.updates:
                    self._membership.proposals.forget_updates()
                elif len(plan.adds) > 1:
                    batch = 1  # two of them may exclude each other: one at a time
                elif plan.adds:
                    self.dropped.append((self._adds.pop(0), error))
                else:
                    self._forget(plan, removes)
                    raise
        return None

    def _left_behind(self, adds: Sequence[Knocker]) -> list[int]:
        """The leaves that those who come back had before they were gone.

        A cohost may remove a host in no other way (`rooms.policy`).
        """
        roster, back = self._membership.roster, {who.credential.public_blob for who in adds}
        gone = (leaf for leaf in roster if roster[leaf].is_gone and leaf != roster.me)
        return [leaf for leaf in gone if roster[leaf].credential.public_blob in back]

    def _commit(self, plan: Plan, removes: Sequence[int], now: float) -> PendingCommit:
        keys, group = self._membership.keys, self._membership.group
        changed = plan.state != self._membership.roster.state
        named, removes = self._membership.proposals.references(removes)
        return group.commit(
            adds=[knocker.offers[group.suite.id] for knocker in plan.adds],
            removes=removes,
            psks={keys.psk_id: keys.psk} if plan.adds else {},
            extensions={**group.extensions, ROOM_STATE: plan.state.encode()} if changed else None,
            proposals=named,
            path=plan.renew,
            now=int(now),
        )

    def _forget(self, plan: Plan, removes: Sequence[int]) -> None:
        """Take out of what is to be done what a Commit does."""
        self._renew = False
        self._adds = [knocker for knocker in self._adds if knocker not in plan.adds]
        self._edits = [edit for edit in self._edits if edit not in plan.edits]
        self._removes = {
            leaf: removal for leaf, removal in self._removes.items() if leaf not in removes
        }

    def _as_message(self, submitted: _Submitted) -> wire.SubmitCommit:
        pending, roster = submitted.pending, self._membership.roster
        numbers = (roster[leaf].participant for leaf in submitted.removes)
        joiners = [
            wire.Joiner(knocker.participant, leaf)
            for knocker, leaf in zip(submitted.plan.adds, pending.added, strict=True)
        ]
        return wire.SubmitCommit(
            epoch=submitted.epoch,
            commit=pending.message,
            welcome=wire.WelcomeFor(pending.welcome, joiners) if pending.welcome else None,
            removes=[number for number in numbers if number is not None],
        )
