"""The desk of whoever is host or cohost: it opens and closes as the room's state says.

Everybody has one, so that whoever is appointed knows who knocks and can act at once. Call, then
drain the `Out` it was given. Pure: `now` in Unix seconds.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Final

from e2ee.errors import KeysError, SottovoceError
from e2ee.mls.cipher_suite import SUITES, CipherSuite
from rooms import events, roles, wire
from rooms.doorkeeping import Doorkeeping
from rooms.errors import PolicyError, RoomsError, SuiteError
from rooms.hosting import UPDATES_APART, Hosting
from rooms.knocks import Knocker
from rooms.membership import Change, Membership
from rooms.out import Out
from rooms.refusals import why_refused
from rooms.returning import RECONNECT_FOR
from rooms.roster import Person

LOST_FOR: Final = 60.0
"""Seconds that somebody who lost the connection may come back in, before hosts remove the leaf."""
UNHEARD: Final = 60.0
"""Seconds after which whoever said nothing in the group is taken for lost: all say something when
somebody comes in. Of those who were gone before we came the server tells us nothing."""
LOOK: Final = 5.0
"""Seconds between two looks at who was heard."""
NOT_OURS: Final = "only a host or a cohost can do that"


class Desk:
    """Our hosting; while we are a plain member it only gives those their place back who lost it."""

    def __init__(
        self,
        out: Out,
        membership: Membership,
        suites: Sequence[CipherSuite] = SUITES,
        jitter: Callable[[], float] = random.random,
        *,
        now: float,
    ) -> None:
        self._entered = now
        self._out = out
        self._roster = membership.roster
        self._membership = membership
        self._hosting = Hosting(membership, suites, jitter)
        self._was_open = self.open
        self._keeps_door = False
        self._doorkeeping = Doorkeeping()
        self._unheard: dict[int, tuple[Person, float]] = {}
        self._looked = (-1, 0.0)

    @property
    def open(self) -> bool:
        """Whether we are host or cohost."""
        return self._roster.role(self._roster.me) != "member"

    @property
    def acts(self) -> bool:
        """Whether we are the first of the hosts and cohosts that are connected."""
        return roles.acting(self._roster) == self._roster.me

    @property
    def _turn(self) -> float:
        """Seconds we leave to those before us in rank."""
        return roles.TURN * roles.rank(self._roster, self._roster.me)

    def _turn_to_give_back(self, now: float) -> float:
        """Seconds until we give somebody their place back.

        A member that has just come in itself leaves it to all others: whoever lost the connection
        before does not know it, and takes no Welcome of it.
        """
        is_new = not self.open and now - self._entered < RECONNECT_FOR
        return self._turn + (roles.TURN * len(self._roster) if is_new else 0.0)

    # --- what the person wants ---

    def admit(self, knock: int, now: float) -> None:
        """Let somebody in."""
        if self._may() and self._hosting.admit(knock):
            self._out.events.append(events.KnockWithdrawn(knock=knock))
            self._commit(now)

    def refuse(self, knock: int) -> None:
        """Turn somebody away."""
        if self._may() and self._hosting.withdraw(knock):
            self._out.events.append(events.KnockWithdrawn(knock=knock))
            self._out.outbox.append(wire.Refuse(knock))

    def remove(self, leaf: int, now: float) -> None:
        """Put a member out of the room; a host only if we are one.

        A cohost that the host of the link removes is dismissed: it would be cohost again by its
        key as soon as anybody lets it in.
        """
        if not self._may() or leaf not in self._roster:
            return
        if self._is_above(leaf):
            self._out.report(PolicyError("a cohost cannot remove a host"))
            return
        who = self._roster[leaf].credential
        is_cohost = self._hosting.intended.role(who.public_blob) == "cohost"
        if is_cohost and roles.appoints(self._roster):
            self._edit(roles.Dismiss(who.fingerprint))
        self._hosting.removals.add(leaf)
        self._commit(now)

    def change(self, change: roles.RoomChange, now: float) -> None:
        """Change the room's state."""
        if self._may():
            self._edit(change)
            self._commit(now)

    # --- what the server says ---

    def knocked(self, message: wire.KnockReceived, now: float) -> None:
        """Take a knock, and ask the person. While we are no host or cohost it only waits.

        The server may tell somebody who is just being appointed before the Commit comes.
        """
        number = message.participant
        if self._hosting.knows(number):
            return
        try:
            knocker = self._hosting.knocks.open(number, message.sealed, now=now)
        except (KeysError, RoomsError) as error:
            self._turn_away(number, error)
        else:
            if self._hosting.returns.take(number, due=now + self._turn_to_give_back(now)):
                return
            if self.open and not self._comes_back(knocker):
                self._ask(knocker)

    def withdrawn(self, participant: int) -> None:
        """Forget a knock that needs no decision of ours any more."""
        if self._hosting.withdraw(participant) and self.open:
            self._out.events.append(events.KnockWithdrawn(knock=participant))

    def gone(self, leaf: int, now: float) -> None:
        """Remove whoever is gone, unless somebody before us in rank does; say who takes over."""
        self._remove_later(leaf, now)
        self._commit(now)
        self._say_who_acts(leaf)

    def renew(self, now: float) -> None:
        """Renew our own key by a Commit."""
        self._hosting.renew()
        self._commit(now)

    def proposed(self, now: float) -> None:
        """Commit what others proposed, unless somebody before us in rank does."""
        apart = 0.0 if self.open else UPDATES_APART  # hosts and cohosts may wait that long
        self._hosting.take_updates(due=now + apart + self._turn)

    def delivered(self, epoch: int, now: float) -> None:
        """Note the server's count after another's Commit."""
        self._hosting.delivered(epoch, now=now)

    def accepted(self, epoch: int) -> Change:
        """Enter the epoch of our Commit. Raises `WireError` if there is none."""
        return self._hosting.accepted(epoch)

    def rejected(self, epoch: int, now: float) -> None:
        """Take our Commit back, to try again. Raises `WireError` if there is none, or given up."""
        try:
            self._hosting.rejected(epoch, now=now)
        finally:
            if not self.open:
                self._hosting.clear()

    def break_off(self) -> bool:
        """Note that the connection ended; whether something a person decided is not done."""
        for number in self._hosting.knocks.waiting if self.open else ():
            self._out.events.append(events.KnockWithdrawn(knock=number))
        self._doorkeeping = Doorkeeping()
        self._unheard.clear()
        return self._hosting.break_off()

    def open_again(self, now: float) -> None:
        """Keep the door of a room that we opened again on the server, whatever our role is."""
        self._keeps_door, self._entered = True, -math.inf
        for leaf in self._roster:
            if self._roster[leaf].is_gone:
                self._remove_later(leaf, now)

    # --- what time brings ---

    @property
    def next_tick(self) -> float | None:
        """When `tick` has something to do, Unix seconds; None: not before something happens."""
        dues = [self._looked[1] + LOOK] if self._unheard else []
        if (due := self._hosting.next_tick) is not None:
            dues.append(due)
        return min(dues, default=None)

    def tick(self, now: float) -> None:
        """Do what is due; to be called after everything that happens, too."""
        if self.open != self._was_open:
            self._was_open = self.open
            if self.open:
                self._opened(now)
            else:
                self._closed()
        if self.open:
            self._miss(now)
            self._let_hosts_back()
        self._commit(now)

    # --- inside ---

    def _opened(self, now: float) -> None:
        for leaf in list(self._roster):
            if self._roster[leaf].is_gone:
                self._remove_later(leaf, now)
        for knocker in self._hosting.knocks.waiting.values():
            if not self._comes_back(knocker):
                self._ask(knocker)

    def _closed(self) -> None:
        for number in self._hosting.knocks.waiting:
            self._out.events.append(events.KnockWithdrawn(knock=number))
        self._unheard.clear()
        self._hosting.clear()

    def _ask(self, knocker: Knocker) -> None:
        """Ask the person about a knock, after what there is to know."""
        if warning := self._hosting.knocks.warning(knocker):
            self._out.note(warning)
        self._out.events.append(self._hosting.knocks.event(knocker))

    def _may(self) -> bool:
        if not self.open:
            self._out.report(PolicyError(NOT_OURS))
        return self.open

    def _is_above(self, leaf: int) -> bool:
        """Whether this is a host and we are none."""
        roster = self._roster
        return roster.role(leaf) == "host" and roster.role(roster.me) != "host"

    def _edit(self, change: roles.RoomChange) -> None:
        try:
            self._hosting.edit(roles.edit_of(change, self._membership))
        except SottovoceError as error:
            self._out.report(error)

    def _turn_away(self, knock: int, why: SottovoceError) -> None:
        """Refuse who cannot come in; with a word to the person only if the knock was honest.

        Others are made without the link, or lie about who they are: nothing to be bothered with.
        """
        if self.open:
            if isinstance(why, SuiteError):
                self._out.note(why.message)
            self._out.outbox.append(wire.Refuse(knock, why_refused(why)))

    def _comes_back(self, knocker: Knocker) -> bool:
        """Whether this is a host nobody of whose key is here: the link has decided about it.

        While it is here, anybody who asks in with its key (or a knock played again) is asked about.
        """
        roster, blob = self._roster, knocker.credential.public_blob
        here = (leaf for leaf in roster.leaves_of(blob) if not roster[leaf].is_gone)
        return roster.state.role(blob) == "host" and next(here, None) is None

    def _let_hosts_back(self) -> None:
        for knocker in list(self._hosting.knocks.waiting.values()):
            if self._comes_back(knocker) and self._hosting.admit(knocker.participant):
                self._out.events.append(events.KnockWithdrawn(knock=knocker.participant))

    def _remove_later(self, leaf: int, now: float) -> None:
        """Have somebody removed who is gone, in our turn; whoever was here may come back first.

        That somebody leaves who proposed it, any member may commit.
        """
        leaving = leaf in self._membership.proposals.leaving
        if leaving or self.open:
            lost = self._roster[leaf].leaving == "lost" and self._roster[leaf].was_heard
            due = now + self._turn
            self._hosting.removals.add(leaf, due=due + LOST_FOR if lost else due, lost=lost)

    def _miss(self, now: float) -> None:
        """Take those for lost of whom nothing was heard since they or we came in.

        Looks at all in each new epoch, and now and then: a message does not have to pay for it.
        """
        epoch = self._membership.group.epoch
        if epoch == self._looked[0] and now < self._looked[1] + LOOK:
            return
        self._looked = (epoch, now)
        before, self._unheard = self._unheard, {}
        for leaf in self._roster:
            person = self._roster[leaf]
            if leaf != self._roster.me and person.is_missing:
                known, since = before.get(leaf, (person, now))
                self._unheard[leaf] = (person, since if known is person else now)
        for leaf, (person, since) in list(self._unheard.items()):
            if now >= since + UNHEARD:
                person.leaving = "lost"
                del self._unheard[leaf]
                self._hosting.removals.add(leaf, due=now + self._turn, lost=True)

    def _say_who_acts(self, gone: int) -> None:
        """Say who lost the connection, and who acts if that was the first of hosts and cohosts."""
        roster = self._roster
        role, first = roster.role(gone), roles.acting(roster)
        if role == "member" and roster[gone].leaving == "lost":
            self._out.note(f"{roster.name(gone)} lost the connection")
        if role == "member":
            return
        if first is not None and roles.rank(roster, first) <= roles.rank(roster, gone):
            return
        how = "left" if roster[gone].leaving == "left" else "lost the connection"
        if first is None:
            then = "the call goes on, nobody new can come in"
        else:
            then = "you take over" if first == roster.me else f"{roster.name(first)} takes over"
        article = "the" if role == "host" else "a"
        self._out.note(f"{roster.name(gone)}, {article} {role}, {how}; {then}")

    def _name_doorkeepers(self, *, committing: bool) -> None:
        hosting, states = self._hosting, self._hosting.states
        keepers = {blob for state in states for blob in state.keepers}
        coming = [
            knocker.participant
            for knocker in hosting.coming
            if knocker.credential.public_blob in keepers
        ]
        first = self.acts or (self._keeps_door and not self.open)
        said = self._doorkeeping.to_say(
            self._roster, states, coming, first=first, committing=committing
        )
        self._out.outbox += [said] if said is not None else []

    def _commit(self, now: float) -> None:
        """Submit the next Commit, if there is one; turn away those that cannot be added."""
        commits: list[wire.SubmitCommit] = []
        try:
            commits = self._hosting.next_commit(now=now)
        except KeysError as error:
            self._out.report(error)
        if self.open or self._keeps_door:
            self._name_doorkeepers(committing=bool(commits))
        if self.open:
            for knocker, failure in self._hosting.dropped:
                self._out.report(failure)
                self._out.outbox.append(wire.Refuse(knocker.participant, why_refused(failure)))
            for knocker in self._hosting.returns.strangers:
                if not self._comes_back(knocker):
                    self._out.events.append(self._hosting.knocks.event(knocker))
        self._out.outbox += commits
        for failure in self._hosting.failed:
            self._out.report(failure)
        self._hosting.dropped.clear()
        self._hosting.returns.strangers.clear()
        self._hosting.failed.clear()
