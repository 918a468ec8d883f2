"""The messages between client and server, and between members inside MLS application messages.

msgpack maps with a type tag, every field typed and bounded. Pure: bytes in, values out.
The server only ever sees the first two unions; the third is what `Application.message` decrypts to.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

import msgspec

from media.engine.ports import MediaAnswer, MediaOffer
from rooms.errors import WireError

T = TypeVar("T")

PROTOCOL_VERSION = 1
ROOM_EXISTS = "room.exists"
MAX_MESSAGE = 1 << 20
"""Largest WebSocket message either side accepts, bytes."""

RoomId = Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
ParticipantId = Annotated[int, msgspec.Meta(ge=1, le=0xFFFF_FFFF)]
Epoch = Annotated[int, msgspec.Meta(ge=0, le=0xFFFF_FFFF_FFFF)]
Leaf = Annotated[int, msgspec.Meta(ge=0, le=0xFFF)]
MAX_HANDSHAKE = 768 * 1024
"""Longest Commit, and longest Welcome, bytes; both of one message have to fit into it together."""
Handshake = Annotated[bytes, msgspec.Meta(min_length=1, max_length=MAX_HANDSHAKE)]
Sealed = Annotated[bytes, msgspec.Meta(min_length=1, max_length=16 * 1024)]
ApplicationBytes = Annotated[bytes, msgspec.Meta(min_length=1, max_length=16 * 1024)]
SealedHeartbeat = Annotated[bytes, msgspec.Meta(min_length=1, max_length=512)]
Line = Annotated[str, msgspec.Meta(max_length=512)]
RoomName = Annotated[str, msgspec.Meta(pattern=r"\A[a-z]{3,8}\Z")]
Share = Annotated[bytes, msgspec.Meta(min_length=65, max_length=65)]
Confirmation = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
PasscodeReply = Annotated[bytes, msgspec.Meta(min_length=1, max_length=1024)]
MAX_CHAT = 3500
"""Longest chat message, characters."""
ChatText = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_CHAT)]
ChatId = Annotated[bytes, msgspec.Meta(min_length=8, max_length=8)]


class _Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="t"):
    """Base of every message."""


# --- client -> server ---


class OpenRoom(_Message, frozen=True, tag="open"):
    """Create a room; the sender becomes its first member and keeps its door.

    `leaf` is the sender's own: not 0 when somebody opens a room again that the server lost.
    """

    room: RoomId
    version: int = PROTOCOL_VERSION
    leaf: Leaf = 0


class Knock(_Message, frozen=True, tag="knock"):
    """Ask to be let in. `sealed` opens only with the lobby key derived from the link secret."""

    room: RoomId
    sealed: Sealed
    version: int = PROTOCOL_VERSION


MAX_JOINERS = 64
"""Most knockers a Commit can let in, and most members it can put out."""
MAX_DOORKEEPERS = 16
"""Most numbers in one message that names them."""


class Joiner(_Message, frozen=True, tag="joiner"):
    """A knocking participant that a Commit lets in, and the leaf it gets.

    The leaf is in every frame's readable key id: the server forwards no frame of another one.
    """

    participant: ParticipantId
    leaf: Leaf


class WelcomeFor(_Message, frozen=True, tag="welcome_for"):
    """An MLS Welcome (MLSMessage bytes) and all it is for; each of them finds its own part in it.

    Sent once, however many they are: the server gives every one of them the same bytes.
    """

    welcome: Handshake
    joiners: Annotated[list[Joiner], msgspec.Meta(min_length=1, max_length=MAX_JOINERS)]


class SubmitCommit(_Message, frozen=True, tag="commit"):
    """A Commit on top of `epoch`, its Welcome and removals, all or nothing.

    From a doorkeeper, or less often and with less in it from any member.
    """

    epoch: Epoch
    commit: Handshake
    welcome: WelcomeFor | None = None
    removes: Annotated[list[ParticipantId], msgspec.Meta(max_length=MAX_JOINERS)] = []

    @property
    def joiners(self) -> list[Joiner]:
        """Those it lets in."""
        return self.welcome.joiners if self.welcome is not None else []


class NameDoorkeepers(_Message, frozen=True, tag="doorkeepers"):
    """From a doorkeeper: who else admits, refuses and commits from now on, and who no longer.

    Who opened the room is one as long as it is there. To the server this is no role, only the
    connections knocks go to. A number that still knocks counts from its Welcome on.
    """

    participants: Annotated[list[ParticipantId], msgspec.Meta(max_length=MAX_DOORKEEPERS)]
    dismissed: Annotated[list[ParticipantId], msgspec.Meta(max_length=MAX_DOORKEEPERS)] = []


class Refuse(_Message, frozen=True, tag="refuse"):
    """A doorkeeper refuses a knock."""

    participant: ParticipantId


class Propose(_Message, frozen=True, tag="propose"):
    """An MLS Proposal (MLSMessage bytes) for every member; a later Commit may name it."""

    message: ApplicationBytes


class SendApplication(_Message, frozen=True, tag="send_application"):
    """An MLS application message (MLSMessage bytes) for every member."""

    message: ApplicationBytes


class SendHeartbeat(_Message, frozen=True, tag="send_heartbeat"):
    """What the sender says of its epoch, sealed for those who have the link. Not acknowledged."""

    sealed: SealedHeartbeat


class StartMedia(_Message, frozen=True, tag="start_media"):
    """Offer this member's media transport."""

    offer: MediaOffer


