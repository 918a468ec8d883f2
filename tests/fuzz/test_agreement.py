"""Members whose server shows Commits to whom it likes, and plays heartbeats as it likes.

They never suspect each other without a reason, and never go on for long without having heard.
"""

from __future__ import annotations

import contextlib
import functools
import math
import os
from dataclasses import dataclass, field

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from e2ee.errors import KeysError
from e2ee.identity import DeviceIdentity
from e2ee.link import Link, host_hash, room_keys
from e2ee.mls.group import Group
from rooms.errors import PolicyError
from rooms.heartbeat import BEHIND, LATE, SILENCE, Agreement, Heartbeats
from rooms.membership import Added, Membership, new_bundles

START = 1_800_000_000.0
PEOPLE = 4


@functools.cache
def welcomed() -> tuple[Membership, ...]:
    """A host and guests in one epoch, made once; what follows starts from copies of it."""
    identity = DeviceIdentity.generate()
    link = Link("rooms.example", bytes(16), host_hash(identity.public_blob))
    keys = room_keys(link.secret)
    host = Membership.create(link, keys, identity, "0", now=START)
    bundles = [
        new_bundles(DeviceIdentity.generate(), str(number), keys, now=START)[0]
        for number in range(1, PEOPLE)
    ]
    pending = host.group.commit(
        adds=[bundle.message for bundle in bundles],
        psks={keys.psk_id: keys.psk},
        path=True,
        now=int(START),
    )
    assert pending.welcome is not None
    guests = [Membership.enter(pending.welcome, [bundle], link, keys) for bundle in bundles]
    mine = guests[0].roster.credentials
    host.merge(pending, [Added(mine[leaf], leaf + 1) for leaf in range(1, PEOPLE)], [])
    return (host, *guests)


def copy_of(member: Membership) -> Membership:
    assert member.group._epoch is not None
    return Membership(Group(member.group._epoch), member.roster, member.keys)


@dataclass
class Member:
    """One member, and all it ever was and said."""

    place: Membership
    beats: Heartbeats
    epochs: dict[int, bytes] = field(default_factory=dict)
    since: dict[int, float] = field(default_factory=dict)
    confirmed: float = START
    """When the youngest heartbeat was made that we could take for a confirmation, as far as one
    can tell: nobody knows how long the quickest one of a leaf was under way."""
    quickest: dict[int, float] = field(default_factory=dict)

    @property
    def now_in(self) -> tuple[int, bytes]:
        return self.place.group.epoch, self.place.group.epoch_authenticator

    def entered(self, now: float) -> None:
        self.since[self.place.group.epoch] = now
        self.epochs[self.place.group.epoch] = self.place.group.epoch_authenticator
        self.beats.next_epoch(now)


@dataclass(frozen=True)
class Beat:
    """A heartbeat that the server has, and what its maker was when it made it."""

    by: int
    sealed: bytes
    epoch: int
    authenticator: bytes
    made: float


