"""What all messages have in common, to the server and between members: maps with a type tag.

Every field is typed and bounded, and what is not known is refused. Pure: bytes in, values out.
"""

from __future__ import annotations

from typing import Final, TypeVar

import msgspec

from rooms.errors import OTHER_VERSION, WireError

PROTOCOL_VERSION: Final = 1
"""Of the messages to and from a server; the first one of a connection says it."""

T = TypeVar("T")


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="t"):
    """Base of every message."""


_encoder = msgspec.msgpack.Encoder()


def encode_message(message: Message) -> bytes:
    """Return the msgpack bytes of a message."""
    return _encoder.encode(message)


def decode(decoder: msgspec.msgpack.Decoder[T], data: bytes, limit: int) -> T:
    """Decode at most `limit` bytes. Raises `WireError`, never quoting what it got."""
    if len(data) > limit:
        raise WireError("a message is larger than the protocol allows")
    try:
        return decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise WireError("a message is not one this protocol knows", hint=OTHER_VERSION) from error
