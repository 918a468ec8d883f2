"""Whether everybody in the room is in the same epoch, as they say themselves every few seconds.

The server could keep members apart, each half with Commits of its own: then they hold other keys
under one number, or one half falls behind. Heartbeats tell (`e2ee.heartbeat`). What a heartbeat
cannot tell: whether its sender lies, so whoever is named as disagreeing may be the one to blame.

Pure; `now` in Unix seconds. Inside, time is steady (`rooms.steady_clock`): a clock that is set
makes nobody late, and nobody silent.
"""

from __future__ import annotations

import hmac
import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from e2ee.heartbeat import Heartbeat, epoch_hash, open_heartbeat, seal_heartbeat
from e2ee.mls.group import Member
from rooms import wire
from rooms.errors import PolicyError
from rooms.membership import Membership
from rooms.roster import Person
from rooms.steady_clock import SteadyClock

PERIOD: Final = 10.0
PERIOD_PER_MEMBER: Final = 0.5
"""Seconds between two heartbeats of one member: above 20 members, half a second for each."""
SILENCE: Final = 60.0
"""Seconds, when we are not alone, without anybody who confirms our keys: then we stop sending."""
LATE: Final = 60.0
"""Seconds by which a heartbeat may come later than the quickest one of its sender."""
BEHIND: Final = 10.0
"""Seconds that a Commit may be on its way: so long may others be in a later epoch, and so long does
one that is over confirm the next."""
MISSED: Final = 3
"""Heartbeats of one person that may be missing before it counts as unconfirmed."""
JUDGE_EVERY: Final = 5.0
"""Seconds between two looks at how things stand."""
REMEMBERED: Final = 256
"""Epochs of ours that others' heartbeats are compared with."""


