"""One person's end of a room, host or joiner, without its sockets.

Sans-IO: call, then drain `out`. `now` is in seconds since 1970. Whatever the server sends, nothing
but events comes of it: no exception escapes, and a message that is refused changes nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Final

from e2ee.errors import KeysError, SottovoceError
from e2ee.file_chunks import Content
from e2ee.identity import Identity
from e2ee.link import Link
from e2ee.mls.cipher_suite import HYBRID, SUITES, CipherSuite
from media.control import StopSending
from media.errors import TransportError
from rooms import events, roles, wire
from rooms.ending import last_events
from rooms.entrance import Entrance
from rooms.errors import (
    LostThreadError,
    RecordingForbiddenError,
    RemovedError,
    RoomsError,
    WireError,
)
from rooms.files import Files
from rooms.inside import Inside
from rooms.known_people import KnownPeople
from rooms.media_line import MediaLine
from rooms.membership import Membership
from rooms.out import Out
from rooms.passcodes import PasscodeMessage, Passcodes
from rooms.phases import EXPECTED, Phase
from rooms.policy import Policy
from rooms.refusals import refusal
from rooms.resync import Resync
from rooms.returning import Returning
from rooms.roster import Appearance, Roster
from rooms.server_errors import error_of

CLASSIC_ONLY: Final = "no post-quantum keys: the `cryptography` installed here is too old for them"
NOBODY_READS: Final = "nobody can read this: you are not in the room"
OWN_ROOM: Final = (
    "this room is yours: a cohost's client lets you in by itself when it is there; "
    "if there is none, open another room (sotto call)"
)
COMING_BACK: Final = "nobody can read this now: the connection is being made again"


class RoomProtocol:
    """The room as one participant takes part in it. `hosting`: we open it and admit others.

    `jitter` returns something from 0 to 1: so much do those who would act at once keep apart.
    Until `appear` says otherwise we are muted and our camera is off.
    """

    def __init__(
        self,
        link: Link,
        identity: Identity,
        name: str,
        *,
        hosting: bool,
        suites: Sequence[CipherSuite] = SUITES,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.out = Out()
        self.phase = Phase.NEW
        self.known = KnownPeople()
        """Whom we have met before; to be set before `start`."""
        self.policy = Policy()
        """The rules a room begins with that we open; to be set before `start`."""
        self.passcodes = Passcodes(self.out, link)
        """What others may say instead of the link, if we are the host and want it."""
        self._hosting = hosting
        self._entrance = Entrance(link, identity, name, suites)
        self._jitter = jitter
        self._appearance = Appearance()
        self._participant = 0
        self._attended: bool | None = None  # whether somebody is at the door; None: not told yet
        self._inside: Inside | None = None
        self._returning: Returning | None = None
        self._resync = Resync(jitter)
        self.media = MediaLine(self.out)
        """Our media transport, as far as the server has to know of it."""

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
    def role(self) -> events.Role:
        """What we are in the room, or will be as soon as we have opened it."""
        if (roster := self.roster) is not None:
            return roster.role(roster.me)
        return "host" if self._hosting else "member"

    @property
    def files(self) -> Files | None:
        """The files of the room, once we are in it."""
        return self._inside.files if self._inside is not None else None

    @property
    def epoch(self) -> int:
        """The epoch of the group; 0 before there is one."""
        return self._inside.membership.group.epoch if self._inside is not None else 0

    @property
    def sending_stopped(self) -> bool:
        """Whether we have come into the room, and nothing of ours is sent there now."""
        inside = self._inside
        return inside is not None and (self._present is None or inside.sending_stopped)

    @property
    def next_tick(self) -> float | None:
        """When `tick` has something to do, Unix seconds; None: not before something happens."""
        inside = self._present
        return inside.next_tick if inside is not None else None

    @property
    def _present(self) -> Inside | None:
        """The room, while we are in it."""
        return self._inside if self.phase is Phase.INSIDE else None

    # --- what the person wants ---

    def start(self, now: float) -> None:
        """Open the room or knock at it, when the server is reached; again when it is again."""
        if self._returning is not None:
            self._start_again(self._returning, now)
            return
        if HYBRID is None:
            self.out.note(CLASSIC_ONLY)
        if self._hosting:
            self.phase = Phase.OPENING
            self.out.outbox.append(self._entrance.open())
        else:
            self.phase = Phase.KNOCKING
            self.out.outbox.append(self._entrance.knock(now))

    def say(self, text: str, now: float, reply_to: str = "") -> None:
        """Write a line to everybody; `reply_to` is the id of the line it answers, in hex."""
        if (inside := self._to_be_read()) is not None:
            inside.say(text, reply_to, now)

    def react(self, line: str, emoji: str, *, on: bool) -> None:
        """React to the line with an id, in hex, or take that back."""
        if (inside := self._to_be_read()) is not None:
            inside.react(line, emoji, on=on)

    def _to_be_read(self) -> Inside | None:
        """Return the room; if we are not in it, say that what is written is for nobody."""
        if (inside := self._present) is None:
            self.out.note(COMING_BACK if self._returning is not None else NOBODY_READS)
        return inside

    def send_file(self, name: str, content: Content) -> None:
        """Send a file to everybody."""
        if (inside := self._to_be_read()) is not None:
            inside.send_file(name, content)

    def appear(self, appearance: Appearance) -> None:
        """Tell everybody how we are here: whether they hear and see us, and whether we record."""
        self._appearance = appearance
        if (inside := self._present) is not None:
            inside.appear(appearance)

    def admit(self, knock: int, now: float) -> None:
        """Let somebody in."""
        if (inside := self._present) is not None:
            inside.admit(knock, now)

    def refuse(self, knock: int) -> None:
        """Turn somebody away."""
        if (inside := self._present) is not None:
            inside.refuse(knock)

    def remove(self, leaf: int, now: float) -> None:
        """Put a member out of the room."""
        if (inside := self._present) is not None:
            inside.remove(leaf, now)

    def change(self, change: roles.RoomChange, now: float) -> None:
        """Change the roles or rules of the room."""
        if (inside := self._present) is not None:
            inside.change(change, now)

    def leave(self, because: RoomsError | None = None) -> None:
        """Say goodbye and end, on our own or `because` of something."""
        if self.phase is Phase.OVER:
            return
        if (inside := self._present) is not None:
            inside.goodbye()
        if self.phase is not Phase.NEW:
            self.out.outbox.append(wire.Leave())
        self._end(because)

    def lost(self, error: SottovoceError, now: float) -> None:
        """Note that the connection ended: `start` is to come again, or the call is over."""
        if self.phase is Phase.OVER:
            return
        late = self._returning is not None and self._returning.is_too_late(now)
        if self._inside is None or late or self._inside.is_over:
            self.fail(error)
            return
        if self._returning is None:
            self._returning = Returning(self._inside.membership, now, self._entrance.ticket)
            self.out.events.append(events.Reconnecting(reason=error.message))
            self._inside.break_off()
            self.out.commands.append(StopSending())
            self.media.break_off()
        self.phase = Phase.AWAY

    def fail(self, error: SottovoceError) -> None:
        """End because of an error; nothing more is sent."""
        if self.phase is not Phase.OVER:
            self._end(error)

    # --- what time brings ---

    def tick(self, now: float) -> None:
        """Do what is due; to be called at `next_tick`, earlier or later does no harm."""
        if (inside := self._present) is not None:
            inside.tick(now)
            self._resync_if_lost(inside, now)

    # --- what the server says ---

    def received(self, message: wire.ServerMessage, now: float) -> None:
        """Handle one message; one that is out of turn ends the call."""
        if self.phase in (Phase.OVER, Phase.AWAY):
            return
        if isinstance(message, wire.ServerError):
            self._server_error(message, now)
        elif type(message) not in EXPECTED[self.phase]:
            self.fail(WireError("the server says something that does not belong here"))
        elif (inside := self._present) is not None:
            self._received_inside(inside, message, now)
        else:
            self._received_outside(message, now)

    def _received_outside(self, message: wire.ServerMessage, now: float) -> None:
        match message:
            case wire.RoomOpened():
                self._opened(message.participant, now)
            case wire.KnockWaiting():
                self._participant = message.participant
                if self._returning is not None:
                    self._returning.room_there()
                if self._returning is None or self._returning.as_stranger:
                    self._knocking(message.attended)
            case wire.Welcomed():
                self._welcomed(message.welcome, now)
            case wire.Refused():
                self.fail(refusal(message.why))

    def _knocking(self, attended: bool) -> None:
        """Tell that we wait, and when there is other news of who may let us in."""
        before, self._attended = self._attended, attended
        if attended is not before:
            server = self._entrance.link.server
            self.out.events.append(events.Knocking(server=server, host_here=attended))
            if not attended and self._entrance.is_ours:
                self.out.note(OWN_ROOM)

    def _received_inside(self, inside: Inside, message: wire.ServerMessage, now: float) -> None:
        if isinstance(message, wire.MediaStarted):
            try:
                self.media.started(message.answer)
            except WireError as error:
                self.out.report(error)
            return
        if isinstance(message, PasscodeMessage):
            self.passcodes.received(message, now)
            return
        try:
            inside.received(message, now)
        except RemovedError as error:
            self.fail(error)
        else:
            if not self._may_not_record(inside) and isinstance(message, wire.HeartbeatDelivered):
                self._resync_if_lost(inside, now)

    def _resync_if_lost(self, inside: Inside, now: float) -> None:
        """Come back as after a broken connection if the others went on without us."""
        if self._resync.judge(inside.is_lost(now), now):
            self.lost(LostThreadError("your keys went apart from the others'"), now)

    def _server_error(self, message: wire.ServerError, now: float) -> None:
        error = error_of(message)
        returning = self._returning if self.phase is Phase.RETURNING else None
        if message.fatal and returning is not None and returning.turned_away(message.code, now):
            self.phase = Phase.AWAY
        elif message.fatal:
            self.fail(error)
        else:
            if message.code == TransportError.code:
                self.media.refused()
            self.out.report(error)

    # --- coming in, and the end ---

    def _start_again(self, returning: Returning, now: float) -> None:
        """Knock for our place; or open the room again that the server has lost."""
        self.phase, self._participant, self._attended = Phase.RETURNING, 0, None
        try:
            self.out.outbox.append(self._entrance.come_back(returning, now))
        except (KeysError, RoomsError) as error:
            self.fail(error)

    def _opened(self, participant: int, now: float) -> None:
        self._participant = participant
        if self._returning is not None and self._inside is not None:
            self._returning, self.phase = None, Phase.INSIDE
            self._inside.open_again(participant, now, self._appearance)
            self.media.enter()
            return
        membership = self._entrance.create(now, self.known, self.policy)
        self.out.events.append(events.Hosting(link=self._entrance.link.to_text()))
        self._enter(membership, now)

    def _welcomed(self, welcome: bytes, now: float) -> None:
        if not self._entrance.knocked or not self._participant:
            self.fail(WireError("the server welcomes somebody it did not let knock"))
            return
        before = self._inside
        old = before.membership if before is not None else None
        try:
            membership = self._entrance.enter(welcome, self.known, old)
        except RoomsError as error:
            self._not_this_room(error)
            return
        if before is None:
            self.out.events.append(events.Admitted())
        self._enter(membership, now)

    def _not_this_room(self, error: RoomsError) -> None:
        """End; or, if whoever let us back in may not have, wait for a host."""
        if self._returning is None or self._returning.as_stranger:
            self.fail(error)
            return
        self.out.report(error)
        self._returning.give_place_up()
        self.phase = Phase.AWAY

    def _enter(self, membership: Membership, now: float) -> None:
        before, self._returning = self._inside, None
        suites, jitter, own = self._entrance.suites, self._jitter, self._participant
        self._inside = Inside(self.out, membership, own, now=now, suites=suites, jitter=jitter)
        self.phase = Phase.INSIDE
        if self._may_not_record(self._inside):
            return
        if before is None:
            self._inside.enter(self._appearance)
        else:
            self._inside.come_back(before, self._appearance)
        self.media.enter()

    def _may_not_record(self, inside: Inside) -> bool:
        """Leave if we record where we may not: whoever asked for it would take silence for one."""
        roster = inside.membership.roster
        forbidden = self._appearance.recording and not roster.may(roster.me, "recording")
        if forbidden:
            self.leave(RecordingForbiddenError())
        return forbidden

    def _end(self, error: SottovoceError | None) -> None:
        self.phase = Phase.OVER
        self.out.commands.append(StopSending())
        self.out.events += last_events(error)
