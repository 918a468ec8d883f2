"""The messages between members: what MLS application messages decrypt to.

msgpack maps with a type tag, every field typed and bounded, padded. Pure: bytes in, values out.
No server ever sees one.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from e2ee.file_chunks import HASH_LENGTH, MAX_FILE
from rooms.bounds import FileId, ParticipantId
from rooms.errors import WireError
from rooms.messages import Message, decode, encode_message

MAX_CHAT = 3500
"""Longest chat message, characters."""
ChatText = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_CHAT)]
ID_LENGTH: Final = 8
ChatId = Annotated[bytes, msgspec.Meta(min_length=ID_LENGTH, max_length=ID_LENGTH)]
MAX_REACTION: Final = 16
"""Longest reaction, code points (so at most 64 bytes): an emoji is made of up to ten or so."""
ReactionText = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_REACTION)]
MAX_FILE_NAME: Final = 128
"""Longest name of a file, characters."""
FileName = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_FILE_NAME)]
FileHash = Annotated[bytes, msgspec.Meta(min_length=HASH_LENGTH, max_length=HASH_LENGTH)]


class Chat(Message, frozen=True, tag="chat"):
    """A line somebody wrote. `sent` is the writer's clock, milliseconds since 1970.

    `reply_to` is the id of the line it answers.
    """

    id: ChatId
    text: ChatText
    sent: Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
    reply_to: ChatId | None = None


class Reaction(Message, frozen=True, tag="reaction"):
    """What somebody thinks of a line; without `on`, thinks of it no more."""

    chat: ChatId
    emoji: ReactionText
    on: bool


class Presence(Message, frozen=True, tag="presence"):
    """What a member says of itself: on joining, on change, and when somebody joins.

    `participant` ties the server's id to this leaf; only believed for the sender's own leaf.
    `recording`: its client keeps what it hears, or passes it on. `bot`: a program sits there.
    """

    participant: ParticipantId
    muted: bool
    camera: bool
    recording: bool = False
    bot: bool = False


class Goodbye(Message, frozen=True, tag="goodbye"):
    """The member is leaving on purpose."""

    reason: Literal["left", "ended"] = "left"


class FileOffer(Message, frozen=True, tag="file"):
    """A file whose pieces come next, in messages of the server's own (`e2ee.file_chunks`).

    `first` is the hash of the first piece, and so of all; `key` opens them, with an epoch's.
    """

    id: FileId
    name: FileName
    size: Annotated[int, msgspec.Meta(ge=0, le=MAX_FILE)]
    first: FileHash
    key: FileHash

    def __repr__(self) -> str:
        return f"FileOffer(size={self.size}, <hidden>)"


MemberMessage = Chat | Reaction | FileOffer | Presence | Goodbye

_member: msgspec.msgpack.Decoder[MemberMessage] = msgspec.msgpack.Decoder(MemberMessage)

PADDING_SIZES = (256, 1024, 4096)
"""Application plaintexts are padded to one of these, so sizes do not tell what was written."""


def encode_member(message: MemberMessage) -> bytes:
    """Return the padded plaintext of an application message: u16 length, msgpack, zeros.

    Raises `WireError` if it is longer than the largest padding size.
    """
    body = encode_message(message)
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
    return decode(_member, plaintext[2 : 2 + length], PADDING_SIZES[-1])
