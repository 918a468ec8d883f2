"""The messages between client and server.

msgpack maps with a type tag, every field typed and bounded. Pure: bytes in, values out.
What members say to each other inside MLS application messages is in `rooms.member_wire`.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from media.engine.ports import MediaAnswer, MediaOffer
from rooms import bounds
from rooms.messages import PROTOCOL_VERSION as PROTOCOL_VERSION  # noqa: PLC0414
from rooms.messages import Message, decode, encode_message
from rooms.passcode_wire import ConfirmPasscode as ConfirmPasscode  # noqa: PLC0414
from rooms.passcode_wire import NameRoom as NameRoom  # noqa: PLC0414
from rooms.passcode_wire import NameTaken as NameTaken  # noqa: PLC0414
from rooms.passcode_wire import PasscodeConfirmed as PasscodeConfirmed  # noqa: PLC0414
from rooms.passcode_wire import PasscodeGone as PasscodeGone  # noqa: PLC0414
from rooms.passcode_wire import PasscodeRefused as PasscodeRefused  # noqa: PLC0414
from rooms.passcode_wire import PasscodeReplied as PasscodeReplied  # noqa: PLC0414
from rooms.passcode_wire import PasscodeTried as PasscodeTried  # noqa: PLC0414
from rooms.passcode_wire import RefusePasscode as RefusePasscode  # noqa: PLC0414
from rooms.passcode_wire import ReplyPasscode as ReplyPasscode  # noqa: PLC0414
from rooms.passcode_wire import RoomNamed as RoomNamed  # noqa: PLC0414
from rooms.passcode_wire import TryPasscode as TryPasscode  # noqa: PLC0414

ROOM_EXISTS = "room.exists"
MAX_MESSAGE = 1 << 20
"""Largest WebSocket message either side accepts, bytes."""

MAX_HANDSHAKE = 768 * 1024
"""Longest Commit, and longest Welcome, bytes; both of one message have to fit into it together."""
Handshake = Annotated[bytes, msgspec.Meta(min_length=1, max_length=MAX_HANDSHAKE)]


# --- client -> server ---


class OpenRoom(Message, frozen=True, tag="open"):
    """Create a room; the sender becomes its first member and keeps its door.

    `leaf` is the sender's own: not 0 when somebody opens a room again that the server lost.
    """

    room: bounds.RoomId
    version: int = PROTOCOL_VERSION
    leaf: bounds.Leaf = 0
    ticket: bounds.Ticket = b""


class Knock(Message, frozen=True, tag="knock"):
    """Ask to be let in. `sealed` opens only with the lobby key derived from the link secret.

    By the `ticket` it brought before, a doorkeeper is one again, whoever lets it in.
    """

    room: bounds.RoomId
    sealed: bounds.Sealed
    version: int = PROTOCOL_VERSION
    ticket: bounds.Ticket = b""


class Joiner(Message, frozen=True, tag="joiner"):
    """A knocker that a Commit lets in. The server forwards no frame of another leaf than its."""

    participant: bounds.ParticipantId
    leaf: bounds.Leaf


class WelcomeFor(Message, frozen=True, tag="welcome_for"):
    """An MLS Welcome (MLSMessage bytes) and all it is for: the server gives each the same."""

    welcome: Handshake
    joiners: Annotated[list[Joiner], msgspec.Meta(min_length=1, max_length=bounds.MAX_JOINERS)]


class SubmitCommit(Message, frozen=True, tag="commit"):
    """A Commit on top of `epoch`, its Welcome and removals, all or nothing.

    From a doorkeeper, or less often and with less in it from any member.
    """

    epoch: bounds.Epoch
    commit: Handshake
    welcome: WelcomeFor | None = None
    removes: bounds.Removes = msgspec.field(default_factory=list)

    @property
    def joiners(self) -> list[Joiner]:
        """Those it lets in."""
        return self.welcome.joiners if self.welcome is not None else []


class NameDoorkeepers(Message, frozen=True, tag="doorkeepers"):
    """From a doorkeeper: who else admits, refuses and commits from now on, and who no longer.

    Who opened the room is one as long as it is there. To the server this is no role, only the
    connections knocks go to. A number that still knocks counts from its Welcome on.
    """

    participants: bounds.Doorkeepers
    dismissed: bounds.Doorkeepers = msgspec.field(default_factory=list)


class Refuse(Message, frozen=True, tag="refuse"):
    """A doorkeeper refuses a knock."""

    participant: bounds.ParticipantId
    why: bounds.WhyRefused = "no"


class Propose(Message, frozen=True, tag="propose"):
    """An MLS Proposal (MLSMessage bytes) for every member; a later Commit may name it."""

    message: bounds.ApplicationBytes


class SendApplication(Message, frozen=True, tag="send_application"):
    """An MLS application message (MLSMessage bytes) for every member."""

    message: bounds.ApplicationBytes


class SendChunk(Message, frozen=True, tag="send_chunk"):
    """A piece of a file, encrypted, for every member. Only they know what file the number is of."""

    file: bounds.FileId
    epoch: bounds.Epoch
    index: bounds.ChunkIndex
    sealed: bounds.SealedChunk


class ChunkTaken(Message, frozen=True, tag="chunk_taken"):
    """The oldest piece of a file that was delivered to us is here: there is room for another."""


class SendHeartbeat(Message, frozen=True, tag="send_heartbeat"):
    """What the sender says of its epoch, sealed for those who have the link. Not acknowledged."""

    sealed: bounds.SealedHeartbeat


class StartMedia(Message, frozen=True, tag="start_media"):
    """Offer this member's media transport."""

    offer: MediaOffer


