"""What members tell each other inside MLS application messages: words and what they do. Pure."""

from __future__ import annotations

import datetime as dt
import os
from collections import deque
from typing import Final

from e2ee.errors import UnknownKeyError
from e2ee.file_chunks import Content
from media.limits import KeyedLimiter
from rooms import events, wire
from rooms.errors import PolicyError, WireError
from rooms.files import Files
from rooms.lines import Lines
from rooms.member_wire import (
    ID_LENGTH,
    MAX_CHAT,
    MAX_REACTION,
    Chat,
    FileOffer,
    Goodbye,
    MemberMessage,
    Presence,
    Reaction,
)
from rooms.membership import Membership
from rooms.roster import Appearance
from rooms.text import clean_chat, clean_reaction

MAX_CLOCK_SKEW: Final = 24 * 3600.0
"""A writer's clock is believed if it is this close to ours, seconds; else ours is shown."""
CHAT_RATE, CHAT_BURST = 10.0, 100.0
"""Lines and reactions of one writer a second that are shown, and at once: nobody can read or draw
more."""
MAX_WAITING: Final = 50
"""Messages of ours that wait while we are paused: they go out at once then."""


class Conversation:
    """Our side of it. `participant` is the number the server gave us.

    What is said appears to us when the server has ordered it, so everybody reads the same order.

    A message belongs to the epoch it was encrypted in. What the server has not acknowledged when
    we enter a new epoch was ordered behind the Commit that began it: nobody can read it any more,
    so it is said again. `_in_flight` has one place for each message sent, None for those.
    """

    def __init__(self, membership: Membership, participant: int, files: Files) -> None:
        self._membership = membership
        self._participant = participant
        self._files = files
        self._in_flight: deque[MemberMessage | None] = deque()
        self._waiting: list[MemberMessage] = []
        self._paused = False
        self._held: list[MemberMessage] = []
        """To be said again in the next epoch: the connection broke before it was ordered."""
        self._lines = Lines()
        self._chats = KeyedLimiter(CHAT_RATE, CHAT_BURST)
        self._flooding: set[int] = set()

    def say(self, text: str, reply_to: str = "", *, now: float) -> list[wire.SendApplication]:
        """Return the message that carries a line; none if nothing of it is visible, or paused.

        `reply_to` is the id of the line it answers, in hex. Raises `WireError` if that is none, if
        it is too long or too many wait, `PolicyError` if we may not write.
        """
        shown = clean_chat(text)
        if not shown:
            return []
        answered = _id_of(reply_to) if reply_to else None
        if len(shown) > MAX_CHAT:
            raise WireError("the message is too long to send", hint="split it into shorter lines")
        self._check_may_write()
        sent = int(now * 1000)
        return self._send(Chat(os.urandom(ID_LENGTH), shown, sent, answered))

    def react(self, line: str, emoji: str, *, on: bool) -> list[wire.SendApplication]:
        """Return the message that carries a reaction to the line with an id, in hex.

        Raises `WireError` if there is no such line, it is no reaction or too many messages wait,
        `PolicyError` if we may not write.
        """
        shown = clean_reaction(emoji)
        if not 0 < len(shown) <= MAX_REACTION:
            raise WireError("this is no reaction", hint="give one emoji")
        if (chat := _id_of(line)) not in self._lines:
            raise WireError("there is no such line to react to")
        roster = self._membership.roster
        who = roster[roster.me].credential.public_blob
        if on and not self._lines.has_place(chat, who, shown):
            raise WireError("this line takes no more reactions", hint="take one back")
        self._check_may_write()
        return self._send(Reaction(chat, shown, on))

    def send_file(self, name: str, content: Content) -> list[wire.SendApplication]:
        """Return the message that announces a file, whose pieces come once it is ordered.

        Raises `FileBusyError` while there is another one of ours, `WireError` if too many messages
        wait, `PolicyError` if we may not write.
        """
        self._check_may_write()
        return self._send(self._files.offer(name, content))

    def _check_may_write(self) -> None:
        if not self._may_chat(self._membership.roster.me):
            raise PolicyError("only hosts and cohosts write in this room", hint="ask a host")
        if len(self._waiting) >= MAX_WAITING:
            raise WireError("too many lines wait until sending goes on; this one is not sent")

    def announce(self) -> list[wire.SendApplication]:
        """Return the message that tells everybody who we are to the server, and our state."""
        roster = self._membership.roster
        mine = roster[roster.me].appearance
        camera = roster.shows(roster.me)
        return self._send(Presence(self._participant, mine.muted, camera, mine.recording, mine.bot))

    def goodbye(self) -> list[wire.SendApplication]:
        """Return the message that says we leave on purpose."""
        return self._send(Goodbye())

    def ordered(self, *, now: float) -> list[events.AnyEvent]:
        """Take the server's word that our oldest message has its place in the order.

        Raises `WireError` if there is none.
        """
        if not self._in_flight:
            raise WireError("the server acknowledged what was never sent")
        message, me = self._in_flight.popleft(), self._membership.roster.me
        match message:
            case Chat():
                self._lines.add(message.id)
                return [self._chat(me, message, now)]
            case Reaction():
                return self._reaction(me, message)
            case FileOffer():
                self._files.announced(message, now)
                return []
            case _:
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
        self._held += [message for message in unread if isinstance(message, Chat | Reaction)]
        self._in_flight.clear()
        self._waiting.clear()
        self._paused = False

    def go_on(self, participant: int, before: Conversation | None = None) -> None:
        """Go on over another connection, with what was said and read in the conversation before."""
        self._participant = participant
        if before is not None:
            self._held, self._lines = before._held, before._lines
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
            case Reaction():
                return self._reaction_delivered(leaf, said, now)
            case FileOffer():
                return self._file_delivered(leaf, said, now)
            case Presence():
                return self._presence(leaf, said)
            case Goodbye():
                self._membership.roster[leaf].leaving = "left"
                return []

    def set_own(self, appearance: Appearance) -> list[events.AnyEvent]:
        """Note our own state; return what changed."""
        return self._update(self._membership.roster.me, appearance)

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
        if not self._lines.add(chat.id):
            return []  # said again although we had it: another order, or another connection
        if not self._chats.take(leaf, now):
            return self._flood(leaf)
        line = self._chat(leaf, chat, now)
        return [line] if line.text else []

    def _reaction_delivered(
        self, leaf: int, reaction: Reaction, now: float
    ) -> list[events.AnyEvent]:
        if not self._may_chat(leaf):
            return []
        if not self._chats.take(leaf, now):
            return self._flood(leaf)
        return self._reaction(leaf, reaction)

    def _file_delivered(self, leaf: int, offer: FileOffer, now: float) -> list[events.AnyEvent]:
        if not self._may_chat(leaf):
            return []
        if not self._chats.take(leaf, now):
            return self._flood(leaf)
        self._files.offered(leaf, offer, now)
        return []

    def _reaction(self, leaf: int, said: Reaction) -> list[events.AnyEvent]:
        """Note a reaction; nothing comes of one that changes nothing or is none."""
        roster, emoji = self._membership.roster, clean_reaction(said.emoji)
        who = roster[leaf].credential.public_blob
        if not emoji or not self._lines.react(said.chat, who, emoji, on=said.on):
            return []
        return [
            events.Reaction(
                chat=said.chat.hex(),
                leaf=leaf,
                name=roster.name(leaf),
                emoji=emoji,
                on=said.on,
                mine=leaf == roster.me,
            )
        ]

    def _may_chat(self, leaf: int) -> bool:
        return self._membership.roster.may(leaf, "chat")

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
            reply_to=chat.reply_to.hex() if chat.reply_to is not None else "",
            mine=leaf == roster.me,
        )

    def _presence(self, leaf: int, presence: Presence) -> list[events.AnyEvent]:
        # Another's number ties nothing. The rest is still what this leaf says of itself:
        # somebody who took its number first could otherwise silence it, and have it blamed.
        self._membership.roster.claim(leaf, presence.participant)
        said = Appearance(presence.muted, presence.camera, presence.recording, presence.bot)
        return self._update(leaf, said)

    def _update(self, leaf: int, said: Appearance) -> list[events.AnyEvent]:
        roster = self._membership.roster
        person, name = roster[leaf], roster.name(leaf)
        before, showed = person.appearance, roster.shows(leaf)
        person.appearance = said
        changes: list[events.AnyEvent] = []
        if before.muted != said.muted:
            changes.append(events.MuteState(leaf=leaf, name=name, muted=said.muted))
        if showed != (shows := roster.shows(leaf)):
            changes.append(events.CameraState(leaf=leaf, name=name, on=shows))
        if before.recording != said.recording:
            changes.append(events.RecordingState(leaf=leaf, name=name, on=said.recording))
        if before.bot != said.bot:
            changes.append(events.BotState(leaf=leaf, name=name, on=said.bot))
        return changes


def _id_of(text: str) -> bytes:
    """Return the id of a line written in hex. Raises `WireError`."""
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != ID_LENGTH:
        raise WireError("this is no line's id")
    return found


def _last_presence(messages: list[MemberMessage]) -> list[MemberMessage]:
    """Leave out what a member said of itself before it said something else."""
    told = [message for message in messages if isinstance(message, Presence)]
    old = told[:-1]
    return [message for message in messages if not any(message is other for other in old)]
