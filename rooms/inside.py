"""What happens once we are in a room: Commits, chat, who comes and goes, the host's decisions.

Call, then drain the `Out` it was given. Pure: `now` is in seconds since 1970.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Final

from e2ee.errors import KeysError, SottovoceError
from e2ee.file_chunks import Content
from e2ee.mls.cipher_suite import CipherSuite
from media.control import ResumeSending, StopSending
from rooms import events, roles, wire
from rooms.conversation import Conversation
from rooms.desk import Desk
from rooms.errors import RemovedError, RoomsError
from rooms.files import Files
from rooms.heartbeat import AGREED, BEHIND, Heartbeats
from rooms.membership import Change, Membership
from rooms.out import Out
from rooms.renewal import Renewal
from rooms.resync import is_lost
from rooms.roster import Appearance

WAITS: Final = "what you write waits until sending goes on"
REMOVED: Final = "a host removed you from the room"


class Inside:
    """Our part in a room that we are in; `participant` is the number the server gave us."""

    def __init__(
        self,
        out: Out,
        membership: Membership,
        participant: int,
        *,
        now: float,
        suites: Sequence[CipherSuite],
        jitter: Callable[[], float],
    ) -> None:
        self.membership = membership
        self._out = out
        self._suite = membership.group.suite
        self._participant = participant
        self.files = Files(out, membership, now)
        """What people send each other; to look at."""
        self._conversation = Conversation(membership, participant, self.files)
        self._desk = Desk(out, membership, suites, jitter, now=now)
        self._jitter = jitter
        self._heartbeats = Heartbeats(membership, now, jitter)
        self._verdict = AGREED
        self._refused = False
        self._unconfirmed: frozenset[int] = frozenset()
        self._renewal = Renewal(now, members=len(membership.roster), jitter=jitter)
        membership.roster.claim(membership.roster.me, participant)

    def enter(self, appearance: Appearance) -> None:
        """Begin: tell the face who is here, and the others how we come in."""
        roster = self.membership.roster
        self._conversation.set_own(appearance)
        changed = roster.meet(roster.credentials)
        self._out.events += [self.membership.joined(), roles.as_event(roster), *changed]
        self._install_key(send_after=0.0)
        self._out.events.append(self._e2ee_state())
        if len(roster) > 1:
            self._out.outbox += self._conversation.announce()

    def break_off(self) -> None:
        """Note that the connection ended."""
        self._conversation.break_off()
        self.files.break_off()
        if self._desk.break_off():
            self._out.note("the connection broke: see whether what you decided last was done")

    def come_back(self, before: Inside, appearance: Appearance) -> None:
        """Go on in a group that we came into again, telling what is not as it was before."""
        roster, old = self.membership.roster, before.membership.roster
        self._conversation.go_on(self._participant, before._conversation)
        self.files.go_on(before.files)
        self._conversation.set_own(appearance)
        leaf, epoch = roster.me, self.membership.group.epoch
        self._out.events.append(events.Reconnected(leaf=leaf, epoch=epoch))
        stayed = roster.take_over(old)
        for gone in sorted(leaf for leaf in old if leaf != old.me and leaf not in stayed):
            name, why = old.name(gone), old[gone].leaving
            self._out.events.append(events.ParticipantLeft(leaf=gone, name=name, reason=why))
        new = sorted(leaf for leaf in roster if leaf != roster.me and leaf not in stayed)
        changed = roster.meet(new)
        for leaf in new:
            told = events.ParticipantJoined(participant=roster.participant(leaf))
            self._out.events.append(told)
        cameras = roster.cameras_changed(old.state)
        self._out.events += [roles.as_event(roster), *cameras, *changed]
        self._install_key(send_after=0.0, anew=True)
        self._out.events.append(self._e2ee_state())
        self._out.commands.append(ResumeSending())
        self._out.outbox += [*self._conversation.announce(), *self._conversation.say_again()]

    def open_again(self, participant: int, now: float, appearance: Appearance) -> None:
        """Go on in a room that we opened again: whoever was in it has to come back to us.

        Nothing is sent until somebody did.
        """
        roster = self.membership.roster
        for leaf in roster:
            roster[leaf].lose_connection(was_here=leaf != roster.me)
        roster.claim(roster.me, participant)
        self._conversation.go_on(participant)
        self._out.events += self._conversation.set_own(appearance)
        self._desk.open_again(now)
        # Whoever parts us from the others could have us open a room, too: that confirms nothing.
        self._heartbeats = Heartbeats(self.membership, now, self._jitter, confirmed=False)
        self._verdict, self._unconfirmed = self._heartbeats.judge(now), frozenset()
        if self._verdict == AGREED:
            self._out.commands.append(ResumeSending())
        else:
            self._conversation.pause()
        group = self.membership.group
        told = events.Reconnected(leaf=group.leaf, epoch=group.epoch, opened=True)
        self._out.events += [told, self._e2ee_state()]

    @property
    def is_over(self) -> bool:
        """Whether everybody else left and we are no host: then there is nothing to come back to."""
        roster = self.membership.roster
        deserted = all(roster[leaf].leaving == "left" for leaf in roster if leaf != roster.me)
        return deserted and not self._desk.open

    # --- what the person wants ---

    @property
    def sending_stopped(self) -> bool:
        """Whether nothing of ours is sent, because not everybody agrees on the keys."""
        return self._verdict != AGREED

    def say(self, text: str, reply_to: str, now: float) -> None:
        """Write a line to everybody."""
        self._write(lambda: self._conversation.say(text, reply_to, now=now))

    def react(self, line: str, emoji: str, *, on: bool) -> None:
        """React to a line, or take that back."""
        self._write(lambda: self._conversation.react(line, emoji, on=on))

    def send_file(self, name: str, content: Content) -> None:
        """Send a file to everybody."""
        self._write(lambda: self._conversation.send_file(name, content))

    def _write(self, write: Callable[[], list[wire.SendApplication]]) -> None:
        try:
            self._out.outbox += write()
        except SottovoceError as error:
            self._out.report(error)
        else:
            if self.sending_stopped:
                self._out.note(WAITS)

    def appear(self, appearance: Appearance) -> None:
        """Tell everybody how we are here, if that has changed."""
        roster = self.membership.roster
        if roster[roster.me].appearance != appearance:
            self._out.events += self._conversation.set_own(appearance)
            self._out.outbox += self._conversation.announce()

    def admit(self, knock: int, now: float) -> None:
        """Let somebody in."""
        self._desk.admit(knock, now)

    def refuse(self, knock: int) -> None:
        """Turn somebody away."""
        self._desk.refuse(knock)

    def remove(self, leaf: int, now: float) -> None:
        """Put a member out of the room."""
        self._desk.remove(leaf, now)

    def change(self, change: roles.RoomChange, now: float) -> None:
        """Change the roles or rules of the room."""
        self._desk.change(change, now)

    def goodbye(self) -> None:
        """Tell the others that we leave."""
        self.files.break_off()
        if len(self.membership.roster) > 1:
            self._out.outbox.append(self.membership.propose_leaving())
        self._out.outbox += self._conversation.goodbye()

    # --- what time brings ---

    @property
    def next_tick(self) -> float:
        """When `tick` has something to do, Unix seconds."""
        own = self._renewal_due, self.files.next_tick
        dues = (self._desk.next_tick, self._heartbeats.next_tick, *own)
        return min(due for due in dues if due is not None)

    def tick(self, now: float) -> None:
        """Do what is due."""
        if (heartbeat := self._heartbeats.due(now)) is not None:
            self._out.outbox.append(heartbeat)
        self._judge(now)
        self.files.tick(now)
        due = self._renewal_due
        if due is not None and due <= now:
            self._renewal.proposed()
            if self._desk.acts:
                self._desk.renew(now)
            else:
                self._out.outbox.append(self.membership.propose_update())
        self._desk.tick(now)

    @property
    def _renewal_due(self) -> float | None:
        """When our own key has to be renewed; alone, there is nobody to share secrets with."""
        members = len(self.membership.roster)
        if members == 1:
            return None
        return self._renewal.due(committing=self._desk.acts, members=members)

    # --- what the server says ---

    def received(self, message: wire.ServerMessage, now: float) -> None:
        """Handle one message; what is refused changes nothing and is reported.

        Raises `RemovedError`: we are out of the room.
        """
        try:
            match message:
                case wire.CommitDelivered():
                    self._commit_delivered(message, now)
                case wire.ProposalDelivered():
                    self.membership.read_proposal(message.message, now=now)
                    self._desk.proposed(now)
                case wire.HeartbeatDelivered():
                    self._heard(message.sealed, now)
                case wire.ApplicationDelivered():
                    self._out.events += self._conversation.delivered(message.message, now=now)
                case wire.ApplicationAccepted():
                    self._out.events += self._conversation.ordered(now=now)
                case wire.ChunkDelivered():
                    self._out.outbox.append(wire.ChunkTaken())
                    self.files.received(message, now)
                case wire.ChunkAccepted():
                    self.files.taken(now)
                case wire.ParticipantGone():
                    self._gone(message.participant, now)
                case wire.Removed():
                    raise RemovedError(REMOVED)
                case _:
                    self._received_at_desk(message, now)
        except RemovedError:
            raise
        except (KeysError, RoomsError) as error:
            self._out.report(error)
        self._desk.tick(now)

    def _received_at_desk(self, message: wire.ServerMessage, now: float) -> None:
        match message:
            case wire.KnockReceived():
                self._desk.knocked(message, now)
            case wire.KnockWithdrawn():
                self._desk.withdrawn(message.participant)
            case wire.CommitAccepted():
                self._changed(self._desk.accepted(message.epoch), now)
            case wire.CommitRejected():
                self._desk.rejected(message.epoch, now)

    # --- who comes and goes ---

    def _commit_delivered(self, message: wire.CommitDelivered, now: float) -> None:
        self._desk.delivered(message.epoch, now)
        self._refused = True
        agreed = self.membership.read_commit(message.commit, now=now)
        if agreed.staged.removes_me:
            raise RemovedError(REMOVED)
        self._changed(self.membership.apply(agreed), now)

    def _changed(self, change: Change, now: float) -> None:
        """Tell of a new epoch, and start using it."""
        self._refused = False
        members = len(self.membership.roster)
        self._renewal.next_epoch(now, renewed=change.renewed, members=members)
        roster, told = self.membership.roster, self._out.events
        for leaf, name, person in change.left:
            told.append(events.ParticipantLeft(leaf=leaf, name=name, reason=person.why_gone))
        changed = roster.meet(change.joined)
        for leaf in change.joined:
            told.append(events.ParticipantJoined(participant=roster.participant(leaf)))
        told += changed
        if change.before != roster.state:
            told += [roles.as_event(roster, change), *roster.cameras_changed(change.before)]
        self._heartbeats.next_epoch(now)
        self.files.next_epoch()
        if self._heartbeats.judge(now) != AGREED:
            self._conversation.pause()
        if (suite := self.membership.group.suite) is not self._suite:
            self._suite = suite
            self._out.note(f"the room's keys are {suite.name} from now on")
        self._install_key(change.send_after, change.joined)
        self._out.outbox += self._conversation.say_again()
        if change.joined:  # they cannot know yet who is muted
            self._out.outbox += self._conversation.announce()
        self._judge(now, tell=True)  # last: what resumes is not what was under way

    def _install_key(
        self, send_after: float, joined: Sequence[int] = (), *, anew: bool = False
    ) -> None:
        self._out.commands.append(self.membership.media_key(send_after, joined, anew=anew))

    # --- whether all hold the same keys ---

    def is_lost(self, now: float) -> bool:
        """Whether the others went on without us; after a Commit that we refused, at their word."""
        patience = 0.0 if self._refused else BEHIND
        return is_lost(self.membership.roster, self._heartbeats.sides(now, patience=patience))

    def _heard(self, sealed: bytes, now: float) -> None:
        # What does not open or verify tells nothing: not even that there is somebody.
        with contextlib.suppress(KeysError, RoomsError):
            self._heartbeats.received(sealed, now)
        self._judge(now)

    def _judge(self, now: float, *, tell: bool = False) -> None:
        """Stop sending while not everybody agrees, send again once they do, and say so.

        `tell`: there is a new epoch to tell of, too.
        """
        roster, heartbeats = self.membership.roster, self._heartbeats
        verdict, unconfirmed = heartbeats.judge(now), heartbeats.unconfirmed(now)
        before, self._verdict = self._verdict, verdict
        changed = (before, self._unconfirmed) != (verdict, unconfirmed)
        self._unconfirmed = unconfirmed
        for leaf in roster:
            roster[leaf].confirmed = leaf not in unconfirmed and leaf not in verdict.leaves
        if verdict != AGREED and before == AGREED:
            self._out.commands.append(StopSending())
            self._conversation.pause()
        if changed or tell:
            self._out.events.append(self._e2ee_state())
        if verdict == AGREED and before != AGREED:
            self._out.note("everybody agrees on the keys again; sending goes on")
            self._out.commands.append(ResumeSending())
            self._out.outbox += self._conversation.resume()
        self.files.paused = verdict != AGREED

    def _e2ee_state(self) -> events.E2eeState:
        group, roster, verdict = self.membership.group, self.membership.roster, self._verdict
        return events.E2eeState(
            epoch=group.epoch,
            members=len(roster),
            suite=group.suite.name,
            state="secure" if verdict == AGREED else "stopped",
            reason=verdict.agreement.value,
            names=[roster.name(leaf) for leaf in verdict.leaves if leaf in roster],
            unconfirmed=sorted(self._unconfirmed),
        )

    # --- who goes ---

    def _gone(self, participant: int, now: float) -> None:
        roster = self.membership.roster
        leaf = roster.leaf_of(participant)
        if leaf is None or leaf == roster.me:
            return
        if roster[leaf].leaving != "left":
            roster[leaf].leaving = "lost"
        self._desk.gone(leaf, now)