class CountRoom(Message, frozen=True, tag="count"):
    """Ask how many are in a room, without knocking; the only message of its connection.

    From anybody who knows its number, and so from whoever has the link.
    """

    room: bounds.RoomId
    version: int = PROTOCOL_VERSION


class Leave(Message, frozen=True, tag="leave"):
    """Goodbye; the server closes the connection."""


ClientMessage = (
    OpenRoom
    | Knock
    | NameRoom
    | TryPasscode
    | ConfirmPasscode
    | ReplyPasscode
    | RefusePasscode
    | SubmitCommit
    | NameDoorkeepers
    | Refuse
    | Propose
    | SendApplication
    | SendChunk
    | ChunkTaken
    | SendHeartbeat
    | StartMedia
    | CountRoom
    | Leave
)

# --- server -> client ---


class RoomOpened(Message, frozen=True, tag="opened"):
    """The room exists now; `participant` is the sender's id in it."""

    participant: bounds.ParticipantId


class KnockReceived(Message, frozen=True, tag="knocked"):
    """To doorkeepers, or to all members while there is none: somebody knocks."""

    participant: bounds.ParticipantId
    sealed: bounds.Sealed


class KnockWithdrawn(Message, frozen=True, tag="knock_withdrawn"):
    """To whom the knock went: whoever knocked is gone, or another one decided."""

    participant: bounds.ParticipantId


class KnockWaiting(Message, frozen=True, tag="waiting"):
    """To a joiner: the knock waits; `participant` is its id. Again when `attended` has changed.

    `attended`: a doorkeeper is connected.
    """

    participant: bounds.ParticipantId
    attended: bool = True


class Welcomed(Message, frozen=True, tag="welcomed"):
    """To a joiner: admitted."""

    welcome: Handshake


class CommitAccepted(Message, frozen=True, tag="accepted"):
    """To the committer: the Commit won; the group is now in `epoch`."""

    epoch: bounds.Epoch


class CommitRejected(Message, frozen=True, tag="rejected"):
    """To the committer: another Commit won, or this one may not be; the room is in `epoch`."""

    epoch: bounds.Epoch


class CommitDelivered(Message, frozen=True, tag="commit_delivered"):
    """To the other members: the Commit that leads to `epoch`."""

    epoch: bounds.Epoch
    commit: Handshake


class ProposalDelivered(Message, frozen=True, tag="proposal"):
    """To the other members, in the server's order: before any Commit that may name it."""

    message: bounds.ApplicationBytes


class ApplicationDelivered(Message, frozen=True, tag="application"):
    """To the other members, in the server's order."""

    message: bounds.ApplicationBytes


class ChunkDelivered(Message, frozen=True, tag="chunk"):
    """To the other members: a piece of a file, behind whatever else there is for them.

    To one that is too slow for all of them, not all come.
    """

    file: bounds.FileId
    epoch: bounds.Epoch
    index: bounds.ChunkIndex
    sealed: bounds.SealedChunk


class ChunkAccepted(Message, frozen=True, tag="chunk_accepted"):
    """To the sender: the server has taken its oldest unacknowledged piece of a file."""


class HeartbeatDelivered(Message, frozen=True, tag="heartbeat"):
    """To the other members: what somebody says of its epoch."""

    sealed: bounds.SealedHeartbeat


class ApplicationAccepted(Message, frozen=True, tag="application_accepted"):
    """To the sender: its oldest unacknowledged application message was ordered and fanned out."""


class ParticipantGone(Message, frozen=True, tag="gone"):
    """To members: a participant's connection ended (advisory; membership is what MLS says)."""

    participant: bounds.ParticipantId


class MediaStarted(Message, frozen=True, tag="media_started"):
    """The engine's answer to `StartMedia`."""

    answer: MediaAnswer


class RoomCount(Message, frozen=True, tag="counted"):
    """To whoever asked: how many are in, none if there is no such room; the server closes."""

    members: bounds.Heads


class Refused(Message, frozen=True, tag="refused"):
    """To a joiner: a host said no."""

    why: bounds.WhyRefused = "no"


class Removed(Message, frozen=True, tag="removed"):
    """To a member: a Commit removed it; the server closes the connection."""


class ServerError(Message, frozen=True, tag="error"):
    """The server could not do what was asked; the connection closes if `fatal`."""

    code: bounds.Line
    message: bounds.Line
    fatal: bool = True


ServerMessage = (
    RoomOpened
    | KnockReceived
    | KnockWithdrawn
    | KnockWaiting
    | Welcomed
    | CommitAccepted
    | CommitRejected
    | CommitDelivered
    | ProposalDelivered
    | ApplicationDelivered
    | ApplicationAccepted
    | ChunkDelivered
    | ChunkAccepted
    | HeartbeatDelivered
    | ParticipantGone
    | MediaStarted
    | RoomNamed
    | NameTaken
    | PasscodeTried
    | PasscodeConfirmed
    | PasscodeGone
    | PasscodeReplied
    | PasscodeRefused
    | RoomCount
    | Refused
    | Removed
    | ServerError
)

_client: msgspec.msgpack.Decoder[ClientMessage] = msgspec.msgpack.Decoder(ClientMessage)
_server: msgspec.msgpack.Decoder[ServerMessage] = msgspec.msgpack.Decoder(ServerMessage)


def encode(message: ClientMessage | ServerMessage) -> bytes:
    """Return the msgpack bytes of a message."""
    return encode_message(message)


def decode_client(data: bytes) -> ClientMessage:
    """Decode what a client sent. Raises `WireError` on anything else."""
    return decode(_client, data, MAX_MESSAGE)


def decode_server(data: bytes) -> ServerMessage:
    """Decode what a server sent. Raises `WireError` on anything else."""
    return decode(_server, data, MAX_MESSAGE)