class Partings(RuleBasedStateMachine):
    """A hostile server and honest members."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.members: list[Member] = []
        for number, place in enumerate(map(copy_of, welcomed())):
            jitter = functools.partial(float, number / PEOPLE)
            member = Member(place, Heartbeats(place, START, jitter))
            member.epochs[place.group.epoch] = place.group.epoch_authenticator
            self.members.append(member)
        self.pool: list[Beat] = []

    @rule(seconds=st.floats(0, 15))
    def wait(self, seconds: float) -> None:
        """Let time pass, and collect who says something by itself."""
        self.now += seconds
        for number, member in enumerate(self.members):
            sent = member.beats.due(self.now)
            if sent is not None:
                self.pool.append(Beat(number, sent.sealed, *member.now_in, self.now))
            member.beats.judge(self.now)

    @rule()
    def wait_a_minute(self) -> None:
        """Let time pass, with nothing delivered."""
        for _ in range(6):
            self.wait(10)

    @rule(by=st.integers(0, PEOPLE - 1), shown=st.sets(st.integers(0, PEOPLE - 1)))
    def commit(self, by: int, shown: set[int]) -> None:
        """Show a Commit to some of those who could follow it."""
        sender = self.members[by]
        before = sender.now_in
        pending = sender.place.group.commit(path=True, now=int(self.now))
        sender.place.merge(pending, [], [])
        sender.entered(self.now)
        for number in shown - {by}:
            member = self.members[number]
            if member.now_in == before:
                agreed = member.place.read_commit(pending.message, now=self.now)
                member.place.apply(agreed)
                member.entered(self.now)

    @precondition(lambda self: self.pool)
    @rule(choice=st.integers(0, 1 << 16), to=st.integers(0, PEOPLE - 1))
    def deliver(self, choice: int, to: int) -> None:
        """Deliver any heartbeat there ever was to anybody, mostly one of the last."""
        recent = self.pool[-8:] if choice % 4 else self.pool
        self._deliver(recent[choice % len(recent)], to)

    @rule(by=st.integers(0, PEOPLE - 1), to=st.integers(0, PEOPLE - 1))
    def deliver_the_next(self, by: int, to: int) -> None:
        """Deliver in order what somebody said, as late as it may be by now."""
        heard = self.members[to].beats._heard.get(self.members[by].place.group.leaf)
        last = heard.beat.sent if heard is not None and heard.beat is not None else 0
        later = [beat for beat in self.pool if beat.by == by and beat.made * 1000 > last + 1]
        if later:
            self._deliver(later[0], to)

    @rule()
    def deliver_the_last_of_everybody(self) -> None:
        """Be honest for a moment, about heartbeats."""
        last = {beat.by: beat for beat in self.pool}
        for beat in last.values():
            for to in range(PEOPLE):
                self._deliver(beat, to)

    @rule(data=st.binary(max_size=150), to=st.integers(0, PEOPLE - 1))
    def forge(self, data: bytes, to: int) -> None:
        """Make one up."""
        with pytest.raises((KeysError, PolicyError)):
            self.members[to].beats.received(data, self.now)

    def _deliver(self, beat: Beat, to: int) -> None:
        member, sender = self.members[to], self.members[beat.by]
        taken = False
        with contextlib.suppress(KeysError, PolicyError):
            member.beats.received(beat.sealed, self.now)
            taken = True
        assert not (taken and sender is member)
        if not taken:
            return
        took = min(self.now - beat.made, member.quickest.get(beat.by, math.inf))
        member.quickest[beat.by] = took
        member.confirmed = max(member.confirmed, beat.made + took)
        verdict = member.beats.judge(self.now)
        ours = member.epochs.get(beat.epoch)
        if ours is not None and ours != beat.authenticator:
            assert verdict.agreement is Agreement.DISAGREES
            assert sender.place.group.leaf in verdict.leaves

    @invariant()
    def nobody_is_suspected_without_a_reason(self) -> None:
        by_leaf = {member.place.group.leaf: member for member in self.members}
        for member in self.members:
            verdict = member.beats.judge(self.now)
            for leaf in verdict.leaves:
                other = by_leaf[leaf]
                if verdict.agreement is Agreement.DISAGREES:
                    shared = member.epochs.keys() & other.epochs.keys()
                    assert any(member.epochs[epoch] != other.epochs[epoch] for epoch in shared)
                else:
                    later = [at for epoch, at in other.since.items() if epoch > member.now_in[0]]
                    assert self.now - min(later) >= BEHIND

    @invariant()
    def nobody_goes_on_for_long_without_having_heard(self) -> None:
        for member in self.members:
            if member.beats.judge(self.now).agreement is Agreement.AGREED:
                assert self.now - member.confirmed <= SILENCE + LATE + BEHIND

    @invariant()
    def there_is_always_a_next_time_to_look(self) -> None:
        for member in self.members:
            assert member.beats.next_tick <= self.now + 15


class TestPartings(Partings.TestCase):
    """The same few each time."""

    settings = settings(
        max_examples=30, stateful_step_count=40, deadline=None, derandomize=True, database=None
    )


@pytest.mark.slow
class TestLongPartings(Partings.TestCase):
    """Others each time."""

    settings = settings(
        max_examples=40 if os.environ.get("SOTTO_SHORT") else 600,
        stateful_step_count=80,
        deadline=None,
        database=None,
    )
