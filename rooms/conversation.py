"""What members tell each other inside MLS application messages: chat, presence, goodbyes. Pure."""

from __future__ import annotations

import datetime as dt
import os
from collections import deque
from typing import Final

from e2ee.errors import UnknownKeyError
from media.limits import KeyedLimiter
from rooms import events, wire
from rooms.errors import PolicyError, WireError
from rooms.member_wire import MAX_CHAT, Chat, Goodbye, MemberMessage, Presence
from rooms.membership import Membership
from rooms.text import clean_chat

MAX_CLOCK_SKEW: Final = 24 * 3600.0
"""A writer's clock is believed if it is this close to ours, seconds; else ours is shown."""
CHAT_RATE, CHAT_BURST = 10.0, 100.0
"""Lines of one writer a second that are shown, and at once: nobody can read or draw more."""
CHAT_REMEMBERED: Final = 256
"""Lines remembered so that none is shown twice."""
MAX_WAITING: Final = 50
"""Messages of ours that wait while we are paused: they go out at once then."""


class Conversation:
    """Our side of it. `participant` is the number the server gave us.

    What is said appears to us when the server has ordered it, so everybody reads the same order.

    A message belongs to the epoch it was encrypted in. What the server has not acknowledged when
    we enter a new epoch was ordered behind the Commit that began it: nobody can read it any more,
    so it is said again. `_in_flight` has one place for each message sent, None for those.
    """

    def __init__(self, membership: Membership, participant: int) -> None:
        self._membership = membership
        self._participant = participant
        self._in_flight: deque[MemberMessage | None] = deque()
        self._waiting: list[MemberMessage] = []
        self._paused = False
        self._held: list[MemberMessage] = []
        """To be said again in the next epoch: the connection broke before it was ordered."""
        self._read: deque[tuple[bytes, bytes]] = deque(maxlen=CHAT_REMEMBERED)
        self._chats = KeyedLimiter(CHAT_RATE, CHAT_BURST)
        self._flooding: set[int] = set()

    def say(self, text: str, *, now: float) -> list[wire.SendApplication]:
        """Return the message that carries a line; none if nothing of it is visible, or paused.

        Raises `WireError` if it is too long or too many wait, `PolicyError` if we may not write.
        """
        shown = clean_chat(text)
        if not shown:
            return []
        if not self._may_chat(self._membership.roster.me):
            raise PolicyError("only hosts and cohosts write in this room", hint="ask a host")
        if len(shown) > MAX_CHAT:
            raise WireError("the message is too long to send", hint="split it into shorter lines")
        if len(self._waiting) >= MAX_WAITING:
            raise WireError("too many lines wait until sending goes on; this one is not sent")
        return self._send(Chat(id=os.urandom(8), text=shown, sent=int(now * 1000)))

    def announce(self) -> list[wire.SendApplication]:
        """Return the message that tells everybody who we are to the server, and our state."""
        me = self._membership.roster[self._membership.roster.me]
        return self._send(Presence(participant=self._participant, muted=me.muted, camera=me.camera))

    def goodbye(self) -> list[wire.SendApplication]:
        """Return the message that says we leave on purpose."""
        return self._send(Goodbye())

    def ordered(self, *, now: float) -> list[events.AnyEvent]:
        """Take the server's word that our oldest message has its place in the order.

        Raises `WireError` if there is none.
        """
        if not self._in_flight:
            raise WireError("the server acknowledged what was never sent")
        message = self._in_flight.popleft()
        if isinstance(message, Chat):
            return [self._chat(self._membership.roster.me, message, now)]
        return []

    def say_again(self) -> list[wire.SendApplication]:
        """Return what the new epoch made unreadable on its way, encrypted anew."""
        unread = [message for message in self._in_flight if message is not None]
        held, self._held = self._held, []
        self._in_flight = deque([None] * len(self._in_flight))
        again = [*held, *unread]
        if self._paused:
            self._waiting = _last_presence([*again, *self._waiting])
            return []
        return [sealed for message in again for sealed in self._send(message)]

    def pause(self) -> None:
        """Encrypt nothing more; what is said waits."""
        self._paused = True

    def resume(self) -> list[wire.SendApplication]:
        """Return what waited, encrypted for everybody who is here now."""
        self._paused = False
        waiting, self._waiting = self._waiting, []
        return [sealed for message in waiting for sealed in self._send(message)]

    def break_off(self) -> None:
        """Note that the connection ended: lines without an acknowledgement are held.

        They may have been ordered all the same; then the others drop them the second time.
        """
        unread = [*self._in_flight, *self._waiting]
        self._held += [message for message in unread if isinstance(message, Chat)]
        self._in_flight.clear()
        self._waiting.clear()
        self._paused = False

    def go_on(self, participant: int, before: Conversation | None = None) -> None:
        """Go on over another connection, with what was said and read in the conversation before."""
        self._participant = participant
        if before is not None:
            self._held, self._read = before._held, before._read
            self._chats = before._chats

    def delivered(self, message: bytes, *, now: float) -> list[events.AnyEvent]:
        """Read another member's message. Raises `KeysError` or `RoomsError`; no change then."""
        try:
            leaf, said = self._membership.open(message, now=now)
        except UnknownKeyError:
            return []  # of an epoch that is over: its sender knows, and says it again
        match said:
            case Chat():
                return self._chat_delivered(leaf, said, now)
            case Presence():
                return self._presence(leaf, said)
            case Goodbye():
                self._membership.roster[leaf].leaving = "left"
                return []

    def set_own(self, *, muted: bool, camera: bool) -> list[events.AnyEvent]:
        """Note our own state; return what changed."""
        return self._update(self._membership.roster.me, muted, camera)

    def _send(self, message: MemberMessage) -> list[wire.SendApplication]:
        if self._paused:
            self._waiting = _last_presence([*self._waiting, message])
            return []
        sealed = self._membership.protect(message)
        self._in_flight.append(message)
        return [wire.SendApplication(sealed)]

    def _chat_delivered(self, leaf: int, chat: Chat, now: float) -> list[events.AnyEvent]:
        if not self._may_chat(leaf):
            return []  # its client knows the rule: what comes all the same is shown by nobody
        who = self._membership.roster[leaf].credential.public_blob
        if (who, chat.id) in self._read:
            return []  # said again although we had it: another order, or another connection
        self._read.append((who, chat.id))
        if not self._chats.take(leaf, now):
            return self._flood(leaf)
        line = self._chat(leaf, chat, now)
        return [line] if line.text else []

    def _may_chat(self, leaf: int) -> bool:
        roster = self._membership.roster
        return roster.state.policy.chat or roster.role(leaf) != "member"

    def _flood(self, leaf: int) -> list[events.AnyEvent]:
        """Say once of each writer that not all of it is shown."""
        if leaf in self._flooding:
            return []
        self._flooding.add(leaf)
        name = self._membership.roster.name(leaf)
        return [events.Note(text=f"{name} writes too fast; some of it is left out")]

    def _chat(self, leaf: int, chat: Chat, now: float) -> events.ChatReceived:
        roster = self._membership.roster
        sent = chat.sent / 1000
        if abs(sent - now) > MAX_CLOCK_SKEW:
            sent = now
        return events.ChatReceived(
            id=chat.id.hex(),
            leaf=leaf,
            name=roster.name(leaf),
            text=clean_chat(chat.text),
            sent=dt.datetime.fromtimestamp(sent, dt.UTC),
            mine=leaf == roster.me,
        )

    def _presence(self, leaf: int, presence: Presence) -> list[events.AnyEvent]:
        # Another's number ties nothing. The rest is still what this leaf says of itself:
        # somebody who took its number first could otherwise silence it, and have it blamed.
        self._membership.roster.claim(leaf, presence.participant)
        return self._update(leaf, presence.muted, presence.camera)

    def _update(self, leaf: int, muted: bool, camera: bool) -> list[events.AnyEvent]:
        person, name = self._membership.roster[leaf], self._membership.roster.name(leaf)
        changes: list[events.AnyEvent] = []
        if person.muted != muted:
            person.muted = muted
            changes.append(events.MuteState(leaf=leaf, name=name, muted=muted))
        if person.camera != camera:
            person.camera = camera
            changes.append(events.CameraState(leaf=leaf, name=name, on=camera))
        return changes


def _last_presence(messages: list[MemberMessage]) -> list[MemberMessage]:
    """Leave out what a member said of itself before it said something else."""
    told = [message for message in messages if isinstance(message, Presence)]
    old = told[:-1]
    return [message for message in messages if not any(message is other for other in old)]
