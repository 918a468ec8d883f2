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
from rooms import bounds, wire
from rooms.admissions import Dropped, room_full, settle
from rooms.errors import WireError
from rooms.knocks import Knocker, Knocks
from rooms.membership import Added, Change, Membership
from rooms.plan import Plan, edited
from rooms.policy import ROOM_STATE, RoomState
from rooms.removals import Removals
from rooms.returns import SLOW_RETRY, Returns
from rooms.roles import Edit
from rooms.room_size import fits_a_message

MAX_ADDS: Final = bounds.MAX_JOINERS
MAX_REMOVES: Final = bounds.MAX_JOINERS
GATHER: Final = 0.25
"""Seconds from a Commit to the next one that only adds, or takes out those who are gone."""
GATHER_LARGE: Final = 1.0
"""The same for Adds in a large room: everybody in it has to process each Commit."""
LARGE: Final = 50
"""A room of more people than this is a large one."""
CROWD: Final = 10
"""More people than this who wait to come in are a crowd: as in a large room, they share Commits."""
MAX_ATTEMPTS: Final = 8
"""How often a Commit that lost against another one is made anew."""
MAX_UNTAKEN: Final = 3
"""The same of one that lost against none: the server may not know yet that the door is ours."""
UNTAKEN: Final = 1.0
"""Seconds to wait before that."""
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

    A member has one, too: to give those their place back who lost the connection, and no more.
    `jitter` returns something from 0 to 1, so that those whose Commits collided do not meet again.
    """

    def __init__(
        self,
        membership: Membership,
        suites: Sequence[CipherSuite] = SUITES,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.knocks = Knocks(membership, suites)
        self.dropped: list[Dropped] = []
        """Admitted, but they cannot be added; to be drained, and refused."""
        self.failed: list[SottovoceError] = []
        """Why changes that were asked for are not made; to be drained."""
        self.returns = Returns(self.knocks)
        self.removals = Removals(membership)
        self._membership = membership
        self._jitter = jitter
        self._adds: list[Knocker] = []
        self._edits: list[Edit] = []
        self._submitted: _Submitted | None = None
        self._last_commit = 0.0
        self._renew = False
        self._updates_due = 0.0
        self._withdrawn: set[int] = set()
        # The server counts every Commit, also one that all of us refuse: its count goes ahead of
        # the group's epoch then. Names which Commit ours follows, and nothing else.
        self._counted = membership.group.epoch
        self._attempts = 0
        self._retry_at = 0.0

    # --- what is decided ---

    def withdraw(self, participant: int) -> bool:
        """Forget a knock, decided or not; whether there was an undecided one.

        One whose Commit is under way stays in it: the server says when its Welcome found nobody.
        """
        self._adds = [knocker for knocker in self._adds if knocker.participant != participant]
        self.returns.forget([participant])
        if self.knows(participant):
            self._withdrawn.add(participant)
        return self.knocks.take(participant) is not None

    def admit(self, participant: int) -> bool:
        """Have a knocker added by the next Commit; False if nobody knocks with that number."""
        knocker = self.knocks.take(participant)
        if knocker is not None:
            self._adds.append(knocker)
        return knocker is not None

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
        """Forget what only hosts and cohosts decide, and is not under way."""
        self.knocks.clear()
        self.removals.clear()
        self._adds, self._edits, self._renew = [], [], False

    def break_off(self) -> bool:
        """Forget who knocks and what is under way; whether a person's decisions are still open.

        The server counts from 0 if the room is opened again on it.
        """
        submitted, self._submitted = self._submitted, None
        if submitted is not None:
            self.removals.again(submitted.plan.removes)
            self._edits = [*submitted.plan.edits, *self._edits]
        undone = bool(self._edits or self._adds or self.removals.decided)
        self.knocks.break_off()
        self.returns.clear()
        self._adds, self._withdrawn = [], set()
        self._counted, self._attempts, self._retry_at = 0, 0, 0.0
        return undone

    # --- what is to come of it ---

    def knows(self, participant: int) -> bool:
        """Whether a knock with this number waits or is admitted."""
        coming = (knocker.participant for knocker in self.coming)
        return participant in self.knocks.waiting or participant in coming

    @property
    def coming(self) -> list[Knocker]:
        """Those who are admitted, and not in the group yet."""
        under_way = self._submitted.plan.adds if self._submitted is not None else ()
        return [*under_way, *self.returns.knockers, *self._adds]

    @property
    def intended(self) -> RoomState:
        """The room's state once all is done that was asked for."""
        submitted, roster = self._submitted, self._membership.roster
        state = submitted.plan.state if submitted is not None else roster.state
        return edited(state, self._edits)[0]

    @property
    def states(self) -> list[RoomState]:
        """The room's state as it is, as it is once the Commit under way is in, and as intended."""
        under_way = [self._submitted.plan.state] if self._submitted is not None else []
        return [self._membership.roster.state, *under_way, self.intended]

    @property
    def next_tick(self) -> float | None:
        """When `next_commit` may have something, Unix seconds; None: not before news."""
        if self._submitted is not None:
            return None
        dues = [self._gathered(due) for due in (*self.removals.dues, *self.returns.dues)]
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
        submitted = self._submitted = self._build(plan, now)
        if submitted is None:
            return []
        self._forget(submitted.plan)
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

        The Commit that won was delivered before, or our count was wrong, as it may be at first. If
        it was right, ours is not to the server's liking.
        Raises `WireError` if there is none under way, or it was tried often enough.
        """
        submitted, self._submitted = self._submitted, None
        if submitted is None:
            raise WireError("the server rejected a Commit that was not sent")
        plan = submitted.plan
        lost = epoch != submitted.epoch
        self._attempts += 1
        given_up = self._attempts >= (MAX_ATTEMPTS if lost else MAX_UNTAKEN)
        again = [who for who in plan.adds if who.participant not in self._withdrawn]
        strangers = self._return_again(again, plan, now if lost else now + SLOW_RETRY)
        if given_up:
            self._attempts = 0
            error = WireError("the server does not take this change of the room")
            self.dropped += [(knocker, error) for knocker in strangers]
            if not plan.returns or strangers or plan.removes or plan.edits:
                raise error
            return
        self._counted = epoch
        hurry = plan.removes or plan.edits or plan.renew or plan.returns
        start = now if hurry else self._adds_due
        start += 0 if lost else UNTAKEN
        self._retry_at = start + RETRY * self._attempts * self._jitter()
        self._adds = [*strangers, *self._adds]
        self.removals.again(plan.removes)
        self._edits = [*plan.edits, *self._edits]

    # --- the next Commit ---

    @property
    def _adds_due(self) -> float:
        """When a Commit may go that only adds: who comes alone does not wait."""
        large = len(self._membership.roster) > LARGE or len(self._adds) > CROWD
        return self._last_commit + (GATHER_LARGE if large else GATHER)

    def _gathered(self, due: float) -> float:
        """When a Commit may go for what is due: at once if a person wants it so."""
        return max(due, self._last_commit + GATHER) if due else 0.0

    def _plan(self, now: float) -> Plan:
        """Say what is to be done now; forget what others did and what cannot be."""
        roster = self._membership.roster
        members = {member.signature_key for member in self._membership.group.members}
        due = self.removals.now_due(now)
        back = self.returns.now_due(now, members, self.removals)
        self._adds = [knocker for knocker in self._adds if knocker.signature_key not in members]
        returning = [item.knocker for item in back.values()]
        removes = dict(list(due.items())[:MAX_REMOVES])
        updates = bool(self._membership.proposals.updates) and self._updates_due <= now
        renew = self._renew or updates
        state, self._edits, failed = edited(roster.state, self._edits)
        self.failed += failed
        edits = tuple(self._edits)
        if state.locked and not roster.state.locked and self._adds:
            # Whoever was let in before comes in first: one Commit cannot do both.
            edits, state = (), roster.state
        elif state == roster.state:
            self._edits, edits = [], ()
        self._adds, dropped = settle(
            self._adds, self._membership, self.knocks, locked=state.locked, now=now
        )
        self.dropped += dropped
        return Plan((*returning, *self._adds), back, removes, edits, state, renew)

    def _return_again(self, adds: Sequence[Knocker], plan: Plan, due: float) -> list[Knocker]:
        """Try those again who get their place back; return the others."""
        for knocker in adds:
            if (item := plan.returns.get(knocker.participant)) is not None:
                self.returns.again(item, due=due)
        return [knocker for knocker in adds if knocker.participant not in plan.returns]

    def _build(self, plan: Plan, now: float) -> _Submitted | None:
        """Build one Commit; a KeyPackage that does not fit is dropped, the others still go."""
        batch, adds = MAX_ADDS, list(plan.adds)
        while adds or plan.removes or plan.edits or plan.renew:
            plan = replace(plan, adds=tuple(adds[:batch]))
            removes = tuple(dict.fromkeys([*self._left_behind(plan.adds), *plan.removes]))
            removes = removes[:MAX_REMOVES]
            try:
                pending = self._commit(plan, removes, now)
                if not plan.adds or fits_a_message(pending.message, pending.welcome):
                    return _Submitted(self._counted, plan, pending, removes)
                batch = len(plan.adds) // 2  # the others, or all of them, go with a later Commit
                if not (batch or plan.removes or plan.edits or plan.renew):
                    self._drop(adds.pop(0), room_full(self._membership))
                    batch = MAX_ADDS
            except KeysError as error:
                if self._membership.proposals.updates:
                    self._membership.proposals.forget_updates()
                elif len(plan.adds) > 1:
                    batch = 1  # two of them may exclude each other: one at a time
                elif plan.adds:
                    self._drop(adds.pop(0), error)
                else:
                    self._forget(plan)
                    raise
        return None

    def _drop(self, knocker: Knocker, error: SottovoceError) -> None:
        self.dropped.append((knocker, error))
        self.returns.forget([knocker.participant])
        if knocker in self._adds:
            self._adds.remove(knocker)

    def _left_behind(self, adds: Sequence[Knocker]) -> list[int]:
        """The leaves that those who come back had before they were gone, or that they gave up.

        A cohost may remove a host in no other way, and a member nobody (`rooms.policy`).
        """
        given_up = [leaf for leaf in map(self.knocks.left_by, adds) if leaf is not None]
        roster, back = self._membership.roster, {who.credential.public_blob for who in adds}
        if roster.role(roster.me) == "member":
            return given_up
        gone = (leaf for leaf in roster if roster[leaf].is_gone and leaf != roster.me)
        return [*given_up, *(leaf for leaf in gone if roster[leaf].credential.public_blob in back)]

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

    def _forget(self, plan: Plan) -> None:
        """Take out of what is to be done what a Commit does."""
        self._renew = False
        self._adds = [knocker for knocker in self._adds if knocker not in plan.adds]
        self.returns.forget(knocker.participant for knocker in plan.adds)
        self._edits = [edit for edit in self._edits if edit not in plan.edits]
        self.removals.forget(plan.removes)

    def _as_message(self, submitted: _Submitted) -> wire.SubmitCommit:
        pending, roster = submitted.pending, self._membership.roster
        # The server takes no names of connections from members, nor are there any: they broke.
        named = submitted.removes if roster.role(roster.me) != "member" else ()
        numbers = (roster[leaf].participant for leaf in named)
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
