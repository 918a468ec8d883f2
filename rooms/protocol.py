"""One person's end of a room, host or joiner, without its sockets.

Sans-IO: call, then drain `outbox` (to the server), `commands` (to the media plane) and `events`
(to the face). `now` is in seconds since 1970. Whatever the server sends, nothing but events comes
of it: no exception escapes, and a message that is refused changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from e2ee.errors import KeysError, SottovoceError
from e2ee.identity import Identity, tidy_name
from e2ee.link import Link, room_keys
from e2ee.mls.cipher_suite import HYBRID, SUITES, CipherSuite
from e2ee.mls.key_package import KeyPackageBundle
from media.control import Command, Connect, StopSending
from media.engine.ports import MediaAnswer, MediaOffer
from rooms import events, wire
from rooms.conversation import Conversation
from rooms.errors import RefusedError, RemovedError, RoomsError, SuiteError, WireError
from rooms.hosting import Hosting
from rooms.known_people import KnownPeople
from rooms.membership import Change, Membership, new_bundles
from rooms.offers import seal_offers
from rooms.phases import EXPECTED, Phase
from rooms.roster import Roster
from rooms.server_errors import error_of
from rooms.text import clean_name

CLASSIC_ONLY: Final = "no post-quantum keys: the `cryptography` installed here is too old for them"
REMOVED: Final = "a host removed you from the room"


@dataclass(frozen=True, slots=True)
class _Inside:
    """What there is once we are in the room."""

    membership: Membership
    conversation: Conversation
    hosting: Hosting | None


class RoomProtocol:
    """The room as one participant takes part in it. `hosting`: we open it and admit others.

    Until `set_presence` says otherwise we are muted and our camera is off.
    """

    def __init__(
        self,
        link: Link,
        identity: Identity,
        name: str,
        *,
        hosting: bool,
        suites: Sequence[CipherSuite] = SUITES,
    ) -> None:
        self.outbox: list[wire.ClientMessage] = []
        self.commands: list[Command] = []
        self.events: list[events.AnyEvent] = []
        self.phase = Phase.NEW
        self.is_host = hosting
        self.known = KnownPeople()
        """Whom we have met before; to be set before `start`."""
        self._link = link
        self._keys = room_keys(link.secret)
        self._identity = identity
        self._suites = suites
        self._name = tidy_name(clean_name(name))
        self._muted, self._camera = True, False
        self._participant = 0
        self._bundles: Sequence[KeyPackageBundle] = ()
        self._inside: _Inside | None = None
        self._offer: MediaOffer | None = None
        self._offering = False

    # --- what can be looked at ---

    @property
    def membership(self) -> Membership | None:
        """Our place in the group, once we are in the room."""
        return self._inside.membership if self._inside is not None else None

    @property
    def roster(self) -> Roster | None:
        """The people of the room, once we are in it."""
        return self._inside.membership.roster if self._inside is not None else None

    @property
    def epoch(self) -> int:
        """The epoch of the group; 0 before there is one."""
        return self._inside.membership.group.epoch if self._inside is not None else 0

    # --- what the person wants ---

    def start(self, now: float) -> None:
        """Open the room or knock at it; once, when the server is reached."""
        if HYBRID is None:
            self.events.append(events.Note(text=CLASSIC_ONLY))
        if self.is_host:
            self.phase = Phase.OPENING
            self.outbox.append(wire.OpenRoom(self._keys.room_id))
            return
        self.phase = Phase.KNOCKING
        keys, suites = self._keys, self._suites
        self._bundles = new_bundles(self._identity, self._name, keys, now=now, suites=suites)
        self.outbox.append(wire.Knock(keys.room_id, seal_offers(keys, self._bundles)))

    def say(self, text: str, now: float) -> None:
        """Write a line to everybody."""
        if self.phase is not Phase.INSIDE or self._inside is None:
            self.events.append(events.Note(text="nobody can read this: you are not in the room"))
            return
        try:
            message = self._inside.conversation.say(text, now=now)
        except SottovoceError as error:
            self.report(error)
        else:
            self.outbox += [message] if message is not None else []

    def set_presence(self, *, muted: bool, camera: bool) -> None:
        """Tell everybody whether we are muted and whether our camera is on."""
        self._muted, self._camera = muted, camera
        if self.phase is Phase.INSIDE and self._inside is not None:
            changes = self._inside.conversation.set_own(muted=muted, camera=camera)
            if changes:
                self.events += changes
                self.outbox.append(self._inside.conversation.announce())

    def offered(self, offer: MediaOffer) -> None:
        """Take the media plane's offer; it goes out once we are in the room."""
        self._offer = offer
        if self.phase is Phase.INSIDE:
            self._start_media(offer)

    def admit(self, knock: int, now: float) -> None:
        """Let somebody in."""
        hosting = self._desk()
        if hosting is not None and hosting.admit(knock):
            self.events.append(events.KnockWithdrawn(knock=knock))
            self._commit(now)

    def refuse(self, knock: int) -> None:
        """Turn somebody away."""
        hosting = self._desk()
        if hosting is not None and hosting.withdraw(knock):
            self.events.append(events.KnockWithdrawn(knock=knock))
            self.outbox.append(wire.Refuse(knock))

    def remove(self, leaf: int, now: float) -> None:
        """Put a member out of the room."""
        hosting = self._desk()
        if hosting is not None:
            hosting.remove(leaf)
            self._commit(now)

    def leave(self) -> None:
        """Say goodbye and end."""
        if self.phase is Phase.OVER:
            return
        if self.phase is Phase.INSIDE and self._inside is not None:
            self.outbox.append(self._inside.conversation.goodbye())
        if self.phase is not Phase.NEW:
            self.outbox.append(wire.Leave())
        self._end("you left")

    def fail(self, error: SottovoceError) -> None:
        """End because of an error; nothing more is sent."""
        if self.phase is not Phase.OVER:
            self.report(error)
            self._end(error.message, error.code)

    def report(self, error: SottovoceError) -> None:
        """Tell the face about an error that ends nothing."""
        self.events.append(
            events.ErrorEvent(
                code=error.code, message=error.message, hint=error.hint, fault=error.fault.value
            )
        )

    # --- what the server says ---

    def received(self, message: wire.ServerMessage, now: float) -> None:
        """Handle one message; one that is out of turn ends the call."""
        if self.phase is Phase.OVER:
            return
        if isinstance(message, wire.ServerError):
            self._server_error(message)
        elif type(message) not in EXPECTED[self.phase]:
            self.fail(WireError("the server says something that does not belong here"))
        elif self._inside is None:
            self._received_outside(message, now)
        else:
            self._received_inside(self._inside, message, now)

    def _received_outside(self, message: wire.ServerMessage, now: float) -> None:
        match message:
            case wire.RoomOpened():
                self._opened(message.participant, now)
            case wire.KnockWaiting():
                self._participant = message.participant
                self.events.append(events.Knocking(server=self._link.server))
            case wire.Welcomed():
                self._welcomed(message.welcome)
            case wire.Refused():
                self.fail(RefusedError("the host did not let you in"))

    def _received_inside(self, inside: _Inside, message: wire.ServerMessage, now: float) -> None:
        try:
            match message:
                case wire.CommitDelivered():
                    self._commit_delivered(inside, message, now)
                case wire.ApplicationDelivered():
                    self.events += inside.conversation.delivered(message.message, now=now)
                case wire.ApplicationAccepted():
                    self.events += inside.conversation.ordered(now=now)
                case wire.ParticipantGone():
                    self._gone(inside, message.participant, now)
                case wire.MediaStarted():
                    self._media_started(message.answer)
                case wire.Removed():
                    self.fail(RemovedError(REMOVED))
                case _ if inside.hosting is not None:
                    self._received_hosting(inside, inside.hosting, message, now)
                case _:
                    raise WireError("the server takes us for a host")
        except (KeysError, RoomsError) as error:
            self.report(error)

    def _received_hosting(
        self, inside: _Inside, hosting: Hosting, message: wire.ServerMessage, now: float
    ) -> None:
        match message:
            case wire.KnockReceived():
                self._knocked(hosting, message, now)
            case wire.KnockWithdrawn():
                if hosting.withdraw(message.participant):
                    self.events.append(events.KnockWithdrawn(knock=message.participant))
            case wire.CommitAccepted():
                self._changed(inside, hosting.accepted(message.epoch))
                self._commit(now)
            case wire.CommitRejected():
                try:
                    hosting.rejected(message.epoch)
                finally:
                    self._commit(now)

    def _server_error(self, message: wire.ServerError) -> None:
        error = error_of(message)
        if message.fatal:
            self.fail(error)
        else:
            self.report(error)

    # --- coming in, and the end ---

    def _opened(self, participant: int, now: float) -> None:
        self._participant = participant
        membership = Membership.create(
            self._link,
            self._keys,
            self._identity,
            self._name,
            now=now,
            known=self.known,
            suite=self._suites[0],
        )
        self._enter(membership, Hosting(membership, self._suites))

    def _welcomed(self, welcome: bytes) -> None:
        bundles, self._bundles = self._bundles, ()
        if not bundles or not self._participant:
            self.fail(WireError("the server welcomes somebody it did not let knock"))
            return
        try:
            membership = Membership.enter(welcome, bundles, self._link, self._keys, self.known)
        except RoomsError as error:
            self.fail(error)
        else:
            self.events.append(events.Admitted())
            self._enter(membership, None)

    def _enter(self, membership: Membership, hosting: Hosting | None) -> None:
        roster = membership.roster
        roster.claim(roster.me, self._participant)
        conversation = Conversation(membership, self._participant)
        conversation.set_own(muted=self._muted, camera=self._camera)
        self._inside = _Inside(membership, conversation, hosting)
        self.phase = Phase.INSIDE
        if hosting is not None:
            self.events.append(events.Hosting(link=self._link.to_text()))
        changed = roster.meet(roster.credentials)
        self.events.append(membership.joined())
        self.events += changed
        self._install_key(membership, send_after=0.0)
        if len(roster) > 1:
            self.outbox.append(conversation.announce())
        if self._offer is not None:
            self._start_media(self._offer)

    def _start_media(self, offer: MediaOffer) -> None:
        self._offering = True
        self.outbox.append(wire.StartMedia(offer))

    def _media_started(self, answer: MediaAnswer) -> None:
        """Take one answer to an offer: each names addresses that we enter, keep and contact."""
        if not self._offering:
            raise WireError("the server answers a media offer that was not made")
        self._offering = False
        self.commands.append(Connect(answer))

    def _end(self, reason: str, code: str = "") -> None:
        self.phase = Phase.OVER
        self.commands.append(StopSending())
        self.events.append(events.Ended(reason=reason, code=code))

    # --- who comes and goes ---

    def _desk(self) -> Hosting | None:
        inside = self._inside if self.phase is Phase.INSIDE else None
        return inside.hosting if inside is not None else None

    def _knocked(self, hosting: Hosting, message: wire.KnockReceived, now: float) -> None:
        try:
            knocker = hosting.knocked(message.participant, message.sealed, now=now)
        except SuiteError as error:
            self.events.append(events.Note(text=error.message))
            self.outbox.append(wire.Refuse(message.participant))
        except (KeysError, RoomsError):
            # Made without the link, or lying about who it is: nothing to bother a person with.
            self.outbox.append(wire.Refuse(message.participant))
        else:
            self.events.append(hosting.knock_event(knocker))

    def _commit(self, now: float) -> None:
        """Submit the next Commit, if there is one; turn away those that cannot be added."""
        hosting = self._desk()
        if hosting is None:
            return
        try:
            self.outbox += hosting.next_commit(now=now)
        except KeysError as error:
            self.report(error)
        for knocker, failure in hosting.dropped:
            self.report(failure)
            self.outbox.append(wire.Refuse(knocker.participant))
        hosting.dropped.clear()

    def _commit_delivered(self, inside: _Inside, message: wire.CommitDelivered, now: float) -> None:
        if inside.hosting is not None:
            inside.hosting.delivered(message.epoch)
        agreed = inside.membership.read_commit(message.commit, now=now)
        if agreed.staged.removes_me:
            self.fail(RemovedError(REMOVED))
        else:
            self._changed(inside, inside.membership.apply(agreed))

    def _changed(self, inside: _Inside, change: Change) -> None:
        """Tell of a new epoch, and start using it."""
        roster = inside.membership.roster
        for leaf, name, person in change.left:
            self.events.append(events.ParticipantLeft(leaf=leaf, name=name, reason=person.leaving))
        changed = roster.meet(change.joined)
        for leaf in change.joined:
            self.events.append(events.ParticipantJoined(participant=roster.participant(leaf)))
        self.events += changed
        self._install_key(inside.membership, change.send_after, change.joined)
        self.outbox += inside.conversation.say_again()
        if change.joined:  # they cannot know yet who is muted
            self.outbox.append(inside.conversation.announce())

    def _install_key(
        self, membership: Membership, send_after: float, joined: Sequence[int] = ()
    ) -> None:
        self.commands.append(membership.media_key(send_after, joined))
        self.events.append(membership.e2ee_state())

    def _gone(self, inside: _Inside, participant: int, now: float) -> None:
        roster = inside.membership.roster
        leaf = roster.leaf_of(participant)
        if leaf is None or leaf == roster.me:
            return
        if roster[leaf].leaving != "left":
            roster[leaf].leaving = "lost"
        if inside.hosting is not None:
            inside.hosting.remove(leaf)
            self._commit(now)
        elif roster.participant(leaf).role == "host":
            how = "left" if roster[leaf].leaving == "left" else "lost the connection"
            text = f"{roster.name(leaf)}, the host, {how}; the call goes on, nobody new can come in"
            self.events.append(events.Note(text=text))