class NameRoom(_Message, frozen=True, tag="name_room"):
    """From a member: tries of passcodes with this name are for the sender from now on.

    The sender's former name is free again. The server learns the name, never the words after it.
    """

    name: RoomName


class TryPasscode(_Message, frozen=True, tag="try_passcode"):
    """Begin to prove a passcode to whoever has the name; `share` is that of SPAKE2.

    The first message of a connection, and again in the place of a confirmation: another try.
    """

    name: RoomName
    share: Share
    version: int = PROTOCOL_VERSION


class ConfirmPasscode(_Message, frozen=True, tag="confirm_passcode"):
    """Prove the passcode, once the other side has."""

    confirmation: Confirmation


class ReplyPasscode(_Message, frozen=True, tag="reply_passcode"):
    """Answer a try: our share and confirmation; or a confirmation: the link, sealed."""

    attempt: ParticipantId
    reply: PasscodeReply


class RefusePasscode(_Message, frozen=True, tag="refuse_passcode"):
    """Answer no more of somebody's tries."""

    attempt: ParticipantId


class Leave(_Message, frozen=True, tag="leave"):
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
    | SendHeartbeat
    | StartMedia
    | Leave
)

# --- server -> client ---


class RoomOpened(_Message, frozen=True, tag="opened"):
    """The room exists now; `participant` is the sender's id in it."""

    participant: ParticipantId


class KnockReceived(_Message, frozen=True, tag="knocked"):
    """To doorkeepers, or to all members while there is none: somebody knocks."""

    participant: ParticipantId
    sealed: Sealed


class KnockWithdrawn(_Message, frozen=True, tag="knock_withdrawn"):
    """To whom the knock went: whoever knocked is gone, or another one decided."""

    participant: ParticipantId


class KnockWaiting(_Message, frozen=True, tag="waiting"):
    """To a joiner: the knock has reached the room; `participant` is the joiner's id."""

    participant: ParticipantId


class Welcomed(_Message, frozen=True, tag="welcomed"):
    """To a joiner: admitted."""

    welcome: Handshake


class CommitAccepted(_Message, frozen=True, tag="accepted"):
    """To the committer: the Commit won; the group is now in `epoch`."""

    epoch: Epoch


class CommitRejected(_Message, frozen=True, tag="rejected"):
    """To the committer: another Commit won, or this one may not be; the room is in `epoch`."""

    epoch: Epoch


class CommitDelivered(_Message, frozen=True, tag="commit_delivered"):
    """To the other members: the Commit that leads to `epoch`."""

    epoch: Epoch
    commit: Handshake


class ProposalDelivered(_Message, frozen=True, tag="proposal"):
    """To the other members, in the server's order: before any Commit that may name it."""

    message: ApplicationBytes


class ApplicationDelivered(_Message, frozen=True, tag="application"):
    """To the other members, in the server's order."""

    message: ApplicationBytes


class HeartbeatDelivered(_Message, frozen=True, tag="heartbeat"):
    """To the other members: what somebody says of its epoch."""

    sealed: SealedHeartbeat


class ApplicationAccepted(_Message, frozen=True, tag="application_accepted"):
    """To the sender: its oldest unacknowledged application message was ordered and fanned out."""


class ParticipantGone(_Message, frozen=True, tag="gone"):
    """To members: a participant's connection ended (advisory; membership is what MLS says)."""

    participant: ParticipantId


class MediaStarted(_Message, frozen=True, tag="media_started"):
    """The engine's answer to `StartMedia`."""

    answer: MediaAnswer


class RoomNamed(_Message, frozen=True, tag="room_named"):
    """To whoever named its room: tries with this name come to it now."""

    name: RoomName