class Agreement(Enum):
    """What the heartbeats of the others come to."""

    AGREED = "agreed"
    DISAGREES = "disagrees"
    """Somebody holds other keys for an epoch we were in."""
    BEHIND = "behind"
    """Somebody is in a later epoch, for so long that we shall not follow by ourselves."""
    SILENT = "silent"
    """Nobody has confirmed our keys for a minute."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """An agreement, and the leaves of those whose word it rests on."""

    agreement: Agreement
    leaves: tuple[int, ...] = ()


AGREED: Final = Verdict(Agreement.AGREED)


@dataclass(frozen=True, slots=True)
class Sides:
    """Leaves by where they are: in a later epoch than we, in an earlier one long after it ended, in
    another state of one of ours, or with us.
    """

    ahead: set[int]
    behind: set[int]
    elsewhere: set[int]
    with_us: set[int]


@dataclass(slots=True)
class _Heard:
    """What one person said last; another one at the same leaf begins anew.

    `confirmed` is when it last named the keys we hold, or when it came in; `at` is when it last
    said anything; it `lags` if that was an epoch that had ended long before. `offset` is the least
    time by which a heartbeat of theirs came after it was sent, on two clocks; `ahead_since` when
    the first one of a later epoch than ours came. Once it `disagrees`, it agrees only by naming an
    epoch of ours again: going on to further epochs of its own mends nothing.
    """

    person: Person
    confirmed: float
    beat: Heartbeat | None = None
    offset: float = math.inf
    ahead_since: float | None = None
    disagrees: bool = False
    at: float = -math.inf
    lags: bool = False

    def is_ahead(self, now: float, patience: float = BEHIND) -> bool:
        """Whether it is in a later epoch than we, and not just now."""
        return self.ahead_since is not None and now - self.ahead_since >= patience


@dataclass(slots=True)
class _Own:
    """An epoch of ours: its hash, and when it was over."""

    digest: bytes
    ended: float = math.inf


class Heartbeats:
    """Ours and the others'. `jitter` returns something from 0 to 1.

    `confirmed`: whether somebody has just shown to have our keys, as whoever let us in has.
    """

    def __init__(
        self,
        membership: Membership,
        now: float,
        jitter: Callable[[], float],
        *,
        confirmed: bool = True,
    ) -> None:
        self._membership = membership
        self._jitter = jitter
        self._clock = SteadyClock(now)
        self._own: dict[int, _Own] = {}
        self._heard: dict[int, _Heard] = {}
        self._confirmed = now
        self._alone = True
        self._sent = 0
        self._next = now + jitter()
        self._judged = self._began = now
        self.next_epoch(now)
        if not confirmed:
            self._confirmed = -math.inf

    # --- ours ---

    def next_epoch(self, now: float) -> None:
        """Note the epoch we are in now, and who is in it."""
        now = self._clock.read(now)
        group, roster = self._membership.group, self._membership.roster
        for own in self._own.values():
            own.ended = min(own.ended, now)
        self._own[group.epoch] = _Own(epoch_hash(group.epoch_authenticator))
        if len(self._own) > REMEMBERED:
            del self._own[min(self._own)]
        before, self._heard = self._heard, {}
        for leaf in roster:
            if leaf != roster.me:
                heard = before.get(leaf)
                known = heard is not None and heard.person is roster[leaf]
                self._heard[leaf] = heard if heard and known else _Heard(roster[leaf], now)
        for heard in self._heard.values():
            if heard.ahead_since is not None and heard.beat is not None:
                self._compare(heard, heard.beat, now)
        if self._alone:
            self._confirmed = now
        self._alone = not self._heard

    def due(self, now: float) -> wire.SendHeartbeat | None:
        """Return our heartbeat, if it is time for one and there is somebody to hear it."""
        now = self._clock.read(now)
        if now < self._next:
            return None
        self._next = now + self._period * (0.9 + 0.2 * self._jitter())
        if self._alone:
            return None
        keys, group = self._membership.keys, self._membership.group
        self._sent = max(int(now * 1000), self._sent + 1)
        return wire.SendHeartbeat(seal_heartbeat(keys.heartbeat_key, group, sent=self._sent))

    # --- the others' ---

    def received(self, sealed: bytes, now: float) -> None:
        """Take a member's heartbeat. Raises `KeysError` or `PolicyError`; nothing changes then."""
        now = self._clock.read(now)
        keys = self._membership.keys
        unverified = open_heartbeat(keys.heartbeat_key, keys.room_id, sealed)
        heard = self._heard.get(unverified.said.leaf)
        if heard is None:
            raise PolicyError("a heartbeat comes from somebody who is not in the room")
        beat = unverified.verify(keys.room_id, self._member(unverified.said.leaf))
        if heard.beat is not None and beat.sent <= heard.beat.sent:
            raise PolicyError("a heartbeat came twice, or out of order")
        took = now - beat.sent / 1000
        if took - heard.offset > LATE:
            raise PolicyError("a heartbeat was held up")
        heard.beat, heard.at, heard.offset = beat, now, min(took, heard.offset)
        heard.person.is_heard()
        self._compare(heard, beat, now)

    def _compare(self, heard: _Heard, beat: Heartbeat, now: float) -> None:
        """Compare what somebody said last with the epochs we were in."""
        if beat.epoch > self._membership.group.epoch:
            heard.ahead_since = now if heard.ahead_since is None else heard.ahead_since
            heard.lags = False
            return
        heard.ahead_since = None
        own = self._own.get(beat.epoch)
        heard.lags = now - (self._began if own is None else own.ended) >= BEHIND
        if own is None:
            return  # of before we came, or long ago
        heard.disagrees = not hmac.compare_digest(own.digest, beat.epoch_hash)
        # An epoch that is over for long confirms nothing: its sender was not told of our Commit.
        if not heard.disagrees and now - own.ended < BEHIND:
            heard.confirmed = self._confirmed = now

    # --- what comes of it ---

    def judge(self, now: float) -> Verdict:
        """Return how things stand; to be asked at `next_tick` and whenever something came."""
        self._judged = now = self._clock.read(now)
        people = self._heard.items()
        if against := tuple(leaf for leaf, heard in people if heard.disagrees):
            return Verdict(Agreement.DISAGREES, against)
        if ahead := tuple(leaf for leaf, heard in people if heard.is_ahead(now)):
            return Verdict(Agreement.BEHIND, ahead)
        if not self._alone and now - self._confirmed >= SILENCE:
            return Verdict(Agreement.SILENT)
        return AGREED

    def sides(self, now: float, *, patience: float = BEHIND) -> Sides:
        """Return where those are whom we heard lately.

        `patience` are the seconds that somebody may be in a later epoch.
        """
        now, sides = self._clock.read(now), Sides(set(), set(), set(), set())
        for leaf, heard in self._heard.items():
            if now - heard.at > MISSED * self._period:
                continue
            if heard.disagrees:
                sides.elsewhere.add(leaf)
            elif heard.is_ahead(now, patience):
                sides.ahead.add(leaf)
            elif heard.lags:
                sides.behind.add(leaf)
            else:
                sides.with_us.add(leaf)
        return sides

    def unconfirmed(self, now: float) -> frozenset[int]:
        """Return the leaves of those who have not confirmed our keys for so long that it is odd."""
        now, odd = self._clock.read(now), max(SILENCE, MISSED * self._period)
        heard = self._heard.items()
        return frozenset(leaf for leaf, one in heard if now - one.confirmed >= odd)

    @property
    def next_tick(self) -> float:
        """When there is a heartbeat to send, or things may stand otherwise."""
        due = self._next if self._alone else min(self._next, self._judged + JUDGE_EVERY)
        return self._clock.wall(due)

    @property
    def _period(self) -> float:
        return max(PERIOD, PERIOD_PER_MEMBER * (len(self._heard) + 1))

    def _member(self, leaf: int) -> Member:
        return next(member for member in self._membership.group.members if member.leaf == leaf)
