"""The messages between members: what MLS application messages decrypt to.

msgpack maps with a type tag, every field typed and bounded, padded. Pure: bytes in, values out.
No server ever sees one.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from rooms.bounds import ParticipantId
from rooms.errors import WireError
from rooms.wire import decode

MAX_CHAT = 3500
"""Longest chat message, characters."""
ChatText = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_CHAT)]
ChatId = Annotated[bytes, msgspec.Meta(min_length=8, max_length=8)]


class _Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="t"):
    """Base of every message."""


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

_member: msgspec.msgpack.Decoder[MemberMessage] = msgspec.msgpack.Decoder(MemberMessage)
_encoder = msgspec.msgpack.Encoder()

PADDING_SIZES = (256, 1024, 4096)
"""Application plaintexts are padded to one of these, so sizes do not tell what was written."""


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
    return decode(_member, plaintext[2 : 2 + length], PADDING_SIZES[-1])