class NameTaken(_Message, frozen=True, tag="name_taken"):
    """To whoever named its room: choose another name, this one is not free."""

    name: RoomName


class PasscodeTried(_Message, frozen=True, tag="passcode_tried"):
    """To whoever has a name: somebody tries a passcode, the first time or again."""

    attempt: ParticipantId
    share: Share


class PasscodeConfirmed(_Message, frozen=True, tag="passcode_confirmed"):
    """To whoever has a name: somebody who tries sent a confirmation."""

    attempt: ParticipantId
    confirmation: Confirmation


class PasscodeGone(_Message, frozen=True, tag="passcode_gone"):
    """To whoever has a name: somebody who tried is gone; the number is not given again."""

    attempt: ParticipantId


class PasscodeReplied(_Message, frozen=True, tag="passcode_replied"):
    """To whoever tries: what whoever has the name answers."""

    reply: PasscodeReply


class PasscodeRefused(_Message, frozen=True, tag="passcode_refused"):
    """To whoever tries: no more of it; the server closes the connection."""


class Refused(_Message, frozen=True, tag="refused"):
    """To a joiner: a host said no."""


class Removed(_Message, frozen=True, tag="removed"):
    """To a member: a Commit removed it; the server closes the connection."""


class ServerError(_Message, frozen=True, tag="error"):
    """The server could not do what was asked; the connection closes if `fatal`."""

    code: Line
    message: Line
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
    | Refused
    | Removed
    | ServerError
)

# --- member -> members, inside MLS application messages ---


class Chat(_Message, frozen=True, tag="chat"):
    """A line somebody wrote. `sent` is the writer's clock, milliseconds since 1970."""

    id: ChatId
    text: ChatText
    sent: Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]


class Presence(_Message, frozen=True, tag="presence"):
    """What a member says of itself: on joining, on change, and when somebody joins.

    `participant` ties the server's id to this leaf; only believed for the sender's own leaf.
    """

    participant: ParticipantId
    muted: bool
    camera: bool


class Goodbye(_Message, frozen=True, tag="goodbye"):
    """The member is leaving on purpose."""

    reason: Literal["left", "ended"] = "left"


MemberMessage = Chat | Presence | Goodbye

_client: msgspec.msgpack.Decoder[ClientMessage] = msgspec.msgpack.Decoder(ClientMessage)
_server: msgspec.msgpack.Decoder[ServerMessage] = msgspec.msgpack.Decoder(ServerMessage)
_member: msgspec.msgpack.Decoder[MemberMessage] = msgspec.msgpack.Decoder(MemberMessage)
_encoder = msgspec.msgpack.Encoder()

PADDING_SIZES = (256, 1024, 4096)
"""Application plaintexts are padded to one of these, so sizes do not tell what was written."""


def encode(message: ClientMessage | ServerMessage) -> bytes:
    """Return the msgpack bytes of a message."""
    return _encoder.encode(message)


def decode_client(data: bytes) -> ClientMessage:
    """Decode what a client sent. Raises `WireError` on anything else."""
    return _decode(_client, data, MAX_MESSAGE)


def decode_server(data: bytes) -> ServerMessage:
    """Decode what a server sent. Raises `WireError` on anything else."""
    return _decode(_server, data, MAX_MESSAGE)


def encode_member(message: MemberMessage) -> bytes:
    """Return the padded plaintext of an application message: u16 length, msgpack, zeros.

    Raises `WireError` if it is longer than the largest padding size.
    """
    body = _encoder.encode(message)
    for size in PADDING_SIZES:
        if len(body) + 2 <= size:
            return len(body).to_bytes(2, "big") + body + bytes(size - 2 - len(body))
    raise WireError("the message is too long to send", hint="split it into shorter lines")


def decode_member(plaintext: bytes) -> MemberMessage:
    """Decode the plaintext of an application message. Raises `WireError` on anything else."""
    if len(plaintext) not in PADDING_SIZES:
        raise WireError("an application message has no valid padding")
    length = int.from_bytes(plaintext[:2], "big")
    if length + 2 > len(plaintext) or any(plaintext[2 + length :]):
        raise WireError("an application message has no valid padding")
    return _decode(_member, plaintext[2 : 2 + length], PADDING_SIZES[-1])


def _decode(decoder: msgspec.msgpack.Decoder[T], data: bytes, limit: int) -> T:
    if len(data) > limit:
        raise WireError("a message is larger than the protocol allows")
    try:
        return decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise WireError("a message is not one this protocol knows") from error
