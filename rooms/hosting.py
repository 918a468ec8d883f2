"""The host's desk: who knocks, who is to be admitted or removed, and one Commit at a time.

Decisions taken while a Commit is under way wait and go into the next one together. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from e2ee.errors import KeysError, SottovoceError
from e2ee.identity import Credential
from e2ee.mls.cipher_suite import SUITES, CipherSuite
from e2ee.mls.group import PendingCommit
from rooms import wire
from rooms.errors import PolicyError, SuiteError, WireError
from rooms.events import Knock
from rooms.membership import Added, Change, Membership
from rooms.offers import read_offers

MAX_ADDS: Final = 8
"""Most Adds in one Commit: each takes a copy of the Welcome, and a message has a largest size."""
MAX_WELCOMES: Final = 768 * 1024
"""Bytes the Welcomes of one Commit may take, all copies together; less than `wire.MAX_MESSAGE`."""
MAX_REMOVES: Final = 64
MAX_KNOCKS: Final = 64
MAX_SEEN: Final = 4096
"""Knocks remembered so that none counts twice; the oldest are forgotten beyond that."""
MAX_ATTEMPTS: Final = 5
"""How often a Commit that lost against another one is tried again."""


@dataclass(frozen=True, slots=True)
class Knocker:
    """Somebody who knocked and whose KeyPackages, by cipher suite, and credential verified."""

    participant: int
    credential: Credential
    offers: Mapping[int, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Submitted:
    """A Commit under way, on top of what the server counts as `epoch`."""

    epoch: int
    pending: PendingCommit
    adds: tuple[Knocker, ...]
    removes: tuple[int, ...]


class Hosting:
    """What a host keeps besides its membership. Nothing in here is shown to the server."""

    def __init__(self, membership: Membership, suites: Sequence[CipherSuite] = SUITES) -> None:
        self.knocks: dict[int, Knocker] = {}
        self.dropped: list[tuple[Knocker, SottovoceError]] = []
        """Admitted, but they cannot be added; to be drained, and refused."""
        self._membership = membership
        self._suites = suites
        self._seen: dict[bytes, None] = {}
        self._adds: list[Knocker] = []
        self._removes: list[int] = []
        self._submitted: _Submitted | None = None
        # The server counts every Commit, also one that all of us refuse: its count goes ahead of
        # the group's epoch then. Names which Commit ours follows, and nothing else.
        self._counted = 0
        self._attempts = 0

    def knocked(self, participant: int, sealed: bytes, *, now: float) -> Knocker:
        """Open a knock and enter it. Raises `KeysError` or `PolicyError`: refuse it silently.

        Raises `SuiteError` for an honest one that cannot be let in: refuse it with a word.
        """
        keys, roster = self._membership.keys, self._membership.roster
        if roster.state.locked or len(self.knocks) >= MAX_KNOCKS:
            raise PolicyError("the room takes no knocks now")
        offers = read_offers(keys, sealed, now=now)
        # The server can play a knock again: at once, which would make a Commit invalid, or when
        # whoever knocked has long left, which would ask for somebody who is not there.
        members = {member.signature_key for member in self._membership.group.members}
        if offers.signature_key in self._seen or offers.signature_key in members:
            raise PolicyError("a knock came twice")
        self._seen[offers.signature_key] = None
        if len(self._seen) > MAX_SEEN:
            del self._seen[next(iter(self._seen))]
        knocker = Knocker(participant, offers.credential, offers.key_packages)
        if not any(suite.id in knocker.offers for suite in self._possible_suites()):
            raise self._suite_error(knocker)
        self.knocks[participant] = knocker
        return knocker

    def withdraw(self, participant: int) -> bool:
        """Forget a knock, decided or not; whether there was an undecided one.

        One whose Commit is under way stays: the server says when its Welcome found nobody.
        """
        self._adds = [knocker for knocker in self._adds if knocker.participant != participant]
        return self.knocks.pop(participant, None) is not None

    def admit(self, participant: int) -> bool:
        """Have a knocker added by the next Commit; False if nobody knocks with that number."""
        knocker = self.knocks.pop(participant, None)
        if knocker is not None:
            self._adds.append(knocker)
        return knocker is not None

    def remove(self, leaf: int) -> None:
        """Have a member removed by the next Commit."""
        if leaf in self._membership.roster and leaf != self._membership.roster.me:
            self._removes.append(leaf)

    def next_commit(self, *, now: float) -> list[wire.SubmitCommit]:
        """Return the Commit to submit now: none while one is under way or nothing is to do.

        Raises `KeysError` if removals cannot be committed; they are dropped then.
        """
        if self._submitted is not None:
            return []
        present = self._membership.roster
        self._removes = [leaf for leaf in dict.fromkeys(self._removes) if leaf in present]
        self._settle_suite(now)
        submitted = self._submitted = self._build(now)
        if submitted is None:
            return []
        self._adds = [knocker for knocker in self._adds if knocker not in submitted.adds]
        self._removes = [leaf for leaf in self._removes if leaf not in submitted.removes]
        return [self._as_message(submitted)]

    def delivered(self, epoch: int) -> None:
        """Note what the server counts after a foreign Commit, be it a good one or not."""
        self._counted = epoch

    def accepted(self, epoch: int) -> Change:
        """Merge the Commit under way. Raises `WireError` if the server accepts something else."""
        submitted = self._submitted
        if submitted is None or epoch != submitted.epoch + 1:
            raise WireError("the server accepted a Commit that was not sent")
        self._submitted, self._counted, self._attempts = None, epoch, 0
        added = [Added(knocker.credential, knocker.participant) for knocker in submitted.adds]
        return self._membership.merge(submitted.pending, added, submitted.removes)

    def rejected(self, epoch: int) -> None:
        """Drop the Commit under way because the server counts `epoch`; the next one takes it up.

        The Commit that won was delivered before. If there is none, ours was not to the server's
        liking and never will be: then it is given up.
        Raises `WireError` if there is none under way or it is given up.
        """
        submitted, self._submitted = self._submitted, None
        if submitted is None:
            raise WireError("the server rejected a Commit that was not sent")
        self._attempts += 1
        if epoch <= submitted.epoch or self._attempts >= MAX_ATTEMPTS:
            self._attempts = 0
            error = WireError("the server does not take this change of the room")
            self.dropped += [(knocker, error) for knocker in submitted.adds]
            raise error
        self._counted = epoch
        self._adds = [*submitted.adds, *self._adds]
        self._removes = [*submitted.removes, *self._removes]

    def knock_event(self, knocker: Knocker) -> Knock:
        """Return a knock as the face sees it."""
        roster = self._membership.roster
        return Knock(
            knock=knocker.participant,
            name=roster.name_of_stranger(knocker.credential),
            fingerprint=knocker.credential.fingerprint,
            key_state=roster.key_state(knocker.credential),
        )

    def _possible_suites(self) -> Sequence[CipherSuite]:
        """The suites somebody may come in with: while we are alone, the group can begin again."""
        return self._suites if self._membership.can_restart else [self._membership.group.suite]

    def _settle_suite(self, now: float) -> None:
        """See to it that all who are to be added offer the group's suite.

        Only what a person admitted lowers it: a knock that is refused changes nothing.
        """
        group = self._membership.group
        lacking = [knocker for knocker in self._adds if group.suite.id not in knocker.offers]
        if not lacking:
            return
        for suite in self._possible_suites():
            if all(suite.id in knocker.offers for knocker in self._adds):
                self._membership.restart(suite, now=now)
                return
        self.dropped += [(knocker, self._suite_error(knocker)) for knocker in lacking]
        self._adds = [knocker for knocker in self._adds if knocker not in lacking]

    def _suite_error(self, knocker: Knocker) -> SuiteError:
        name = self._membership.roster.name_of_stranger(knocker.credential)
        suite = self._membership.group.suite.name
        return SuiteError(
            f"{name} cannot be let in: their sotto does not do this room's {suite} keys",
            hint="have them update it, or open a new room with --suite classic",
        )

    def _build(self, now: float) -> _Submitted | None:
        """Build one Commit; a KeyPackage that does not fit is dropped, the others still go."""
        removes = tuple(self._removes[:MAX_REMOVES])
        batch = MAX_ADDS
        while self._adds or removes:
            adds = tuple(self._adds[:batch])
            try:
                pending = self._commit(adds, removes, now)
                if len(adds) > 1 and len(adds) * len(pending.welcome or b"") > MAX_WELCOMES:
                    batch = len(adds) // 2
                    continue
                return _Submitted(self._counted, pending, adds, removes)
            except KeysError as error:
                if len(adds) > 1:
                    batch = 1  # two of them may exclude each other: one at a time
                elif adds:
                    self.dropped.append((self._adds.pop(0), error))
                else:
                    self._removes = []
                    raise
        return None

    def _commit(
        self, adds: tuple[Knocker, ...], removes: tuple[int, ...], now: float
    ) -> PendingCommit:
        keys = self._membership.keys
        return self._membership.group.commit(
            adds=[knocker.offers[self._membership.group.suite.id] for knocker in adds],
            removes=removes,
            psks={keys.psk_id: keys.psk} if adds else {},
            path=bool(removes),
            now=int(now),
        )

    def _as_message(self, submitted: _Submitted) -> wire.SubmitCommit:
        pending, roster = submitted.pending, self._membership.roster
        numbers = (roster[leaf].participant for leaf in submitted.removes)
        return wire.SubmitCommit(
            epoch=submitted.epoch,
            commit=pending.message,
            welcomes=[
                wire.WelcomeFor(knocker.participant, pending.welcome, leaf)
                for knocker, leaf in zip(submitted.adds, pending.added, strict=True)
                if pending.welcome is not None
            ],
            removes=[number for number in numbers if number is not None],
        )
