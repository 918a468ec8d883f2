"""The server without its sockets: rooms, who is in them, and what is passed on to whom.

In MLS terms the Delivery Service (RFC 9750 section 5): it orders Commits and application messages
and passes knocks and Welcomes on. It holds room ids, epoch numbers, connection numbers and the
addresses these come from; nothing in here opens anything, and what it decides protects nobody's
secrets: every client checks every Commit itself. Its rules keep participants from disturbing each
other.

Sans-IO: call, then drain `outbox`, `closings`, `media` and `taken`, in this order.

Guarantees, for the order in which `outbox` is sent:

- All members of a room see its Commits and application messages in one order; the sender of each
  sees its acknowledgement at that place. A joiner sees it from its Welcome on.
- A `CommitRejected` comes after the Commit that won.
- A removed member gets the Commit, then `Removed`, and nothing after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from media.engine.ports import MediaAnswer
from media.errors import TransportError
from rooms import wire
from rooms.door import Door
from rooms.errors import RoomFullError, RoomMissingError, WireError
from rooms.limits import TOO_FAST, Allowance, Limits, Sources
from rooms.media_actions import JoinMedia, LeaveMedia, MediaAction
from rooms.naming import Names
from rooms.room import Connection, Room, may_commit, may_name
from rooms.states import State, allowed, moved

VERSION_UNKNOWN: Final = "wire.version"
NOT_NOW: Final = "this message is not allowed at this point"


class Hall:
    """All rooms of one server. `now` is in seconds, on any clock that only grows."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.outbox: list[tuple[int, wire.ServerMessage]] = []
        self.closings: list[int] = []
        self.media: list[MediaAction] = []
        self.taken: list[int] = []
        """Connections whose oldest piece of a file has arrived, once for each piece."""
        self._limits = limits or Limits()
        self._sources = Sources(self._limits)
        self._connections: dict[int, Connection] = {}
        self._rooms: dict[bytes, Room] = {}
        self._door = Door(send=self._send, close=self._close)
        self.names = Names(
            self._limits, self._sources, send=self._send, fail=self._fail, close=self._close
        )
        """What rooms are called, and who tries passcodes there; to look at."""

    @property
    def rooms(self) -> Mapping[bytes, Room]:
        """The open rooms by id, to look at."""
        return MappingProxyType(self._rooms)

    @property
    def connections(self) -> Mapping[int, Connection]:
        """The connections that are not closing, to look at."""
        return MappingProxyType(self._connections)

    # --- what happens to a connection ---

    def connected(self, conn: int, now: float, source: str = "") -> None:
        """Begin a connection. `conn` is a number of the caller's that was never used before."""
        connection = Connection(conn, Allowance(self._limits), source)
        full = len(self._connections) >= self._limits.connections
        same = sum(other.source == source for other in self._connections.values())
        self._connections[conn] = connection
        if full:
            self._fail(connection, RoomFullError.code, "the server takes no more connections")
        elif same >= self._limits.source_connections:
            text = "the server takes no more connections from this address"
            self._fail(connection, RoomFullError.code, text)

    def received(self, conn: int, data: bytes, now: float) -> None:
        """Handle one message; anything but a valid and timely one ends the connection."""
        connection = self._connections.get(conn)
        if connection is None:
            return  # already closing; what was under way is not for us any more
        try:
            message = wire.decode_client(data)
        except WireError as error:
            self._fail(connection, error.code, error.message)
            return
        if not _afford(connection, message, len(data), now):
            self._fail(connection, TOO_FAST, "messages come faster than the server allows")
        elif allowed(connection.state, message):
            self._handle(connection, message, now)
        else:
            self._malformed(connection, NOT_NOW)

    def disconnected(self, conn: int, now: float) -> None:
        """End a connection that broke or closed; nothing happens if it has ended already."""
        connection = self._connections.get(conn)
        if connection is not None:
            connection.state = State.GONE
            del self._connections[conn]
            self._announce(connection)

    def media_answered(self, conn: int, answer: MediaAnswer | None) -> None:
        """Pass on the engine's answer to a `JoinMedia`; None if the engine could not."""
        connection = self._connections.get(conn)
        if connection is None or not connection.offering:
            return
        connection.offering = False
        if answer is not None:
            self._send(connection, wire.MediaStarted(answer))
        else:
            self._no_media(connection)

    # --- what a client sends ---

    def _handle(self, connection: Connection, message: wire.ClientMessage, now: float) -> None:
        match message:
            case wire.OpenRoom():
                if self._sources.take_room(connection.source, now):
                    self._open(connection, message)
                else:
                    self._fail(connection, TOO_FAST, "too many rooms are opened from this address")
            case wire.Knock():
                if self._sources.take_knock(connection.source, now):
                    self._knock(connection, message)
                else:
                    self._fail(connection, TOO_FAST, "too many knocks come from this address")
            case wire.CountRoom():
                if self._sources.take_count(connection.source, now):
                    self._count(connection, message)
                else:
                    self._fail(connection, TOO_FAST, "too many ask how many are in a room")
            case wire.TryPasscode() | wire.ConfirmPasscode():
                self._try(connection, message, now)
            case wire.Leave():
                self._close(connection, wire.Leave)
                self._announce(connection)
            case _ if connection.room is not None:
                self._handle_member(connection, connection.room, message, now)

    def _handle_member(
        self, member: Connection, room: Room, message: wire.ClientMessage, now: float
    ) -> None:
        match message:
            case wire.SubmitCommit():
                self._commit(member, room, message, now)
            case wire.NameDoorkeepers() | wire.Refuse():
                self._door.keep(member, room, message)
            case wire.Propose():
                self._propose(member, room, message, now)
            case wire.SendApplication():
                self._application(member, room, message, now)
            case wire.SendChunk():
                self._chunk(member, room, message)
            case wire.ChunkTaken() if member.chunks:
                member.chunks -= 1
                self.taken.append(member.number)
            case wire.SendHeartbeat(sealed):
                if member.allowance.take_heartbeat(now):  # nobody needs more of them
                    self._send_all(room.others(member), wire.HeartbeatDelivered(sealed))
            case wire.StartMedia():
                self._start_media(member, room, message, now)
            case wire.NameRoom() | wire.ReplyPasscode() | wire.RefusePasscode():
                self.names.keep(member, message, now)

    def _open(self, connection: Connection, message: wire.OpenRoom) -> None:
        if not self._speaks_our_version(connection, message.version):
            return
        if message.room in self._rooms:
            self._fail(connection, wire.ROOM_EXISTS, "this room is open already")
        elif len(self._rooms) >= self._limits.rooms:
            self._fail(connection, RoomFullError.code, "the server takes no more rooms")
        else:
            room = self._rooms[message.room] = Room(message.room)
            participant = room.number(connection, message.ticket)
            room.members[participant] = connection
            connection.leaf = message.leaf
            connection.state = moved(connection.state, wire.OpenRoom)
            self._send(connection, wire.RoomOpened(participant))

    def _knock(self, connection: Connection, message: wire.Knock) -> None:
        if not self._speaks_our_version(connection, message.version):
            return
        room = self._rooms.get(message.room)
        if room is None:
            self._fail(connection, RoomMissingError.code, "there is no such room here")
        elif len(room.members) + len(room.waiting) >= self._limits.participants:
            self._fail(connection, RoomFullError.code, "the room takes no more participants")
        elif len(room.waiting) >= self._limits.knocks:
            self._fail(connection, RoomFullError.code, "too many are knocking at this room")
        else:
            room.waiting[room.number(connection, message.ticket)] = connection
            connection.sealed = message.sealed
            connection.state = moved(connection.state, wire.Knock)
            self._door.tell(room)

    def _count(self, connection: Connection, message: wire.CountRoom) -> None:
        """Tell how many are in a room; one that is not there looks like one that is over."""
        if not self._speaks_our_version(connection, message.version):
            return
        room = self._rooms.get(message.room)
        self._send(connection, wire.RoomCount(len(room.members) if room is not None else 0))
        self._close(connection, wire.RoomCount)

    def _try(
        self,
        connection: Connection,
        message: wire.TryPasscode | wire.ConfirmPasscode,
        now: float,
    ) -> None:
        if isinstance(message, wire.TryPasscode):
            if not self._speaks_our_version(connection, message.version):
                return
            connection.state = moved(connection.state, wire.TryPasscode)
        if not self.names.tried(connection, message, now):
            self._malformed(connection, NOT_NOW)

    def _application(
        self, member: Connection, room: Room, message: wire.SendApplication, now: float
    ) -> None:
        if not member.allowance.take_application(now):
            self._fail(member, TOO_FAST, "messages come faster than the server allows")
            return
        self._send(member, wire.ApplicationAccepted())
        self._send_all(room.others(member), wire.ApplicationDelivered(message.message))

    def _chunk(self, member: Connection, room: Room, message: wire.SendChunk) -> None:
        """Pass a piece of a file on; whose turn it is to be sent, others decide."""
        self._send(member, wire.ChunkAccepted())
        chunk = wire.ChunkDelivered(message.file, message.epoch, message.index, message.sealed)
        for other in room.others(member):
            other.chunks += 1
            self._send(other, chunk)

    def _propose(self, member: Connection, room: Room, message: wire.Propose, now: float) -> None:
        """Pass a Proposal on; what is too much is dropped: no Commit can name it then."""
        if member.allowance.take_proposal(now):
            self._send_all(room.others(member), wire.ProposalDelivered(message.message))

    def _start_media(
        self, member: Connection, room: Room, message: wire.StartMedia, now: float
    ) -> None:
        if member.leaf is None:
            self._no_media(member)
        elif member.offering:
            self._malformed(member, "the last media offer is not answered yet")
        elif not member.allowance.take_media(now):
            self._fail(member, TOO_FAST, "media offers come faster than the server allows")
        else:
            member.media = member.offering = True
            action = JoinMedia(
                member.number, room.name, member.participant, message.offer, member.leaf
            )
            self.media.append(action)

    # --- Commits ---

    def _commit(
        self, sender: Connection, room: Room, message: wire.SubmitCommit, now: float
    ) -> None:
        """Accept or reject a Commit, whole; no connection ends for it.

        Who sent it may be of another branch than whoever let somebody in that it names.
        A knocker that left before its Welcome does not make it fail: the sender could not have
        known. It is announced to the sender as gone, which then removes the leaf it added.
        Of those to be removed, only who was a member before and is not the sender counts: senders
        know some numbers only from what members say of themselves, and they may lie.
        """
        timely = message.epoch == room.epoch
        if not (timely and may_name(room, message) and may_commit(room, sender, message, now)):
            self._send(sender, wire.CommitRejected(room.epoch))
            return
        room.epoch += 1
        self._send(sender, wire.CommitAccepted(room.epoch))
        others = room.others(sender)
        self._send_all(others, wire.CommitDelivered(room.epoch, message.commit))
        if message.welcome is not None:
            welcomed = wire.Welcomed(message.welcome.welcome)
            for joiner in message.joiners:
                self._welcome(sender, room, joiner, welcomed)
        for member in others:
            if member.participant in message.removes:
                self._remove(room, member)

    def _welcome(
        self, sender: Connection, room: Room, joiner: wire.Joiner, welcomed: wire.Welcomed
    ) -> None:
        knocker = room.waiting.pop(joiner.participant, None)
        if knocker is None:
            self._send(sender, wire.ParticipantGone(joiner.participant))
            return
        self._free_leaf(room, joiner.leaf)
        room.members[knocker.participant] = knocker
        knocker.leaf = joiner.leaf
        knocker.state = moved(knocker.state, wire.Welcomed)
        self._send(knocker, welcomed)
        self._door.decided(room, knocker, by=sender)
        self._door.tell(room)

    def _free_leaf(self, room: Room, leaf: int) -> None:
        """Forward no more media of whoever had a leaf that a doorkeeper gives to another one."""
        for member in room.members.values():
            if member.leaf == leaf:
                member.leaf = None
                self._leave_media(member, room)
                member.media = member.offering = False

    def _remove(self, room: Room, member: Connection) -> None:
        del room.members[member.participant]
        self._send(member, wire.Removed())
        self._close(member, wire.Removed)
        self.names.ended(member)
        self._leave_media(member, room)

    # --- ends ---

    def _malformed(self, connection: Connection, text: str) -> None:
        self._fail(connection, WireError.code, text)

    def _fail(self, connection: Connection, code: str, text: str) -> None:
        """Tell a connection why it ends, end it, and tell the others."""
        self._send(connection, wire.ServerError(code, text))
        self._close(connection, wire.ServerError)
        self._announce(connection)

    def _close(
        self, connection: Connection, by: type[wire.ClientMessage | wire.ServerMessage]
    ) -> None:
        connection.state = moved(connection.state, by)
        del self._connections[connection.number]
        self.closings.append(connection.number)

    def _announce(self, connection: Connection) -> None:
        """Take an ended connection out of its room, and tell who has to know."""
        self.names.ended(connection)
        room = connection.room
        if room is None:
            return
        if room.waiting.pop(connection.participant, None) is not None:
            self._door.decided(room, connection)
        elif room.members.pop(connection.participant, None) is not None:
            self._leave_media(connection, room)
            self._send_all(room.members.values(), wire.ParticipantGone(connection.participant))
            if room.members:
                self._door.tell(room)
            else:
                self._end(room)

    def _end(self, room: Room) -> None:
        del self._rooms[room.id]
        for knocker in list(room.waiting.values()):
            self._fail(knocker, RoomMissingError.code, "the room has ended")

    def _leave_media(self, member: Connection, room: Room) -> None:
        if member.media:
            self.media.append(LeaveMedia(room.name, member.participant))

    # --- small things ---

    def _no_media(self, connection: Connection) -> None:
        text = "the server could not open the media transport"
        self._send(connection, wire.ServerError(TransportError.code, text, fatal=False))

    def _speaks_our_version(self, connection: Connection, version: int) -> bool:
        if version == wire.PROTOCOL_VERSION:
            return True
        text = f"this server speaks version {wire.PROTOCOL_VERSION} of the protocol only"
        self._fail(connection, VERSION_UNKNOWN, text)
        return False

    def _send(self, connection: Connection, message: wire.ServerMessage) -> None:
        self.outbox.append((connection.number, message))

    def _send_all(self, connections: Iterable[Connection], message: wire.ServerMessage) -> None:
        for connection in connections:
            self._send(connection, message)


def _afford(sender: Connection, message: wire.ClientMessage, size: int, now: float) -> bool:
    """Account for a message of `size` bytes; False if it is too much.

    Pieces of files have an allowance of their own, and that one has arrived may be said for each.
    """
    match message:
        case wire.SendChunk():
            return sender.allowance.take_chunk(now)
        case wire.ChunkTaken() if sender.chunks:
            return True
        case _:
            return sender.allowance.take_message(size, now)
