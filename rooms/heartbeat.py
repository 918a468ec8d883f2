"""Whether everybody in the room is in the same epoch, as they say themselves every few seconds.

The server could keep members apart, each half with Commits of its own: then they hold other keys
under one number, or one half falls behind. Heartbeats tell (`e2ee.heartbeat`). What a heartbeat
cannot tell: whether its sender lies, so whoever is named as disagreeing may be the one to blame.
Pure; Unix seconds.
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

PERIOD: Final = 10.0
PERIOD_PER_MEMBER: Final = 0.5
"""Seconds between two heartbeats of one member: above 20 members, half a second for each."""
SILENCE: Final = 60.0
"""Seconds without any heartbeat, when we are not alone, after which we stop sending."""
LATE: Final = 60.0
"""Seconds by which a heartbeat may come later than the quickest one of its sender."""
BEHIND: Final = 10.0
"""Seconds that others may be in a later epoch: a Commit is on its way to us."""
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
    """Nobody has been heard for a minute."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """An agreement, and the leaf whose word it rests on, if it is one's."""

    agreement: Agreement
    leaf: int | None = None


AGREED: Final = Verdict(Agreement.AGREED)


@dataclass(slots=True)
class _Heard:
    """What one person said last; another one at the same leaf begins anew.

    `at` is when we heard it, or when it came in. `offset` is the least time by which a heartbeat of
    theirs came after it was sent, on two clocks; `ahead_since` when the first one of a later epoch
    than ours came.
    """

    person: Person
    at: float
    beat: Heartbeat | None = None
    offset: float = math.inf
    ahead_since: float | None = None


class Heartbeats:
    """Ours and the others'. `jitter` returns something from 0 to 1."""

    def __init__(self, membership: Membership, now: float, jitter: Callable[[], float]) -> None:
        self._membership = membership
        self._jitter = jitter
        self._own: dict[int, bytes] = {}
        self._heard: dict[int, _Heard] = {}
        self._heard_at = now
        self._alone = True
        self._sent = 0
        self._next = now + jitter()
        self._judged = now
        self.next_epoch(now)

    # --- ours ---

    def next_epoch(self, now: float) -> None:
        """Note the epoch we are in now, and who is in it."""
        group, roster = self._membership.group, self._membership.roster
        self._own[group.epoch] = epoch_hash(group.epoch_authenticator)
        if len(self._own) > REMEMBERED:
            del self._own[min(self._own)]
        before, self._heard = self._heard, {}
        for leaf in roster:
            if leaf != roster.me:
                heard = before.get(leaf)
                known = heard is not None and heard.person is roster[leaf]
                self._heard[leaf] = heard if heard and known else _Heard(roster[leaf], now)
        for heard in self._heard.values():
            if heard.beat is not None and heard.beat.epoch <= group.epoch:
                heard.ahead_since = None
        if self._alone:
            self._heard_at = now
        self._alone = not self._heard

    def due(self, now: float) -> wire.SendHeartbeat | None:
        """Return our heartbeat, if it is time for one and there is somebody to hear it."""
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
        if beat.epoch <= self._membership.group.epoch:
            heard.ahead_since = None
        elif heard.ahead_since is None:
            heard.ahead_since = now
        self._heard_at = now
        heard.person.is_heard()

    # --- what comes of it ---

    def judge(self, now: float) -> Verdict:
        """Return how things stand; to be asked at `next_tick` and whenever something came."""
        self._judged = now
        for leaf, heard in self._heard.items():
            if heard.beat is not None:
                own = self._own.get(heard.beat.epoch, heard.beat.epoch_hash)
                if not hmac.compare_digest(own, heard.beat.epoch_hash):
                    return Verdict(Agreement.DISAGREES, leaf)
        for leaf, heard in self._heard.items():
            if heard.ahead_since is not None and now - heard.ahead_since >= BEHIND:
                return Verdict(Agreement.BEHIND, leaf)
        if not self._alone and now - self._heard_at >= SILENCE:
            return Verdict(Agreement.SILENT)
        return AGREED

    def unconfirmed(self, now: float) -> frozenset[int]:
        """Return the leaves of those whom we have not heard for so long that it is odd."""
        odd = max(SILENCE, MISSED * self._period)
        return frozenset(leaf for leaf, heard in self._heard.items() if now - heard.at >= odd)

    @property
    def next_tick(self) -> float:
        """When there is a heartbeat to send, or things may stand otherwise."""
        return self._next if self._alone else min(self._next, self._judged + JUDGE_EVERY)

    @property
    def _period(self) -> float:
        return max(PERIOD, PERIOD_PER_MEMBER * (len(self._heard) + 1))

    def _member(self, leaf: int) -> Member:
        return next(member for member in self._membership.group.members if member.leaf == leaf)
